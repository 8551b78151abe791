"""Riva's model store: what `download_and_deploy_ngc_models` leaves there, and which Triton models a server finds. `python -m …riva_store`.

A speech recognition pipeline is several Triton models and an ensemble over them; names as Riva's log shows them when it starts. Only the
acoustic model waits for the GPU, the other steps are quick.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

_RMIR = re.compile(r"^(?:[^/]+/){0,2}rmir_(?P<kind>asr|nlp)_(?P<name>[a-z0-9_]+?)(?:_(?P<variant>str|str_thr|ofl))?(?::\S+)?$")
_SECRETS = ("NGC_CLI_API_KEY", "MODEL_DEPLOY_KEY")
_ACOUSTIC = re.compile(r"^riva-.+-am-")
# Riva's model languages are written en-US.
_LANGUAGE = re.compile(r"_([a-z]{2})_([a-z]{2})$")

PUNCTUATION = ("riva-punctuation-en-US", "riva-trt-riva-punctuation-en-US-nn-bert-base-uncased")


class NoModels(Exception):
    """The store has nothing to serve."""


def models_of(artifact: str) -> tuple[str, ...]:
    """The Triton models that an artifact of NGC becomes, such as `nvidia/riva/rmir_asr_conformer_en_us_str:2.14.0`.

    Raises `ValueError` for one that is not known here.
    """
    match = _RMIR.match(artifact)
    if not match:
        raise ValueError(f"{artifact}: the simulator knows artifacts such as nvidia/riva/rmir_asr_conformer_en_us_str:2.14.0")
    if match["kind"] == "nlp":
        return PUNCTUATION
    mode = "offline" if match["variant"] == "ofl" else "streaming"
    name = _LANGUAGE.sub(lambda found: f"-{found[1]}-{found[2].upper()}", match["name"]).replace("_", "-") + f"-asr-{mode}"
    steps = ("feature-extractor", "endpointing", "ctc-decoder-cpu")
    return (name, f"riva-trt-{name}-am-{mode}", *(f"{name}-{step}-{mode}" for step in steps))


def found(store: Path) -> tuple[str, ...]:
    """The names of the store's models. Raises `NoModels`."""
    names = sorted(path.name for path in store.iterdir() if path.is_dir()) if store.is_dir() else []
    if not names:
        raise NoModels(f"no model in {store}: nothing was deployed there (download_and_deploy_ngc_models)")
    return tuple(names)


def acoustic(names: Sequence[str]) -> str:
    """The model that waits for the GPU. Raises `NoModels` for a store without speech recognition."""
    for name in names:
        if _ACOUSTIC.match(name):
            return name
    raise NoModels("no acoustic model among " + ", ".join(names))


def deploy(arguments: Sequence[str], store: Path) -> None:
    """What is there already stays, unless `-x` asks for it anew. Raises `ValueError` for what is wrong."""
    missing = [name for name in _SECRETS if not os.environ.get(name)]
    if missing:
        raise ValueError(f"{' and '.join(missing)} must be set")
    again = "-x" in arguments
    for artifact in (argument for argument in arguments if not argument.startswith("-")):
        for name in models_of(artifact):
            directory = store / name
            if directory.is_dir() and not again:
                print(f"{name} is there already", flush=True)
                continue
            (directory / "1").mkdir(parents=True, exist_ok=True)
            (directory / "config.pbtxt").write_text(f'name: "{name}"\n')
            print(f"{name} deployed", flush=True)


def main() -> int:
    try:
        deploy(sys.argv[1:], Path(os.environ.get("RIVA_MODEL_STORE", "/data/models")))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
