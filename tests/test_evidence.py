"""The page that says what proof each feature has claims only what a test in the repository proves."""

from __future__ import annotations

import re

from tests import evidence
from tests.evidence import Proof, Seen


def scales(proof: Proof, *, passed: bool = True, needs: str = "") -> Seen:
    return Seen("scales", proof.value, passed, needs)


def test_the_page_names_only_tests_that_exist() -> None:
    claimed = set(re.findall(r"`(tests/[^`]+)`", evidence.PAGE.read_text()))
    assert [test for test in claimed if not evidence.is_there(test)] == []


def test_a_feature_has_the_strongest_proof_that_passed() -> None:
    page = evidence.page(
        {
            "tests/a.py::test_schema": scales(Proof.SCHEMA),
            "tests/a.py::test_simulated": scales(Proof.SIMULATOR),
            "tests/a.py::test_real": scales(Proof.REAL, passed=False),
        }
    )
    assert "| scales | simulator | `tests/a.py::test_simulated` |" in page


def test_a_proof_of_which_one_case_failed_is_none() -> None:
    page = evidence.page(
        {"tests/a.py::test_real[hpa]": scales(Proof.REAL), "tests/a.py::test_real[keda]": scales(Proof.REAL, passed=False)}
    )
    assert "| scales |" not in page


def test_a_test_of_several_cases_tells_how_many() -> None:
    page = evidence.page({f"tests/a.py::test_real[{case}]": scales(Proof.REAL) for case in ("hpa", "keda")})
    assert "| scales | real parts | `tests/a.py::test_real`, 2 cases |" in page


def test_several_tests_are_told_by_their_files() -> None:
    tests = ("tests/a.py::test_up", "tests/a.py::test_down[hpa]", "tests/b.py::test_it")
    page = evidence.page({test: scales(Proof.REAL) for test in tests})
    assert "| scales | real parts | `tests/a.py`: 2 tests, `tests/b.py`: 1 tests |" in page


def test_what_make_test_does_not_bring_is_told() -> None:
    page = evidence.page({"tests/a.py::test_real": scales(Proof.REAL, needs="a cluster")})
    assert "| scales | real parts, with a cluster | `tests/a.py::test_real` |" in page
