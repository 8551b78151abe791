"""Each stack's desired objects, as a reviewer sees them change. `UPDATE_GOLDEN=1 pytest tests/desired/test_golden.py` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.desired.stacks import STACKS, desired

GOLDEN = Path(__file__).parent / "golden"


class _Dumper(yaml.CSafeDumper):
    """YAML for reading: no anchors, text of several lines as such."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.CSafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def _rendered(stack: str) -> str:
    return yaml.dump_all(desired(stack).objects, Dumper=_Dumper, sort_keys=False, explicit_start=True, width=160)


@pytest.mark.parametrize("stack", STACKS)
def test_a_stacks_desired_objects_are_its_golden(stack: str) -> None:
    golden = GOLDEN / f"{stack}.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(_rendered(stack))
    assert golden.read_text() == _rendered(stack)


@pytest.mark.parametrize("stack", STACKS)
def test_a_golden_is_what_is_applied(stack: str) -> None:
    """The same objects come back from the text: nothing in it depends on how YAML reads it."""
    assert list(yaml.load_all(_rendered(stack), Loader=yaml.CSafeLoader)) == list(desired(stack).objects)


def test_every_golden_belongs_to_a_stack() -> None:
    assert {path.stem for path in GOLDEN.glob("*.yaml")} == set(STACKS)
