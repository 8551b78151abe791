"""Kaldi's one model: its configuration for Triton, and how its files come to their place.

Values are those of model-repo/kaldi_online/config.pbtxt, with the streams stated once: the decoder has as many channels as the batcher has
candidates, for a sequence that finds no channel is an error to its client.
"""

from __future__ import annotations

ARCHIVE = "https://github.com/ryanleary/kaldi-test/releases/download/v0.0/LibriSpeech-trained.tgz"

_FILES = "$cache/models/LibriSpeech"

_PART = f"{_FILES}.part"

# A model that somebody put there is left as it is: a cluster may have no way to the archive. One that was fetched says from where, and is
# fetched anew when that changes. It comes to its place whole, so that what a Job left half done is not taken for a model.
# The archive's configuration files name a directory that no container has.
PREPARATION = f"""\
set -eo pipefail
if [ -e {_FILES}/final.mdl ] && [ -e {_FILES}/HCLG.fst ]; then
  if [ ! -e {_FILES}/.archive ]; then echo "{_FILES} has a model that was not fetched: it is left as it is"; exit 0; fi
  if grep -qxF '$archive' {_FILES}/.archive; then echo "{_FILES} is complete: nothing to do"; exit 0; fi
fi
rm -rf {_PART}
mkdir -p {_PART}
cd {_PART}
wget -O- '$archive' | tar -xzf -
find conf -name '*.conf' -exec sed -i 's@workspace@$cache@' {{}} +
echo '$archive' > .archive
rm -rf {_FILES}
mv {_PART} {_FILES}
"""

_PARAMETERS = {
    "config_filename": f"{_FILES}/conf/online.conf",
    "nnet3_rxfilename": f"{_FILES}/final.mdl",
    "fst_rxfilename": f"{_FILES}/HCLG.fst",
    "word_syms_rxfilename": f"{_FILES}/words.txt",
    "beam": "10",
    "lattice_beam": "7",
    "max_active": "10000",
    "frame_subsampling_factor": "3",
    "acoustic_scale": "1.0",
    "num_channels": "$streams",
    "num_worker_threads": "$workers",
    "main_q_capacity": "30000",
    "aux_q_capacity": "400000",
    "use_tensor_cores": "1",
}
_CONTROLS = {"START": "CONTROL_SEQUENCE_START", "READY": "CONTROL_SEQUENCE_READY", "END": "CONTROL_SEQUENCE_END"}


def _parameter(key: str, value: str) -> str:
    return f'parameters {{ key: "{key}" value {{ string_value: "{value}" }} }}'


def _control(name: str, kind: str) -> str:
    return f'  control_input {{ name: "{name}" control {{ kind: {kind} int32_false_true: [ 0, 1 ] }} }}'


def _tensor(role: str, name: str, kind: str, size: str) -> str:
    return f'{role} {{ name: "{name}" data_type: {kind} dims: [ {size} ] }}'


CONFIGURATION = "\n".join(
    [
        'name: "kaldi_online"',
        'backend: "kaldi"',
        "max_batch_size: $batch",
        "model_transaction_policy { decoupled: true }",
        *(_parameter(key, value) for key, value in _PARAMETERS.items()),
        "sequence_batching {",
        "  max_sequence_idle_microseconds: 5000000",
        *(_control(name, kind) for name, kind in _CONTROLS.items()),
        '  control_input { name: "CORRID" control { kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_UINT64 } }',
        "  oldest {",
        "    max_candidate_sequences: $streams",
        "    preferred_batch_size: [ $batch ]",
        "    max_queue_delay_microseconds: 1000",
        "  }",
        "}",
        _tensor("input", "WAV_DATA", "TYPE_FP32", "$samples"),
        _tensor("input", "WAV_DATA_DIM", "TYPE_INT32", "1"),
        *(_tensor("output", name, "TYPE_STRING", "1") for name in ("RAW_LATTICE", "TEXT", "CTM")),
        # Instances do not share the model or the decoder's memory.
        "instance_group { count: 1 kind: KIND_GPU }",
        "",
    ]
)
