"""A recording provider without an engine, and a sandbox that nobody calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml

from headroom.plugins.kubernetes.properties import decode, encode
from headroom.plugins.protocol import provider_pb2
from headroom.plugins.recording.sandbox import VARIABLE
from headroom.plugins.recording.service import Service

SERVER = "https://127.0.0.1:6443"
AUTHORITY = "Y2VydGlmaWNhdGU="


class Refused(Exception):
    """What the engine would have been told."""


class Context:
    """Of a call without gRPC around it."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise Refused(details)


class Provider:
    """What an engine asks, as plain values."""

    def __init__(self, package: str, environment: dict[str, str]) -> None:
        self._service = Service(package, None, environment)

    def configure(self, values: dict[str, Any] | None = None) -> dict[str, str]:
        """What is wrong with the provider's own configuration."""
        answer = self._service.CheckConfig(provider_pb2.CheckRequest(news=encode(values or {})), Context())
        return {each.property: each.reason for each in answer.failures}

    def problems(self, token: str, arguments: dict[str, Any], name: str = "gpu") -> dict[str, str]:
        return {each.property: each.reason for each in self._check(token, arguments, name).failures}

    def checked(self, token: str, arguments: dict[str, Any], name: str = "gpu", old: dict[str, Any] | None = None) -> dict[str, Any]:
        """The arguments as the provider completes them."""
        return decode(self._check(token, arguments, name, old).inputs)

    def diff(self, token: str, old: dict[str, Any], new: dict[str, Any]) -> Any:
        old_inputs, news = self.checked(token, old), self.checked(token, new, old=self.checked(token, old))
        request = provider_pb2.DiffRequest(urn=_urn(token, "gpu"), old_inputs=encode(old_inputs), news=encode(news))
        return self._service.Diff(request, Context())

    def create(self, token: str, arguments: dict[str, Any], name: str = "gpu", *, preview: bool = False) -> tuple[str, dict[str, Any]]:
        properties = encode(self.checked(token, arguments, name))
        answer = self._service.Create(provider_pb2.CreateRequest(urn=_urn(token, name), properties=properties, preview=preview), Context())
        return answer.id, decode(answer.properties)

    def update(self, token: str, old: dict[str, Any], inputs: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(urn=_urn(token, "gpu"), olds=encode(old), old_inputs=encode(inputs), news=encode(new))
        return decode(self._service.Update(request, Context()).properties)

    def read(self, token: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        request = provider_pb2.ReadRequest(urn=_urn(token, "gpu"), id="x", inputs=encode(inputs), properties=encode(outputs))
        answer = self._service.Read(request, Context())
        return decode(answer.inputs), decode(answer.properties)

    def invoke(self, token: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """The answer, and what is wrong with the question."""
        answer = self._service.Invoke(provider_pb2.InvokeRequest(tok=token, args=encode(arguments)), Context())
        return decode(getattr(answer, "return")), {each.property: each.reason for each in answer.failures}

    def _check(self, token: str, arguments: dict[str, Any], name: str, old: dict[str, Any] | None = None) -> Any:
        request = provider_pb2.CheckRequest(urn=_urn(token, name), news=encode(arguments), olds=encode(old or {}), randomSeed=b"seed")
        return self._service.Check(request, Context())


def _urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::headroom::headroom:index:Pool${token}::{name}"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where a test says that its sandbox is."""
    cluster = {"server": SERVER, "certificate-authority-data": AUTHORITY}
    document = {
        "current-context": "s",
        "contexts": [{"name": "s", "context": {"cluster": "s", "user": "s"}}],
        "clusters": [{"name": "s", "cluster": cluster}],
        "users": [{"name": "s", "user": {}}],
    }
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(document))
    return tmp_path


@pytest.fixture
def environment(directory: Path) -> dict[str, str]:
    return {VARIABLE: str(directory)}


@pytest.fixture
def aws(environment: dict[str, str]) -> Provider:
    return Provider("aws", environment)


@pytest.fixture
def gcp(environment: dict[str, str]) -> Provider:
    return Provider("gcp", environment)


@pytest.fixture
def azure(environment: dict[str, str]) -> Provider:
    return Provider("azure-native", environment)


def drift(directory: Path, **resources: dict[str, Any]) -> None:
    """Changes resources behind Pulumi's back."""
    (directory / "drift.json").write_text(json.dumps(resources))
