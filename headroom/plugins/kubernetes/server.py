# ruff: noqa: N802 - the names of the methods are the protocol's
"""The plugin as Pulumi's engine sees it: a gRPC service on a port of its own."""

from __future__ import annotations

import json
import sys
import threading
from importlib import import_module
from typing import Any

import grpc
from google.protobuf import empty_pb2

from headroom.plugins.kubernetes import configuration, operations
from headroom.plugins.kubernetes.cluster import Cluster
from headroom.plugins.kubernetes.configuration import OptionRefused
from headroom.plugins.kubernetes.engine import Engine
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.plugins.kubernetes.failures import Failed, InputRefused, PartlyDone
from headroom.plugins.kubernetes.guard import ClusterRefused
from headroom.plugins.kubernetes.naming import Autonaming, Mode, NameRefused
from headroom.plugins.kubernetes.operations import Operation, Plugin
from headroom.plugins.kubernetes.properties import decode, encode, plain
from headroom.plugins.kubernetes.refusals import NotCovered, refuse_component, refuse_function
from headroom.plugins.protocol import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from headroom.plugins.provider import DIFF_KINDS, serve, told

VERSION = "4.34.2"
STAND_IN = f"headroom's stand-in for pulumi-resource-kubernetes {VERSION}: server-side mode, the sandbox only"
RELEASE = "kubernetes:helm.sh/v3:Release"
HELM = "headroom.plugins.kubernetes.helm"
# Every operation may wait for its object: as many threads as the engine runs operations at once, and some for questions.
THREADS = 128
AUTONAMING_MODES: dict[int, Mode] = {0: "propose", 1: "enforce", 2: "disable"}


def _details(end: Exception) -> bytes | None:
    """Of an operation that left something behind: what that is."""
    if not isinstance(end, PartlyDone):
        return None
    failed = provider_pb2.ErrorResourceInitFailed(id=end.resource_id, properties=encode(end.outputs), reasons=end.reasons)
    if end.inputs is not None:
        failed.inputs.CopyFrom(encode(end.inputs))
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(end))
    status.details.add().Pack(failed)
    return status.SerializeToString()


_told = told(
    (PartlyDone, Failed, NameRefused, NotCovered, ClusterRefused, OptionRefused, ClusterError),
    defect="defect in headroom's stand-in for the Kubernetes plugin",
    details=_details,
)


class Service(provider_pb2_grpc.ResourceProviderServicer):
    """Translates requests; the `operations` do the work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cancelled = threading.Event()
        self._plugin = self._configured(configuration.Options())

    # The plugin itself

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": "kubernetes", "version": VERSION}))

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    @_told
    def DiffConfig(self, request: Any, context: Any) -> Any:
        old, new = plain(decode(request.old_inputs)), plain(decode(request.news))
        changed, replaces = configuration.differences(old, new)
        changes = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, diffs=changed, replaces=replaces)

    @_told
    def Configure(self, request: Any, context: Any) -> Any:
        self._plugin = self._configured(configuration.options(request.variables))
        # Ephemeral: it stands beside the provider while the update runs and leaves the update's own diagnostics alone.
        self._engine.status(request.urn, STAND_IN)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True)

    def Cancel(self, request: Any, context: Any) -> Any:
        self.cancel()
        return empty_pb2.Empty()

    # Resources

    @_told
    def Check(self, request: Any, context: Any) -> Any:
        try:
            checked = _operations(request).check(
                self._operation(request),
                decode(request.olds),
                decode(request.news),
                seed=request.randomSeed,
                autonaming=_autonaming(request),
            )
        except InputRefused as refusal:
            failure = provider_pb2.CheckFailure(property=refusal.key, reason=refusal.reason)
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        return provider_pb2.CheckResponse(inputs=encode(checked))

    @_told
    def Diff(self, request: Any, context: Any) -> Any:
        found = _operations(request).compare(
            self._operation(request), decode(request.olds), decode(request.news), ignored=list(request.ignoreChanges)
        )
        some = bool(found.changes or found.replace_keys)
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if some else provider_pb2.DiffResponse.DIFF_NONE,
            replaces=found.replace_keys,
            deleteBeforeReplace=found.deletes_first,
            hasDetailedDiff=True,
            detailedDiff={
                str(change): provider_pb2.PropertyDiff(kind=DIFF_KINDS[change.kind, change.replaces], inputDiff=change.input_diff)
                for change in found.changes
            },
        )

    @_told
    def Create(self, request: Any, context: Any) -> Any:
        resource_id, outputs = _operations(request).create(
            self._operation(request), decode(request.properties), timeout=request.timeout, preview=request.preview
        )
        return provider_pb2.CreateResponse(id=resource_id, properties=encode(outputs))

    @_told
    def Read(self, request: Any, context: Any) -> Any:
        resource_id, inputs, outputs = _operations(request).read(
            self._operation(request), request.id, decode(request.inputs), decode(request.properties)
        )
        if not resource_id:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=resource_id, inputs=encode(inputs), properties=encode(outputs))

    @_told
    def Update(self, request: Any, context: Any) -> Any:
        outputs = _operations(request).update(
            self._operation(request),
            decode(request.olds),
            decode(request.news),
            ignored=list(request.ignoreChanges),
            timeout=request.timeout,
            preview=request.preview,
        )
        return provider_pb2.UpdateResponse(properties=encode(outputs))

    @_told
    def Delete(self, request: Any, context: Any) -> Any:
        _operations(request).delete(self._operation(request), decode(request.properties), timeout=request.timeout)
        return empty_pb2.Empty()

    # Not covered

    @_told
    def Invoke(self, request: Any, context: Any) -> Any:
        raise refuse_function(request.tok)

    @_told
    def Construct(self, request: Any, context: Any) -> Any:
        raise refuse_component(request.type)

    def cancel(self) -> None:
        """Ends what waits, for an object or for another try, and asks Helm to stop."""
        self._cancelled.set()

    def _configured(self, options: configuration.Options) -> Plugin:
        return Plugin(options, Cluster(options), self._engine, self._cancelled)

    def _operation(self, request: Any) -> Operation:
        return Operation(self._plugin, request.urn, request.type, request.name)


def _operations(request: Any) -> Any:
    """What works on resources of this type: objects one by one, or releases by Helm, loaded when there is one."""
    return import_module(HELM) if request.type == RELEASE else operations


def _autonaming(request: Any) -> Autonaming | None:
    if not request.HasField("autonaming"):
        return None
    return Autonaming(AUTONAMING_MODES[request.autonaming.mode], request.autonaming.proposed_name)


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(f"{STAND_IN}.\nPulumi starts it; it takes the address of the engine as its argument.")
    service = Service(Engine(sys.argv[1]))
    serve(service, threads=THREADS, cancel=service.cancel)
