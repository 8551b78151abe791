"""The page about pods in the sandbox is what the tables say."""

from __future__ import annotations

from headroom.paths import Clone
from headroom.sandbox.kubelet.reference import page, path


def test_the_page_is_fresh() -> None:
    assert path(Clone.find()).read_text() == page(), "run: python -m headroom.sandbox.kubelet.reference"
