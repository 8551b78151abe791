"""What prometheus-adapter makes of its rules: which series it discovers, the names it gives them, the query it sends.

Source: kubernetes-sigs/prometheus-adapter docs/config.md and pkg/naming.
"""

from __future__ import annotations

import re

from headroom.wiring import promql
from headroom.wiring.facts import AdapterRule
from headroom.wiring.selectors import LabelSelector, Verdict, both
from headroom.wiring.values import Unknown

_GO_GROUP = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_TEMPLATE_FIELDS = re.compile(r"<<\s*\.(Series|LabelMatchers|GroupBy)\s*>>")


def named_series(rule: AdapterRule) -> str | None:
    """The one series that a rule names exactly."""
    selector = _selector(rule)
    return None if isinstance(selector, Unknown) else promql.series_name(selector)


def takes(rule: AdapterRule, series: str) -> Verdict:
    """Whether the rule's seriesQuery and filters take a series of that name."""
    selector = _selector(rule)
    if isinstance(selector, Unknown):
        return selector
    if selector.name and selector.name != series:
        return False
    names = [(op, wanted) for label, op, wanted in promql.matchers(selector) if label == "__name__"]
    return both([*(_accepts(op, wanted, series) for op, wanted in names), _passes(rule, series)])


def required_labels(rule: AdapterRule) -> frozenset[str]:
    """Labels that a series must have for the rule to discover it."""
    return frozenset(label for label, op, wanted in _label_matchers(rule) if op == "!=" and not wanted)


def takes_namespace(rule: AdapterRule, namespace: str) -> Verdict:
    """Whether the seriesQuery takes series of a namespace; an empty one is not known."""
    if not namespace:
        return True
    label = label_of(rule, "namespace") or "namespace"
    return both([_accepts(op, wanted, namespace) for name, op, wanted in _label_matchers(rule) if name == label])


def metric_name(rule: AdapterRule, series: str) -> str | Unknown | None:
    """The name under which the metrics API offers a series; None where `name.matches` does not take it."""
    pattern = _compiled(rule)
    if isinstance(pattern, Unknown):
        return pattern
    match = pattern.search(series)
    if match is None:
        return None
    template = _template(rule, pattern)
    return template if isinstance(template, Unknown) else _GO_GROUP.sub(lambda group: _group(match, group[1] or group[2]), template)


def series_for(rule: AdapterRule, metric: str) -> str | Unknown | None:
    """The series from which the rule would make this metric: its name read backwards. None where the rule never yields it."""
    pattern = _compiled(rule)
    if isinstance(pattern, Unknown):
        return pattern
    template = _template(rule, pattern)
    if isinstance(template, Unknown):
        return template
    captured = re.fullmatch(_template_as_pattern(template), metric)
    if captured is None:
        return None
    guess = named_series(rule) or (_fill(pattern.pattern, captured.groups()) if rule.name_matches else metric)
    if guess is not None and metric_name(rule, guess) == metric and takes(rule, guess) is not False:
        return guess
    if guess is not None and captured.groups():
        return None
    return Unknown(f"which series its pattern finds for {metric} is known only to Prometheus")


def label_of(rule: AdapterRule, resource: str) -> str | None:
    """The Prometheus label that holds the name of a Kubernetes resource (singular, lower case)."""
    for label, mapped in rule.overrides.items():
        if _singular(mapped) == _singular(resource):
            return label
    return re.sub(r"<<\s*\.Resource\s*>>", resource, rule.template) if rule.template else None


def query(
    rule: AdapterRule, series: str, group_by: str, namespace: str, objects: str = ".+", selector: LabelSelector | None = None
) -> str | Unknown:
    """The PromQL that the adapter sends for one metric of the objects whose names match, with the matchers of the metric's own selector."""
    namespace_label = label_of(rule, "namespace")
    matchers = [f'{namespace_label}="{namespace}"' if namespace else f'{namespace_label}=~".+"'] if namespace_label else []
    matchers += [f'{group_by}=~"{objects}"'] if group_by not in ("", namespace_label) else []
    matchers += [
        f'{requirement.key}="{requirement.values[0]}"'
        for requirement in (selector.requirements if selector else ())
        if requirement.operator == "In" and len(requirement.values) == 1 and isinstance(requirement.values[0], str)
    ]
    fields = {"Series": series, "LabelMatchers": ",".join(matchers), "GroupBy": group_by}
    text = _TEMPLATE_FIELDS.sub(lambda field: fields[field[1]], rule.metrics_query)
    return Unknown("the metricsQuery uses more of the template language than can be followed here") if "<<" in text else text


def _selector(rule: AdapterRule) -> promql.Node:
    try:
        expression = promql.parse(rule.series_query)
    except promql.InvalidPromQL as error:
        return Unknown(f"its seriesQuery is not PromQL: {error}")
    found = promql.uses(expression)
    return found[0].selector if found else Unknown("its seriesQuery selects no series")


def _label_matchers(rule: AdapterRule) -> list[tuple[str, str, str]]:
    selector = _selector(rule)
    return [] if isinstance(selector, Unknown) else [found for found in promql.matchers(selector) if found[0] != "__name__"]


def _accepts(op: str, wanted: str, value: str) -> Verdict:
    accepted = promql.accepts(op, wanted, value)
    return Unknown(f"the pattern {wanted} cannot be tried here") if accepted is None else accepted


def _passes(rule: AdapterRule, series: str) -> Verdict:
    for kind, pattern in rule.filters:
        try:
            found = re.search(pattern, series) is not None
        except re.error:
            return Unknown(f"the pattern {pattern} cannot be tried here")
        if found != (kind == "is"):
            return False
    return True


def _compiled(rule: AdapterRule) -> re.Pattern[str] | Unknown:
    try:
        return re.compile(rule.name_matches or ".*")
    except re.error as error:
        return Unknown(f"its name.matches cannot be tried here: {error}")


def _template(rule: AdapterRule, pattern: re.Pattern[str]) -> str | Unknown:
    """`as`, or what stands for an empty one: the single group, else the whole name."""
    if rule.name_as:
        return rule.name_as
    if pattern.groups > 1:
        return Unknown("name.matches has several groups and there is no name.as")
    return "$1" if pattern.groups else "$0"


def _template_as_pattern(template: str) -> str:
    parts, position = [], 0
    for group in _GO_GROUP.finditer(template):
        parts += [re.escape(template[position : group.start()]), "(.+)"]
        position = group.end()
    return "".join([*parts, re.escape(template[position:])])


def _fill(pattern: str, values: tuple[str, ...]) -> str | None:
    """A name that the pattern matches, its groups replaced by the values in turn; None where more than groups is not literal."""
    text = pattern.removeprefix("^").removesuffix("$")
    remaining = iter(values)
    filled = re.sub(r"\((?:\?P?<\w+>)?[^()]*\)", lambda _: next(remaining, ""), text)
    filled = filled.replace(r"\.", ".").replace("\\:", ":")
    return filled if re.fullmatch(r"[A-Za-z_:][\w:]*", filled) else None


def _group(match: re.Match[str], name: str) -> str:
    try:
        return match[int(name) if name.isdigit() else name] or ""
    except IndexError:
        return ""


def _singular(resource: str) -> str:
    """`pods` as `pod`; `ingress` stays, and `ingresses` is it."""
    name = resource.lower()
    return name.removesuffix("es") if name.endswith("sses") else name if name.endswith("ss") else name.removesuffix("s")
