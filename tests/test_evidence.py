"""The page that says what proof each feature has claims only what a test in the repository proves."""

import re

from tests import evidence


def test_the_page_names_only_tests_that_exist() -> None:
    claimed = set(re.findall(r"`(tests/[^`]+)`", evidence.PAGE.read_text()))
    missing = [test for test in claimed if not _exists(test)]
    assert not missing


def test_a_feature_has_the_strongest_proof_that_passed() -> None:
    page = evidence.page(
        {
            "tests/a.py::test_schema": ("scales", evidence.Proof.SCHEMA.value, True),
            "tests/a.py::test_simulated": ("scales", evidence.Proof.SIMULATOR.value, True),
            "tests/a.py::test_real": ("scales", evidence.Proof.REAL.value, False),
        }
    )
    assert "| scales | simulator | `tests/a.py::test_simulated` |" in page


def test_a_feature_that_nothing_proves_has_no_line() -> None:
    page = evidence.page({"tests/a.py::test_real": ("scales", evidence.Proof.REAL.value, False)})
    assert "| scales |" not in page


def _exists(test: str) -> bool:
    path, _, name = test.partition("::")
    file = evidence.ROOT / path
    return file.is_file() and f"def {name.rpartition('::')[2].partition('[')[0]}(" in file.read_text()
