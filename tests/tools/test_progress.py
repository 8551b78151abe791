from __future__ import annotations

import io

import pytest
from rich.console import Console

from headroom.tools import golang, venvs
from headroom.tools.cache import Record
from headroom.tools.progress import Plain, Snapshot, about, duration, left, line, speed
from headroom.tools.terminal import picture


def snapshot(elapsed: float = 90, *, title: str = "lamp 1.4.2", done: bool = False) -> Snapshot:
    return Snapshot(title, "compiling example.org/bulb", elapsed, 370, left(elapsed, 370, [300]), 2, 11, done)


def test_a_machine_that_took_twice_as_long_is_expected_to_go_on_so() -> None:
    assert speed([Record("a", 200, 100, 900), Record("b", 20, 10, 400)]) == 2.0


def test_a_build_out_of_gos_cache_says_nothing_about_the_machine() -> None:
    assert speed([Record("a", 2, 100, 5)]) == 1.0


def test_the_time_left_counts_the_tools_to_come() -> None:
    assert left(30, 100, [60, 40]) == 170


def test_a_tool_that_takes_longer_than_expected_makes_the_others_longer_too() -> None:
    assert left(500, 100, [60, 40]) == 500


@pytest.mark.parametrize(("seconds", "text"), [(5.2, "0:05"), (750, "12:30"), (3723, "1:02:03")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(40, "under a minute"), (400, "about 7 min")])
def test_rough_durations(seconds: float, text: str) -> None:
    assert about(seconds) == text


def test_a_line_says_what_it_does_and_how_long_is_left() -> None:
    expected = "tools 2/11: lamp 1.4.2: compiling example.org/bulb, 1:30 of about 6:10; all done in about 10 min"
    assert line(snapshot()) == expected


def test_a_line_says_when_it_takes_longer_than_expected() -> None:
    assert "7:24, longer than the expected 6:10; what comes after it takes about 6 min" in line(snapshot(444))


def test_logs_get_a_line_for_each_start_and_end_and_every_half_minute() -> None:
    said: list[str] = []
    now = 0.0
    report = Plain(said.append, clock=lambda: now)
    for second in range(0, 65, 5):
        now = 100.0 + second
        report.show(snapshot(second))
    report.show(snapshot(65, done=True))
    report.show(snapshot(0, title="kettle 2.0.0"))

    assert [text.split(": ")[1:3] for text in said] == [
        ["lamp 1.4.2", "compiling example.org/bulb, 0:00 of about 6:10; all done in about 11 min"],
        ["lamp 1.4.2", "compiling example.org/bulb, 0:30 of about 6:10; all done in about 11 min"],
        ["lamp 1.4.2", "compiling example.org/bulb, 1:00 of about 6:10; all done in about 10 min"],
        ["lamp 1.4.2", "ready after 1:05"],
        ["kettle 2.0.0", "compiling example.org/bulb, 0:00 of about 6:10; all done in about 11 min"],
    ]


@pytest.mark.parametrize(
    ("output", "activity"),
    [
        ("go: downloading k8s.io/api v0.36.4", "downloading k8s.io/api"),
        ("k8s.io/api/core/v1", "compiling k8s.io/api/core/v1"),
        ("# k8s.io/api/core/v1", None),
        ("main.go:3:5: undefined: x", None),
        ("", None),
    ],
)
def test_what_go_says_in_few_words(output: str, activity: str | None) -> None:
    assert golang.activity(output) == activity


@pytest.mark.parametrize(
    ("output", "activity"),
    [
        (
            "  Downloading nvidia_pytriton-0.7.0-py3-none-manylinux_2_35_x86_64.whl (55.1 MB)",
            "downloading nvidia_pytriton-0.7.0-py3-none-manylinux_2_35_x86_64.whl",
        ),
        ("  Using cached numpy-1.26.4.whl (18.3 MB)", "downloading numpy-1.26.4.whl"),
        ("Installing collected packages: numpy", "installing wheels"),
        ("Collecting numpy==1.26.4", None),
    ],
)
def test_what_pip_says_in_few_words(output: str, activity: str | None) -> None:
    assert venvs.activity(output) == activity


def test_a_terminal_shows_the_tool_its_times_and_what_it_does() -> None:
    console = Console(width=100, file=io.StringIO(), record=True)

    console.print(picture(snapshot()))

    shown = console.export_text()
    assert "lamp 1.4.2 (2 of 11)" in shown
    assert "1:30 of about 6:10; all done in about 10 min\ncompiling example.org/bulb" in shown
