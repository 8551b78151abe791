"""The whole report as a page."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from headroom.report.changes import Report, StackChanges
from headroom.report.page import html
from tests.report.sample import QUIET, SECRET, WHOLE, finding, step, workload

AT = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
_ALONE = {"meta", "br"}


class _Reader(HTMLParser):
    """Reads a page: its text, and whether every element that begins ends."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [tag, *(name for name, _ in attrs if name == "src")] if tag in ("script", "link", "img", "iframe") else []
        if tag not in _ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text.append(data.strip())


def read(report: Report) -> _Reader:
    reader = _Reader()
    reader.feed(html(report, AT))
    return reader


def said(report: Report) -> str:
    return " ".join(filter(None, read(report).text))


@pytest.fixture(scope="module")
def page() -> _Reader:
    return read(WHOLE)


def test_every_element_ends(page: _Reader) -> None:
    assert page.open == []


def test_a_violation_is_at_its_line_of_the_stack_file(page: _Reader) -> None:
    assert any("stacks/Pulumi.prod.yaml:9" in text for text in page.text)


def test_nothing_is_fetched_and_no_script_runs(page: _Reader) -> None:
    assert page.fetched == []


@pytest.mark.parametrize(
    "part",
    [
        "Preview of 3 stacks",
        "at 0123456789 · 2026-11-21 16:00 UTC",
        "1 resource that holds state is replaced.",
        "replaced PersistentVolumeClaim chat/llama-8b-cache, because of spec.storageClassName . It is protected",
        "max replicas 6 → 10",
        "up to 6 x g6.2xlarge and 10 x g6e.2xlarge",
        "stacks/Pulumi.prod.yaml:14",
        "no NetworkPolicy selects its pods",
        "$730 to $4,380 → $1,460 to $14,600",
        "now $2,190",
        "- spec.maxReplicas: 6 + spec.maxReplicas: 10",
        "error: the kubeconfig names no cluster",
        "No change, no error and no warning in dev.",
    ],
)
def test_it_says_all_that_the_comment_says(page: _Reader, part: str) -> None:
    assert part in " ".join(filter(None, page.text))


def test_text_of_others_is_text() -> None:
    hostile = "</td><script>alert(1)</script>"
    reader = read(Report("preview", (StackChanges("prod", findings=(finding(message=hostile),), problem=hostile),)))
    assert (reader.open, reader.fetched) == ([], [])
    assert hostile in reader.text


def test_no_secret_is_in_it() -> None:
    leaky = StackChanges("prod", (step(workload(), workload(args=[f"--api-key={SECRET}"])),), problem=f"login with {SECRET} failed")
    assert SECRET not in html(Report("preview", (leaky,)), AT)


def test_stacks_of_which_there_is_nothing_to_say_are_one_line() -> None:
    told = said(Report("preview", (QUIET,)))
    assert "No change, no error and no warning in dev." in told
    assert "property by property" not in told
