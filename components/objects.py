"""A plain Kubernetes object as a Pulumi resource, exactly as `headroom.desired` says it."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes

from headroom.desired.objects import Object


def apply(name: str, obj: Object, *, opts: pulumi.ResourceOptions) -> pulumi.CustomResource:
    """Registers `obj` under the logical name `name`.

    One generic resource for every kind: what is applied is what was rendered and verified, with no second spelling of it in between.
    The type token is the Kubernetes provider's own (`kubernetes:<group>/<version>:<kind>`, the core group named `core`).
    """
    api_version = obj["apiVersion"]
    token = f"kubernetes:{api_version if '/' in api_version else f'core/{api_version}'}:{obj['kind']}"
    version = pulumi.ResourceOptions(version=pulumi_kubernetes._utilities.get_version())
    return pulumi.CustomResource(token, name, dict(obj), pulumi.ResourceOptions.merge(version, opts))


def told(obj: Object, known: Mapping[str, pulumi.Output[str]]) -> Object:
    """The object with what the cloud alone knows in the place of annotations that stand for it."""
    annotations = obj["metadata"].get("annotations", {})
    if not known.keys() & set(annotations.values()):
        return obj
    return {**obj, "metadata": {**obj["metadata"], "annotations": {key: known.get(value, value) for key, value in annotations.items()}}}


def told_values(values: Any, known: Mapping[str, pulumi.Output[str]]) -> Any:
    """Values of a chart with what the cloud alone knows in the place of whatever stands for it."""
    if isinstance(values, Mapping):
        return {key: told_values(value, known) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [told_values(value, known) for value in values]
    return known.get(values, values) if isinstance(values, str) else values
