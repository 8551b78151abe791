"""The Prometheus text format, written and read back."""

from __future__ import annotations

from headroom.sandbox.engines.exposition import Family, read, written

FAMILY = Family("requests", "counter", "All of them", (({"model": "a", "reason": 'say "x"\\\n'}, 3.0), ({}, 0.25)))
TEXT = '# HELP requests All of them\n# TYPE requests counter\nrequests{model="a",reason="say \\"x\\"\\\\\\n"} 3\nrequests 0.25\n'


def test_a_family_is_written_with_its_help_type_and_series() -> None:
    assert written([FAMILY]) == TEXT


def test_what_was_written_has_the_same_names_types_and_values_when_read() -> None:
    found = read(TEXT)["requests"]
    assert (found.type, found.help, [value for _, value in found.samples]) == ("counter", "All of them", [3.0, 0.25])
    assert list(found.samples[0][0]) == ["model", "reason"]
