from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.paths import Step, covers, dotted, parse

WRITTEN = [
    (("metadata", "labels", "l"), "metadata.labels.l"),
    (("metadata", "annotations", "a.io/x"), 'metadata.annotations["a.io/x"]'),
    (("spec", "containers", 0, "image"), "spec.containers[0].image"),
    (("data", 'a"b'), 'data["a\\"b"]'),
]


@pytest.mark.parametrize(("path", "text"), WRITTEN)
def test_keys_that_are_no_plain_words_are_quoted(path: tuple[Step, ...], text: str) -> None:
    assert dotted(path) == text


@pytest.mark.parametrize(("path", "text"), WRITTEN)
def test_what_is_written_can_be_read(path: tuple[Step, ...], text: str) -> None:
    assert parse(text) == path


@pytest.mark.parametrize("path", ["spec.replicas", "spec.containers[1].env[0].name"])
def test_a_path_is_covered_by_itself_and_by_what_is_above(path: str) -> None:
    assert covers(parse(path), parse(path))
    assert covers(("spec",), parse(path))


def test_a_star_covers_every_position() -> None:
    assert covers(parse("spec.containers[*].image"), parse("spec.containers[3].image"))


@pytest.mark.parametrize("path", ["spec", "spec.containers[3].name", "status"])
def test_what_is_above_or_beside_is_not_covered(path: str) -> None:
    assert not covers(parse("spec.containers[*].image"), parse(path))
