"""What Azure is asked for when its Pulumi provider is given our arguments, held against the models of Azure's own client.

The provider's names are those of the API, but for `properties`, which it spreads out, identities, which it lists, and names with hyphens
(pulumi/pulumi-azure-native provider/pkg/convert/sdkShapeConverter.go).
"""

from __future__ import annotations

import json
import re
from enum import EnumMeta
from functools import cache
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import HttpTransport
from azure.mgmt.containerservice import ContainerServiceClient, models, types
from pydantic import ConfigDict, TypeAdapter, ValidationError
from typing_extensions import is_typeddict

_ANYTHING = "00000000-0000-0000-0000-000000000000"


class _Sent(Exception):
    pass


class _Recorded(HttpTransport):
    """Takes the one request that a client sends."""

    def send(self, request: Any, **_: Any) -> Any:
        raise _Sent(request.method, request.url.split("?")[0], json.loads(request.body))

    def open(self) -> None: ...
    def close(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


class _Nobody:
    def get_token(self, *_: str, **__: Any) -> AccessToken:
        return AccessToken("none", 2**40)


def agent_pool(inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Path and body with which the client asks for an agent pool. Raises `ValidationError` for what its model does not know."""
    group, cluster, name = (inputs[key] for key in ("resourceGroupName", "resourceName", "agentPoolName"))
    body = _accepted("AgentPool", {"properties": _without(inputs, ("resourceGroupName", "resourceName", "agentPoolName"))})
    try:
        _client().agent_pools.begin_create_or_update(group, cluster, name, models.AgentPool(body))
    except _Sent as sent:
        method, url, said = sent.args
        assert method == "PUT"
        return url.removeprefix("https://management.azure.com"), said
    raise AssertionError("nothing was sent")


def managed_cluster(inputs: dict[str, Any]) -> dict[str, Any]:
    """The body of a request for a cluster. Raises `ValidationError` for what the client's model does not know."""
    spread = {key: inputs[key] for key in ("location", "sku", "identity")}
    identity = {**spread["identity"], "userAssignedIdentities": {one: {} for one in spread["identity"]["userAssignedIdentities"]}}
    properties = _without(inputs, (*spread, "resourceGroupName", "resourceName"))
    properties["autoScalerProfile"] = {re.sub("([A-Z])", r"-\1", key).lower(): value for key, value in inputs["autoScalerProfile"].items()}
    return _accepted("ManagedCluster", {**spread, "identity": identity, "properties": properties})


def _accepted(model: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        return _model(model).validate_python(body)
    except ValidationError as refused:
        # The client's model asks for what only answers have.
        if [problem for problem in refused.errors() if problem["type"] != "missing"]:
            raise
        return body


@cache
def _model(name: str) -> TypeAdapter[Any]:
    """A model of the client that takes no unknown name and no value of another type."""
    for key, value in vars(models).items():
        if isinstance(value, EnumMeta):
            setattr(types, key, value)
    for found in vars(types).values():
        if is_typeddict(found):
            found.__pydantic_config__ = ConfigDict(extra="forbid", strict=True)
    return TypeAdapter(getattr(types, name))


@cache
def _client() -> ContainerServiceClient:
    return ContainerServiceClient(_Nobody(), _ANYTHING, transport=_Recorded())


def _without(inputs: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if key not in names}
