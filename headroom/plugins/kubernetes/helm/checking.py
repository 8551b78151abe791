"""Check: every option with its default, a name, a namespace, and a chart that is there."""

from __future__ import annotations

from typing import Any

from headroom.plugins.kubernetes import naming
from headroom.plugins.kubernetes.failures import InputRefused
from headroom.plugins.kubernetes.helm import chart, options, program
from headroom.plugins.kubernetes.helm.checkpoint import Values
from headroom.plugins.kubernetes.operations import Operation
from headroom.plugins.kubernetes.properties import UNKNOWN, has_unknown, mark_secrets, plain


def check(operation: Operation, old: Values, new: Values, *, seed: bytes, autonaming: naming.Autonaming | None) -> Values:
    """`new` inputs, complete. The cluster is not asked.

    Raises `NotCovered`, `NameRefused`, `Failed` where there is no Helm, and `InputRefused` for a chart that cannot be had; with something
    unknown it is not looked for.
    """
    given = {key: value for key, value in new.items() if value is not None}
    inputs = plain(given)
    options.refuse(inputs)
    # A preview that passes promises an update.
    program.path()
    inputs = {**options.DEFAULTS, **{key: value for key, value in inputs.items() if key != "compat"}}
    inputs["namespace"] = inputs.get("namespace") or operation.cluster.default_namespace
    inputs["name"] = inputs.get("name") or plain(old).get("name") or _name(operation.name, seed, autonaming)
    if not inputs["skipAwait"]:
        inputs.setdefault("timeout", options.TIMEOUT_SECONDS)
    if not inputs["allowNullValues"] and inputs["values"] is not UNKNOWN:
        inputs["values"] = without_nulls(inputs["values"])
    if not has_unknown(inputs):
        try:
            inputs["version"] = chart.find(inputs, secrets=given).version
        except chart.ChartNotFound as failure:
            raise InputRefused("chart", str(failure)) from None
    return mark_secrets(inputs, given)


def without_nulls(value: Any) -> Any:
    """Values as the official plugin sends them: for Helm a null would remove the chart's own."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]
    return value


def _name(logical: str, seed: bytes, autonaming: naming.Autonaming | None) -> str:
    return naming.name({}, logical=logical, seed=seed, old=None, autonaming=autonaming)["metadata"]["name"]
