from __future__ import annotations

from typing import Any

import pytest

from headroom.plugins.kubernetes.awaiting.outcome import BadWaitFor
from headroom.plugins.kubernetes.awaiting.verdict import Done, Line, Observed, Waiting
from headroom.plugins.kubernetes.awaiting.wait_for import rule_of
from headroom.plugins.kubernetes.client import Object
from tests.plugins.kubernetes.awaiting.states import condition, obj

CONFIG: Object = obj("v1", "ConfigMap", "c") | {"data": {"foo": "bar"}, "n": 2, "yes": True, "list": ["x"], "nothing": None}


def custom(*conditions: Object, **status: Any) -> Object:
    return obj("g.io/v1", "Widget", "w", generation=3, status={"conditions": list(conditions), **status})


@pytest.mark.parametrize(
    ("annotation", "lines"),
    [
        ("jsonpath={.data.foo}=bar", ["Found {.data.foo}=bar"]),
        ("jsonpath={.data.foo}", ["Found {.data.foo}"]),
        ("jsonpath={ $.n }=2", ["Found { $.n }=2"]),
        ("jsonpath={.yes}=true", ["Found {.yes}=true"]),
        ("jsonpath={.list}", ["Found {.list}"]),
        ("jsonpath={.nothing}", ["Found {.nothing}"]),
        ('["jsonpath={.data.foo}=bar", "jsonpath={.metadata.uid}"]', ["Found {.data.foo}=bar", "Found {.metadata.uid}"]),
    ],
)
def test_a_path_holds(annotation: str, lines: list[str]) -> None:
    assert rule_of(annotation).assess(Observed(CONFIG)) == Done(tuple(Line(line) for line in lines))


@pytest.mark.parametrize(
    ("annotation", "line"),
    [
        ("jsonpath={.data.foo}=nope", Line('Waiting for {.data.foo}=nope (found "bar")')),
        ("jsonpath={.data.x}", Line("{.data.x} selected nothing")),
        ("jsonpath={.list}=x", Line('"{.list}" has a non-primitive value, which never equals "x"', "warning")),
    ],
)
def test_a_path_does_not_hold(annotation: str, line: Line) -> None:
    assert rule_of(annotation).assess(Observed(CONFIG)) == Waiting((line,))


def test_of_several_expressions_all_must_hold() -> None:
    rule = rule_of('["jsonpath={.data.foo}=bar", "jsonpath={.data.x}"]')
    assert isinstance(rule.assess(Observed(CONFIG)), Waiting)


def test_a_path_with_a_filter_may_compare() -> None:
    live = custom(condition("Failed", "False"), condition("Complete", "True"))
    rule = rule_of('jsonpath={.status.conditions[?(@.type=="Complete")].status}=True')
    assert isinstance(rule.assess(Observed(live)), Done)


@pytest.mark.parametrize(
    ("annotation", "live", "expected"),
    [
        ("condition=Ready", custom(condition("Ready", "True")), Done()),
        ("condition=ready=true", custom(condition("Ready", "True")), Done()),
        ("condition=Ready=False", custom(condition("Ready", "False")), Done()),
        ("condition=Ready", custom(condition("Ready", "False")), Waiting((Line("Resource has condition Ready=False (want True)"),))),
        ("condition=Ready", custom(), Waiting()),
        ("condition=Ready", CONFIG, Waiting((Line("Has no .status.conditions", "warning"),))),
        (
            "condition=Ready",
            custom(condition("Ready", "True"), observedGeneration=2),
            Waiting((Line("Generation 2 is less than expected 3"),)),
        ),
    ],
)
def test_a_condition_holds_or_not(annotation: str, live: Object, expected: object) -> None:
    assert rule_of(annotation).assess(Observed(live)) == expected


def test_a_path_says_nothing_about_a_status_of_the_spec_before() -> None:
    assert rule_of("jsonpath={.status.x}=1").assess(Observed(custom(observedGeneration=2, x=1))) == Waiting()


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        ("nonsense", 'expected a "jsonpath=" or "condition=" prefix, got "nonsense"'),
        ("[1]", 'expected a "jsonpath=" or "condition=" prefix, got "[1]"'),
        ("[]", "at least one condition must be specified"),
        ("jsonpath={.data.foo=", "{.data.foo= requires a value"),
        ("jsonpath={.a}=b=c", 'format should be {.path}=value or {.path}, got "{.a}=b=c"'),
        ("jsonpath='{.a}'", "'{.a}' should omit shell quotes"),
        ("jsonpath=.a", ".a should be wrapped in brackets { ... }"),
        ("jsonpath={.a[]}", "parsing \"{.a[]}\": unexpected ']' at position 5"),
    ],
)
def test_a_bad_expression_is_refused(annotation: str, message: str) -> None:
    with pytest.raises(BadWaitFor) as refused:
        rule_of(annotation)
    assert message in str(refused.value)
