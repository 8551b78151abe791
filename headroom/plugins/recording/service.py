# ruff: noqa: N802 - the names of the methods are the protocol's
"""A recording provider as Pulumi's engine sees it: a gRPC service on a port of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from google.protobuf import empty_pb2

from headroom.plugins.kubernetes.engine import Engine
from headroom.plugins.kubernetes.guard import ClusterRefused
from headroom.plugins.kubernetes.properties import decode, encode, mark_secrets, plain
from headroom.plugins.protocol import plugin_pb2, provider_pb2, provider_pb2_grpc
from headroom.plugins.provider import DIFF_KINDS, told
from headroom.plugins.recording import sandbox, sdk
from headroom.plugins.recording.arguments import Problem, check
from headroom.plugins.recording.clouds import CLOUDS
from headroom.plugins.recording.difference import configuration, difference
from headroom.plugins.recording.names import CREATED_FIRST, DEFAULTS, with_name
from headroom.plugins.recording.outputs import Made, NoAnswer, answered, made, merged, planned, updated
from headroom.plugins.recording.replaces import NotLookedUp

_REFUSALS = (sandbox.NoSandbox, sdk.NoSuchToken, ClusterRefused, NoAnswer, NotLookedUp)
_told = told(_REFUSALS, defect="defect in headroom's recording provider")


class Service(provider_pb2_grpc.ResourceProviderServicer):
    """The provider of `package` in an `environment`, as the engine of a test sees it."""

    def __init__(self, package: str, engine: Engine | None, environment: Mapping[str, str] = os.environ) -> None:
        self._package = package
        self._engine = engine
        self._environment = environment
        self._cloud = CLOUDS[package]

    # The plugin itself

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=sdk.version(self._package))

    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": self._package, "version": sdk.version(self._package)}))

    @_told
    def CheckConfig(self, request: Any, context: Any) -> Any:
        self._sandbox()
        given = {name: _configured(value) for name, value in decode(request.news).items()}
        return _checked(request, check(given, sdk.provider(self._package).arguments), request.news)

    @_told
    def DiffConfig(self, request: Any, context: Any) -> Any:
        return _diff(configuration(decode(request.old_inputs), decode(request.news)), replaces=[], deletes_first=False)

    @_told
    def Configure(self, request: Any, context: Any) -> Any:
        self._sandbox()
        if self._engine is not None:
            # Ephemeral: it stands beside the provider while the update runs and leaves the update's own diagnostics alone.
            self._engine.status(request.urn, f"recording provider of headroom's tests for {self._package}: it makes nothing in any cloud")
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    # Resources

    @_told
    def Check(self, request: Any, context: Any) -> Any:
        token, new = _token(request.urn), decode(request.news)
        problems = check(new, sdk.resource(token).arguments)
        named = with_name(token, _name(request.urn), decode(request.olds), new, request.randomSeed)
        return _checked(request, problems, encode(named))

    @_told
    def Diff(self, request: Any, context: Any) -> Any:
        found = difference(_token(request.urn), decode(request.old_inputs), decode(request.news))
        return _diff(found.changes, replaces=found.replaces, deletes_first=found.deletes_first)

    @_told
    def Create(self, request: Any, context: Any) -> Any:
        token, arguments = _token(request.urn), decode(request.properties)
        self._note("create", request, arguments)
        if request.preview:
            return provider_pb2.CreateResponse(
                properties=encode(mark_secrets(planned(self._cloud, token, self._made(request, arguments)), arguments))
            )
        identity, outputs = made(self._cloud, token, self._made(request, arguments))
        return provider_pb2.CreateResponse(id=identity, properties=encode(mark_secrets(outputs, arguments)))

    @_told
    def Read(self, request: Any, context: Any) -> Any:
        self._note("read", request, {})
        drift = self._sandbox().drift.get(_name(request.urn), {})
        inputs, outputs = decode(request.inputs), decode(request.properties)
        return provider_pb2.ReadResponse(
            id=request.id,
            inputs=encode(merged(inputs, {key: value for key, value in drift.items() if key in inputs})),
            properties=encode(merged(outputs, drift)),
        )

    @_told
    def Update(self, request: Any, context: Any) -> Any:
        old, arguments = decode(request.olds), decode(request.news)
        self._note("update", request, arguments)
        gone = decode(request.old_inputs).keys() - arguments.keys()
        kept = {name: value for name, value in old.items() if name not in gone}
        outputs = updated(self._cloud, _token(request.urn), self._made(request, arguments), kept, preview=request.preview)
        return provider_pb2.UpdateResponse(properties=encode(mark_secrets(outputs, arguments)))

    @_told
    def Delete(self, request: Any, context: Any) -> Any:
        self._note("delete", request, {})
        return empty_pb2.Empty()

    @_told
    def Invoke(self, request: Any, context: Any) -> Any:
        arguments = decode(request.args)
        problems = check(arguments, sdk.function(request.tok).arguments)
        if problems:
            return provider_pb2.InvokeResponse(failures=_failures(problems))
        where = self._sandbox()
        where.ledger.note("invoke", request.tok, "", arguments)
        response = provider_pb2.InvokeResponse()
        # `return` is no name in Python.
        getattr(response, "return").CopyFrom(encode(answered(self._cloud, request.tok, plain(arguments), where)))
        return response

    def _sandbox(self) -> sandbox.Sandbox:
        return sandbox.find(self._environment)

    def _made(self, request: Any, arguments: Mapping[str, Any]) -> Made:
        own = {name: value for name, value in arguments.items() if name not in (DEFAULTS, CREATED_FIRST)}
        return Made(_name(request.urn), plain(own), self._sandbox())

    def _note(self, step: Any, request: Any, arguments: Mapping[str, Any]) -> None:
        own = {name: value for name, value in arguments.items() if name not in (DEFAULTS, CREATED_FIRST)}
        preview = bool(getattr(request, "preview", False))
        self._sandbox().ledger.note(step, _token(request.urn), _name(request.urn), own, preview=preview)


def _checked(request: Any, problems: list[Problem], inputs: Any) -> Any:
    return provider_pb2.CheckResponse(inputs=inputs, failures=_failures(problems))


def _failures(problems: list[Problem]) -> list[Any]:
    return [provider_pb2.CheckFailure(property=each.path, reason=str(each)) for each in problems]


def _diff(changes: Any, *, replaces: list[str], deletes_first: bool) -> Any:
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=replaces,
        deleteBeforeReplace=deletes_first,
        hasDetailedDiff=True,
        detailedDiff={each.path: provider_pb2.PropertyDiff(kind=DIFF_KINDS[each.kind, each.replaces], inputDiff=True) for each in changes},
    )


def _configured(value: Any) -> Any:
    """A provider's configuration: all but texts travel as JSON."""
    try:
        return json.loads(value) if isinstance(value, str) and value[:1] in "[{tf0123456789" else value
    except ValueError:
        return value


def _token(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
