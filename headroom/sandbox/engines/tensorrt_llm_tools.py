"""Simulators of the commands beside `tritonserver` in a `-trtllm-python-py3` image: `python -m …engines.tensorrt_llm_tools COMMAND …`.

They take the arguments of the real ones as far as a preparation needs them, and leave files of the real ones' names: small ones. Nothing is
downloaded, converted or built. Sources: NVIDIA/TensorRT-LLM examples/**/convert_checkpoint.py, docs commands/trtllm-build.md,
triton_backend/tools/fill_template.py; huggingface_hub `download`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from string import Template

BUILD_SECONDS = "SANDBOX_BUILD_TIME"
_FIELD = re.compile(r"(?<!\\),")


def download(arguments: Sequence[str]) -> int:
    """`huggingface-cli download MODEL --local-dir DIRECTORY`, with `HF_TOKEN` in the environment where the model is gated."""
    parser = argparse.ArgumentParser(prog="huggingface-cli")
    parser.add_argument("command", choices=["download"])
    parser.add_argument("model")
    parser.add_argument("--local-dir", type=Path, required=True)
    options = parser.parse_args(arguments)
    if options.model.startswith("meta-llama/") and not os.environ.get("HF_TOKEN"):
        print(f"GatedRepoError: Access to model {options.model} is restricted: set HF_TOKEN.", file=sys.stderr)
        return 1
    _write(options.local_dir / "config.json", {"_name_or_path": options.model})
    _write(options.local_dir / "tokenizer_config.json", {})
    return 0


def convert(arguments: Sequence[str]) -> int:
    """`convert_checkpoint.py`."""
    parser = argparse.ArgumentParser(prog="convert_checkpoint.py")
    parser.add_argument("--model_dir", type=Path, required=True)
    parser.add_argument("--output_dir", type=Path, required=True)
    parser.add_argument("--dtype", choices=["auto", "float16", "bfloat16", "float32"], default="auto")
    parser.add_argument("--tp_size", type=int, default=1)
    parser.add_argument("--pp_size", type=int, default=1)
    options = parser.parse_args(arguments)
    if not (options.model_dir / "config.json").is_file():
        print(f"OSError: {options.model_dir} does not appear to have a file named config.json", file=sys.stderr)
        return 1
    ranks = options.tp_size * options.pp_size
    mapping = {"world_size": ranks, "tp_size": options.tp_size, "pp_size": options.pp_size}
    _write(options.output_dir / "config.json", {"dtype": options.dtype, "mapping": mapping})
    for rank in range(ranks):
        (options.output_dir / f"rank{rank}.safetensors").write_bytes(b"")
    return 0


def build(arguments: Sequence[str]) -> int:
    """`trtllm-build`: it takes as long as the variable `SANDBOX_BUILD_TIME` says, in seconds."""
    parser = argparse.ArgumentParser(prog="trtllm-build")
    parser.add_argument("--checkpoint_dir", type=Path, required=True)
    parser.add_argument("--output_dir", type=Path, required=True)
    parser.add_argument("--max_batch_size", type=int, default=2048)
    for option in ("max_input_len", "max_seq_len", "max_num_tokens", "gemm_plugin", "kv_cache_type", "use_paged_context_fmha"):
        parser.add_argument(f"--{option}")
    options = parser.parse_args(arguments)
    checkpoint = json.loads((options.checkpoint_dir / "config.json").read_text())
    time.sleep(float(os.environ.get(BUILD_SECONDS, "1")))
    for rank in range(checkpoint["mapping"]["world_size"]):
        _write(options.output_dir / f"rank{rank}.engine", {"of": "the sandbox"})
    _write(
        options.output_dir / "config.json", {"pretrained_config": checkpoint, "build_config": {"max_batch_size": options.max_batch_size}}
    )
    print(f"simulator of trtllm-build: {checkpoint['mapping']['world_size']} engine file(s) in {options.output_dir}", flush=True)
    return 0


def fill(arguments: Sequence[str]) -> int:
    """`fill_template.py -i FILE name:value,…`: an escaped comma belongs to a value."""
    parser = argparse.ArgumentParser(prog="fill_template.py")
    parser.add_argument("--in_place", "-i", action="store_true")
    parser.add_argument("file", type=Path)
    parser.add_argument("substitutions")
    options = parser.parse_args(arguments)
    values = {name: value.replace("\\,", ",") for name, _, value in (part.partition(":") for part in _FIELD.split(options.substitutions))}
    text = Template(options.file.read_text()).safe_substitute(values)
    if options.in_place:
        options.file.write_text(text)
    else:
        print(text)
    return 0


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "huggingface-cli": download,
    "convert_checkpoint.py": convert,
    "trtllm-build": build,
    "fill_template.py": fill,
}


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


if __name__ == "__main__":
    sys.exit(COMMANDS[sys.argv[1]](sys.argv[2:]))
