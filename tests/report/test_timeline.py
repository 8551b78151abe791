"""The recorded loop as a table and as a picture."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from headroom.report.timeline import Sample, plot, rows, table

CALM = Sample(0, 1, 4, 0, 0.3, 0.01, 0.2, 0.01, 1, 1, {"Running": 1})


def seconds(count: int) -> list[Sample]:
    return [replace(CALM, seconds=float(second)) for second in range(count)]


def shown(samples: list[Sample]) -> str:
    console = Console(width=200, file=StringIO())
    console.print(table(samples))
    return console.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]


def test_a_calm_stretch_has_one_line_in_ten_seconds() -> None:
    assert [sample.seconds for sample in rows(seconds(25))] == [0, 10, 20, 24]


def test_a_change_of_replicas_has_its_own_line() -> None:
    samples = seconds(10)
    samples[3] = replace(samples[3], desired=2)
    assert 3 in [sample.seconds for sample in rows(samples)]


def test_a_number_of_many_digits_is_written_shortly() -> None:
    assert "7.3e+08" in shown([replace(CALM, seen=725719018.52)])


def test_what_grows_within_replicas_has_a_column_where_it_is_watched() -> None:
    samples = [replace(CALM, inside=value) for value in (1, 3)]
    assert [column.header for column in table(samples, inside=True).columns][-1] == "inside"
    assert list(table(samples, inside=True).columns[-1].cells) == ["1", "3"]


def test_what_is_unknown_is_never_shown_as_zero() -> None:
    line = shown([replace(CALM, signal=None, seen=None, desired=None)]).splitlines()[1]
    assert len([cell for cell in line.split() if not cell.replace(".", "").isdigit()]) == 3


@pytest.mark.thorough
@pytest.mark.parametrize(
    "samples",
    [
        [CALM],
        seconds(30),
        [replace(sample, signal=None, target=None, seen=None, desired=None, ready=None, pods={}) for sample in seconds(30)],
    ],
    ids=["one sample", "calm", "nothing known"],
)
def test_a_picture_can_be_drawn_of_anything_recorded(samples: list[Sample], tmp_path: Path) -> None:
    plot(samples, tmp_path / "timeline.png", title="demo", unit="seconds")
    with Image.open(tmp_path / "timeline.png") as picture:
        assert picture.format == "PNG"
        assert picture.width > 1000


@pytest.mark.thorough
def test_a_picture_leaves_nothing_in_the_users_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    drawing = "import sys, pathlib; from headroom.report.timeline import compare; compare({}, pathlib.Path(sys.argv[1]), title='')"
    variables = {name: value for name, value in os.environ.items() if name != "MPLCONFIGDIR" and not name.startswith("XDG_")}
    subprocess.run([sys.executable, "-c", drawing, tmp_path / "picture.png"], env={**variables, "HOME": str(home)}, check=True)
    assert list(home.rglob("*")) == []


def test_pods_that_leave_are_drawn_apart_from_those_that_serve(tmp_path: Path) -> None:
    def colours(pods: dict[str, int]) -> set[tuple[int, ...]]:
        path = tmp_path / "timeline.png"
        plot([replace(sample, ready=2, pods=pods) for sample in seconds(30)], path, title="demo")
        with Image.open(path) as picture:
            counted: list[tuple[int, tuple[int, ...]]] = picture.convert("RGB").getcolors(1 << 24) or []  # pyright: ignore[reportAssignmentType]
        return {colour for count, colour in counted if count > 10_000}

    assert colours({"Running": 2}) != colours({"Running": 1, "Terminating": 1})
