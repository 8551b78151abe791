"""What the plugin does with a resource: checks its inputs, tells differences, creates, reads, updates and deletes it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from headroom.plugins.kubernetes import checkpoint, create, diff, messages, naming, ownership, refresh, refusals, update
from headroom.plugins.kubernetes.awaiting import BadWaitFor, Cancelled, NotReady, StillThere, is_failed_job, wait_deleted, wait_ready
from headroom.plugins.kubernetes.builtin import fields_of, type_of
from headroom.plugins.kubernetes.client import GVK, Client, Object, Propagation
from headroom.plugins.kubernetes.cluster import Cluster
from headroom.plugins.kubernetes.configuration import Options
from headroom.plugins.kubernetes.engine import Engine, Severity
from headroom.plugins.kubernetes.errors import ApiError, ClusterError, NoMatch, Unreachable
from headroom.plugins.kubernetes.failures import Failed, PartlyDone
from headroom.plugins.kubernetes.messages import qualified_name
from headroom.plugins.kubernetes.normalise import is_crd, normalise
from headroom.plugins.kubernetes.properties import UNKNOWN, has_unknown, plain
from headroom.plugins.kubernetes.replacement import replacing

REPLACE_UNREADY = "pulumi.com/replaceUnready"
REPLACE_UNREADY_KEY = f'.metadata.annotations["{REPLACE_UNREADY}"]'
PROPAGATION = "pulumi.com/deletionPropagationPolicy"
PROPAGATIONS: dict[str, Propagation] = {"background": "Background", "orphan": "Orphan"}

Values = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    changes: list[diff.Change]
    replace_keys: list[str]
    deletes_first: bool


class Resource(NamedTuple):
    """Which resource of the program an operation is about."""

    urn: str
    token: str
    name: str


class Provider:
    """One configured plugin. `Values` carry `Secret` and `UNKNOWN`; every method raises `Failed` or `PartlyDone`."""

    def __init__(self, options: Options, engine: Engine, cancelled: threading.Event) -> None:
        self._options = options
        self._engine = engine
        self._cancelled = cancelled
        self._cluster = Cluster(options)

    def check(self, resource: Resource, old: Values, new: Values, *, seed: bytes, autonaming: naming.Autonaming | None) -> Values:
        """The inputs to work with: named, in a namespace, normalised."""
        inputs = plain(new)
        refusals.refuse_type(resource.token, inputs)
        inputs = naming.name(inputs, logical=resource.name, seed=seed, old=plain(old), autonaming=autonaming)
        inputs = normalise(self._in_namespace(inputs))
        warning = messages.DEPRECATED.get(GVK.of(inputs))
        if warning and not self._options.suppress_deprecation_warnings:
            self._log(resource, warning, "warning")
        return checkpoint.hide(inputs, new)

    def diff(self, resource: Resource, old_outputs: Values, new: Values, *, ignored: list[str]) -> Difference:
        recorded, inputs = checkpoint.read(old_outputs), normalise(plain(new))
        mutable = {"config_map_mutable": self._options.config_map_mutable, "secret_mutable": self._options.secret_mutable}
        changes = diff.changes(recorded.live, normalise(recorded.inputs), inputs, replacing(inputs, **mutable), ignored)
        if changes and self._options.skip_update_unreachable and self._unreachable() is not None:
            self._log(resource, messages.UNREACHABLE_SKIPPED, "warning")
            return Difference([], [], deletes_first=False)
        keys = [str(change) for change in changes if change.replaces]
        if self._replaces_failed_job(inputs):
            keys.append(REPLACE_UNREADY_KEY)
        return Difference(changes, keys, deletes_first=bool(keys) and diff.deletes_first(recorded.live, inputs))

    def create(self, resource: Resource, new: Values, *, timeout: float, preview: bool) -> tuple[str, Values]:
        """Id and outputs; in a preview no id, and the inputs as outputs where the server cannot be asked."""
        inputs = plain(new)
        if preview:
            return "", self._previewed_create(resource, inputs, new)
        client = self._reachable()
        inputs = self._scoped(client, inputs)
        manager = ownership.manager_for(inputs, ownership.new_manager())
        live = self._posted(client, resource, inputs)

        def outputs(obj: Object) -> Values:
            return checkpoint.record(obj, inputs, like=new, initial_api_version=inputs["apiVersion"], field_manager=manager)

        try:
            live = self._ready(client, resource, live, inputs, "create", timeout)
        except (NotReady, Cancelled) as end:
            reasons = [messages.NOT_READY_AFTER_CREATE.format(urn=resource.urn, cause=end.reasons[0]), *end.reasons[1:]]
            raise PartlyDone(qualified_name(end.live), outputs(end.live), reasons) from None
        except BadWaitFor as error:
            raise Failed(messages.NOT_CREATED.format(urn=resource.urn, cause=error)) from None
        self._forget_kinds(client, inputs)
        return qualified_name(live), outputs(live)

    def update(self, resource: Resource, old_outputs: Values, new: Values, *, ignored: list[str], timeout: float, preview: bool) -> Values:
        inputs, recorded = plain(new), checkpoint.read(old_outputs)
        if preview and (has_unknown(inputs) or self._unreachable() is not None):
            return new
        client = self._reachable()
        if preview and not client.knows(GVK.of(inputs)):
            return new
        manager = ownership.manager_for(inputs, recorded.field_manager or ownership.new_manager())

        def outputs(obj: Object) -> Values:
            api_version = recorded.initial_api_version or inputs["apiVersion"]
            return checkpoint.record(obj, inputs, like=new, initial_api_version=api_version, field_manager=manager)

        how = update.Update(manager, ignored, force=self._options.patch_force, preview=preview)
        try:
            live = update.update(client, inputs, how)
            if not preview:
                live = self._ready(client, resource, live, inputs, "update", timeout)
        except NoMatch as error:
            raise Failed(messages.UPDATE_NO_SUCH_KIND.format(urn=resource.urn, cause=error)) from None
        except Cancelled as end:
            raise Failed(messages.UPDATE_FAILED.format(urn=resource.urn, cause=end.reasons[0], state=messages.CANCELED)) from None
        except NotReady as end:
            raise self._half_updated(inputs, outputs(end.live), end.reasons) from None
        except (ClusterError, BadWaitFor) as error:
            live = self._live_after(client, resource, inputs, error)
            raise self._half_updated(inputs, outputs(live), [str(error)]) from None
        self._forget_kinds(client, inputs)
        return outputs(live)

    def read(self, resource: Resource, resource_id: str, old_inputs: Values, old_outputs: Values) -> tuple[str, Values, Values]:
        """Id, inputs and outputs as they are now; no id when the object is gone. Without anything old it is an import."""
        unreachable = self._unreachable()
        if unreachable is not None:
            return self._read_unreachable(resource, resource_id, old_inputs, old_outputs, unreachable)
        client, recorded, inputs = self._reachable(), checkpoint.read(old_outputs), plain(old_inputs)
        gvk = GVK.of(recorded.live) if recorded.live.get("kind") else _gvk_of_token(resource.token)
        namespaced = self._cluster.is_namespaced(gvk)
        namespace, name = refresh.identity(resource_id, self._cluster.default_namespace, namespaced=namespaced)
        try:
            live = client.get(gvk, namespace, name)
        except ApiError as error:
            if error.not_found:
                return "", {}, {}
            raise Failed(str(error)) from None
        found = refresh.refreshed_inputs(live, normalise(inputs)) if inputs else refresh.imported_inputs(live)
        manager = recorded.field_manager or ownership.manager_for(found, ownership.new_manager())
        api_version = recorded.initial_api_version or gvk.api_version

        def outputs(obj: Object) -> Values:
            return checkpoint.record(obj, found, like=old_inputs, initial_api_version=api_version, field_manager=manager)

        hidden = checkpoint.hide(found, old_inputs)
        try:
            live = self._ready(client, resource, live, found, "read", 0)
        except (NotReady, Cancelled) as end:
            raise PartlyDone(qualified_name(end.live), outputs(end.live), end.reasons, hidden) from None
        return qualified_name(live), hidden, outputs(live)

    def delete(self, resource: Resource, old_outputs: Values, *, timeout: float) -> None:
        unreachable = self._unreachable()
        if unreachable is not None:
            self._log(resource, messages.UNREACHABLE_BECAUSE.format(cause=unreachable), "warning")
            if not self._options.delete_unreachable:
                raise Failed(messages.UNREACHABLE_DELETE)
            self._log(resource, messages.UNREACHABLE_DROPPED, "info")
            return
        client, recorded = self._reachable(), checkpoint.read(old_outputs)
        metadata = recorded.live["metadata"]
        wanted = str(_annotation(recorded.inputs, PROPAGATION)).lower()
        try:
            client.delete(
                GVK.of(recorded.live),
                metadata.get("namespace") or "",
                metadata["name"],
                propagation=PROPAGATIONS.get(wanted, "Foreground"),
            )
            wait_deleted(
                client,
                recorded.live,
                inputs=recorded.inputs,
                timeout=timeout,
                cancelled=self._cancelled,
                report=self._report(resource),
            )
        except StillThere as end:
            self._log(resource, end.warning, "warning")
            raise Failed(end.message) from None
        except Cancelled as end:
            raise Failed(end.reasons[0]) from None
        except ApiError as error:
            if not error.not_found:
                raise Failed(str(error)) from None
        self._forget_kinds(client, recorded.live)

    # Creating

    def _previewed_create(self, resource: Resource, inputs: Object, new: Values) -> Values:
        if has_unknown(inputs) or self._unreachable() is not None:
            return new
        client = self._reachable()
        if not client.knows(GVK.of(inputs)):
            return new
        inputs = self._scoped(client, inputs)
        try:
            live = create.preview(client, inputs, tell=lambda line: self._engine.status(resource.urn, line))
        except ClusterError as error:
            raise Failed(messages.NOT_CREATED.format(urn=resource.urn, cause=error)) from None
        if live is None:
            return new
        outputs = checkpoint.record(live, inputs, like=new, initial_api_version=inputs["apiVersion"], field_manager=ownership.new_manager())
        return outputs | ({"status": UNKNOWN} if _has_status(live) else {})

    def _posted(self, client: Client, resource: Resource, inputs: Object) -> Object:
        try:
            return create.create(client, inputs, cancelled=self._cancelled, tell=lambda line: self._engine.status(resource.urn, line))
        except NoMatch as error:
            kind = "/".join(GVK.of(inputs))
            raise Failed(messages.CREATE_NO_SUCH_KIND.format(urn=resource.urn, kind=kind, cause=error)) from None
        except ClusterError as error:
            exists = isinstance(error, ApiError) and error.reason == "AlreadyExists"
            cause = messages.ALREADY_EXISTS.format(cause=error) if exists else error
            raise Failed(messages.NOT_CREATED.format(urn=resource.urn, cause=cause)) from None

    def _in_namespace(self, inputs: Object) -> Object:
        metadata = inputs.get("metadata") or {}
        given = UNKNOWN if metadata is UNKNOWN else metadata.get("namespace")
        if metadata is UNKNOWN or (given and given is not UNKNOWN) or not self._cluster.is_namespaced(GVK.of(inputs)):
            return inputs
        return inputs | {"metadata": metadata | {"namespace": self._cluster.default_namespace}}

    def _scoped(self, client: Client, inputs: Object) -> Object:
        """Without the namespace that a cluster-scoped object got before its kind was known."""
        try:
            namespaced = client.mapping(GVK.of(inputs)).namespaced
        except ClusterError:
            return inputs
        if namespaced or "namespace" not in inputs["metadata"]:
            return inputs
        return inputs | {"metadata": {key: value for key, value in inputs["metadata"].items() if key != "namespace"}}

    # Updating

    def _half_updated(self, inputs: Object, outputs: Values, reasons: list[str]) -> PartlyDone:
        name = qualified_name(inputs)
        first = messages.NOT_READY_AFTER_UPDATE.format(name=name, cause=reasons[0])
        return PartlyDone(name, outputs, [first, *reasons[1:]])

    def _live_after(self, client: Client, resource: Resource, inputs: Object, error: Exception) -> Object:
        """The object after an update that the server refused. Raises `Failed` when it cannot be had."""
        metadata = inputs["metadata"]
        try:
            return client.get(GVK.of(inputs), metadata.get("namespace") or "", metadata["name"])
        except ClusterError as state:
            raise Failed(messages.UPDATE_FAILED.format(urn=resource.urn, cause=error, state=state)) from None

    def _replaces_failed_job(self, inputs: Object) -> bool:
        gvk = GVK.of(inputs)
        if str(_annotation(inputs, REPLACE_UNREADY)).lower() != "true" or (gvk.group, gvk.kind) != ("batch", "Job"):
            return False
        metadata = inputs["metadata"]
        try:
            return is_failed_job(self._cluster.client.get(gvk, metadata.get("namespace") or "", metadata["name"]))
        except ClusterError:
            return False

    # Reading

    def _read_unreachable(
        self, resource: Resource, resource_id: str, old_inputs: Values, old_outputs: Values, cause: Unreachable
    ) -> tuple[str, Values, Values]:
        self._log(resource, messages.UNREACHABLE_BECAUSE.format(cause=cause), "warning")
        if self._options.delete_unreachable:
            self._log(resource, messages.UNREACHABLE_DROPPED, "info")
            return "", {}, {}
        if self._options.skip_update_unreachable:
            self._log(resource, messages.UNREACHABLE_KEPT, "info")
            return resource_id, old_inputs, old_outputs
        raise Failed(messages.UNREACHABLE_READ)

    # All

    def _ready(self, client: Client, resource: Resource, live: Object, inputs: Object, operation: Any, timeout: float) -> Object:
        return wait_ready(
            client,
            live,
            inputs=inputs,
            operation=operation,
            timeout=timeout,
            cancelled=self._cancelled,
            report=self._report(resource),
        )

    def _unreachable(self) -> Unreachable | None:
        try:
            _ = self._cluster.client
        except Unreachable as failure:
            return failure
        return None

    def _reachable(self) -> Client:
        try:
            return self._cluster.client
        except Unreachable as failure:
            raise Failed(messages.UNREACHABLE_BECAUSE.format(cause=failure)) from None

    def _forget_kinds(self, client: Client, obj: Object) -> None:
        if is_crd(GVK.of(obj)):
            client.reset_discovery()

    def _log(self, resource: Resource, message: str, severity: Severity) -> None:
        self._engine.log(resource.urn, message, severity)

    def _report(self, resource: Resource) -> Callable[[str, Severity], None]:
        return lambda message, severity: self._engine.status(resource.urn, message, severity)


def _gvk_of_token(token: str) -> GVK:
    """`kubernetes:core/v1:ConfigMap` → v1, ConfigMap."""
    _, api_version, kind = token.split(":")
    return GVK(api_version.removeprefix("core/"), kind)


def _annotation(obj: Object, key: str) -> Any:
    metadata = obj.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return annotations.get(key, "") if isinstance(annotations, dict) else ""


def _has_status(live: Object) -> bool:
    struct = type_of(GVK.of(live))
    return "status" in live or (struct is not None and "status" in fields_of(struct))
