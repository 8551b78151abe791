"""The `config.pbtxt` of Kaldi's model: what its backend checks when it loads, and the numbers that show from outside.

Source: NVIDIA/DeepLearningExamples Kaldi/SpeechRecognition kaldi-asr-backend/triton-kaldi-backend.cc.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom.sandbox.engines.pbtxt import Malformed, parse

MODEL = "kaldi_online"
_CONTROLS = frozenset({"START", "READY", "END", "CORRID"})
OUTPUTS = ("RAW_LATTICE", "TEXT", "CTM")
_TENSORS = {"input": ("WAV_DATA", "WAV_DATA_DIM"), "output": OUTPUTS}
_FILES = ("nnet3_rxfilename", "fst_rxfilename", "word_syms_rxfilename", "config_filename")
# The batcher's own, where the configuration has none.
_IDLE_MICROSECONDS = 1_000_000


class Wrong(Exception):
    """The model cannot be loaded; the message says why."""


@dataclass(frozen=True)
class Config:
    """`samples` of a chunk, `idle` in seconds, `channels` of the decoder: a sequence that finds none free is refused."""

    samples: int
    largest_batch: int
    candidates: int
    channels: int
    idle: float


def load(repository: Path) -> Config:
    """Of the repository's model. Raises `Wrong`."""
    try:
        text = (repository / MODEL / "config.pbtxt").read_text()
    except FileNotFoundError:
        raise Wrong(f"no {MODEL}/config.pbtxt in {repository}") from None
    try:
        config = read(text)
    except Malformed as error:
        raise Wrong(f"Error parsing text-format inference.ModelConfig: {error}") from None
    parameters = _parameters(parse(text))
    for name in _FILES:
        if not Path(parameters.get(name) or "").is_file():
            raise Wrong(f"{name}: no file {parameters.get(name) or 'is named'}: was the model's data prepared?")
    return config


def read(text: str) -> Config:
    """Raises `Wrong`, and `pbtxt.Malformed` for what is no message."""
    message = parse(text)
    batching = _one(message, "sequence_batching", "model configuration must configure sequence batcher")
    controls = {_one(entry, "name", "a control input has no name") for entry in batching.get("control_input", [])}
    if not controls >= _CONTROLS:
        raise Wrong("missing control input names in the model configuration")
    policy = _one(message, "model_transaction_policy", "model configuration must specify a transaction policy")
    if policy.get("decoupled") != [True]:
        raise Wrong("model configuration must use decoupled transaction policy")
    for kind, expected in _TENSORS.items():
        names = tuple(_one(entry, "name", f"an {kind} has no name") for entry in message.get(kind, []))
        if names != expected:
            raise Wrong(f"expected {kind}s {', '.join(expected)}, got {', '.join(names) or 'none'}")
    oldest = _one(batching, "oldest", "the strategy of the sequence batcher must be oldest")
    candidates = _one(oldest, "max_candidate_sequences", "max_candidate_sequences is missing")
    channels = _parameters(message).get("num_channels")
    return Config(
        samples=message["input"][0]["dims"][0],
        largest_batch=message.get("max_batch_size", [0])[0] or 1,
        candidates=candidates,
        channels=int(channels) if channels else candidates,
        idle=batching.get("max_sequence_idle_microseconds", [_IDLE_MICROSECONDS])[0] / 1e6,
    )


def _one(message: dict[str, list[Any]], name: str, missing: str) -> Any:
    if not message.get(name):
        raise Wrong(missing)
    return message[name][0]


def _parameters(message: dict[str, list[Any]]) -> dict[str, str]:
    return {entry["key"][0]: str(entry["value"][0]["string_value"][0]) for entry in message.get("parameters", [])}
