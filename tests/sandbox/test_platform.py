"""What the platform's tasks take from the operator."""

from __future__ import annotations

import pytest

from headroom.sandbox.errors import SandboxError
from headroom.sandbox.platform import KINDS, definitions


def printed(*kinds: str) -> str:
    return "".join(
        f"---\nkind: CustomResourceDefinition\nmetadata:\n  name: {kind}.monitoring.coreos.com\nspec:\n  default: =\n" for kind in kinds
    )


def test_the_definitions_that_stacks_need_are_taken_as_they_are_printed() -> None:
    taken = definitions(printed(*KINDS, "thanosrulers"))
    assert [path.rpartition("/")[2].partition(".")[0] for path in taken] == list(KINDS)
    assert all("default: =" in document for document in taken.values())


def test_a_definition_that_the_operator_no_longer_prints_is_named() -> None:
    with pytest.raises(SandboxError, match="podmonitors"):
        definitions(printed("prometheuses"))
