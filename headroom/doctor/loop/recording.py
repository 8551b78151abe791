"""Within Prometheus: the rules are loaded and evaluated, and what they record is there with its labels."""

from __future__ import annotations

from math import isfinite
from typing import Any

from headroom.catalog.names import ASKED, POD_LABEL
from headroom.desired.binding import BoundSignal
from headroom.desired.objects import number
from headroom.doctor.loop.links import Broken, CannotTell, Told
from headroom.doctor.loop.looking import RULES, Look, names
from headroom.doctor.loop.prometheus import NotOffered
from headroom.doctor.loop.scraping import DISCOVERY_SECONDS

_FIRST = 6
"""Intervals until a new pod has a recorded series: three scrapes, a rate, and the evaluation after them."""


def rule(look: Look) -> Told:
    """The server's recording rules, in the cluster, in Prometheus, and evaluated without an error."""
    server = look.server
    found = look.object(RULES)
    if found is None:
        raise Broken(f"there is no PrometheusRule {server.place}", server.again)
    wanted = {item["record"]: item["expr"] for item in server.rule_group["rules"]}
    written = {
        item["record"]: item["expr"] for group in found["spec"].get("groups") or () for item in group.get("rules") or () if "record" in item
    }
    for record, expression in wanted.items():
        if record not in written:
            raise Broken(f"PrometheusRule {server.place} has no rule for {record}", server.again)
        if written[record] != expression:
            raise Broken(f"PrometheusRule {server.place} records {record} by another expression than the stack's", server.again)
    name = server.rule_group["name"]
    try:
        groups = look.prometheus.get("/api/v1/rules", type="record", **{"rule_group[]": name})["groups"]
    except NotOffered:
        raise CannotTell(
            f"what answers at Service {look.prometheus.service} does not tell its rules", "look at the rules where they are evaluated"
        ) from None
    own = [item for group in groups if group["name"] == name for item in group["rules"]]
    if not own:
        raise Broken(
            f"Prometheus has not loaded the group {name} of PrometheusRule {server.place}",
            "see whether its ruleSelector and ruleNamespaceSelector take the object, and the log of prometheus-operator",
        )
    ages = [_evaluated(look, record, own) for record in wanted]
    return Told(f"{len(ages)} rules of the group {name} are evaluated", max(ages))


def series(look: Look) -> Told:
    """What the autoscaler is to read: one element per signal, fresh."""
    server = look.server
    if look.asleep:
        asked, age = _one(look, ASKED)
        return Told(f"{ASKED} is {number(asked)}: {'somebody asks' if asked else 'nobody asks'}", age)
    pods = look.settled(DISCOVERY_SECONDS + _FIRST * server.interval, "the first recorded sample")
    told, ages = [], []
    for bound in server.signals:
        value, age = _one(look, bound.server.record)
        measured = {element.labels.get(POD_LABEL) for element in look.prometheus.query(_selector(look, bound.pod.record))}
        left_out = [pod for pod in pods if pod["metadata"]["name"] not in measured]
        if left_out:
            raise Broken(f"{bound.pod.record} has nothing of {names(left_out)}", _rule_fix(look))
        told.append(f"{bound.server.record} is {shown(bound, value)}")
        ages.append(age)
    return Told("; ".join(told), max(ages))


def shown(bound: BoundSignal, value: float) -> str:
    """A value of a signal for people."""
    unit = {"seconds": " s", "ratio": "", "requests": ""}.get(str(bound.signal.unit), "")
    return f"{value:.3g}{unit}"


def _evaluated(look: Look, record: str, own: list[Any]) -> float:
    """How many seconds ago a rule was evaluated."""
    found = next((item for item in own if item["name"] == record), None)
    if found is None:
        raise Broken(f"Prometheus has not loaded the rule for {record}", look.server.again)
    if found.get("health") == "err":
        raise Broken(f"the rule for {record} fails: {found.get('lastError')}", "see the page Rules of Prometheus")
    age = look.prometheus.age(found["lastEvaluation"])
    if found.get("health") != "ok" or age > 1e9:
        raise CannotTell(f"the rule for {record} was not evaluated yet", f"look again in {look.server.interval:.0f} s")
    if age > look.server.freshness + DISCOVERY_SECONDS:
        raise Broken(f"the rule for {record} was last evaluated {age:.0f} s ago", "see the load and the log of Prometheus", age)
    return age


def _one(look: Look, record: str) -> tuple[float, float]:
    """The one element of a server's series, and its age in seconds."""
    found = look.prometheus.query(_selector(look, record))
    if not found:
        raise Broken(f"{_selector(look, record)} has no element: the rule finds nothing to record", _rule_fix(look))
    if not isfinite(found[0].value):
        raise Broken(f"{_selector(look, record)} is {found[0].value}, which no autoscaler can hold at a target", _rule_fix(look))
    if len(found) > 1:
        raise Broken(f"{_selector(look, record)} has {len(found)} elements, and an autoscaler needs one", _rule_fix(look))
    ages = look.prometheus.query(f"time() - timestamp({_selector(look, record)})")
    age = ages[0].value if ages else 0.0
    if age > look.server.freshness:
        raise Broken(f"{record} ended {age:.0f} s ago", _rule_fix(look), age)
    return found[0].value, age


def _selector(look: Look, record: str) -> str:
    return f'{record}{{namespace="{look.server.namespace}", server="{look.server.name}"}}'


def _rule_fix(look: Look) -> str:
    return (
        f"ask Prometheus the rule's expression, piece by piece; just after a restart of it or of the pods, look again in "
        f"{DISCOVERY_SECONDS + _FIRST * look.server.interval:.0f} s"
    )
