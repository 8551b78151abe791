"""The cluster that the options mean: connected to and checked on first use, once."""

from __future__ import annotations

import threading

from headroom.plugins.kubernetes import guard, kubeconfig
from headroom.plugins.kubernetes.builtin import is_namespaced
from headroom.plugins.kubernetes.client import GVK, Client
from headroom.plugins.kubernetes.configuration import Options
from headroom.plugins.kubernetes.errors import ApiError, ClusterError, NoMatch, Unreachable

DEFAULT_NAMESPACE = "default"
SCHEMA = "/openapi/v2?timeout=32s"
# The schema must be there, as for the official plugin; what it says is in `builtin`.
ONE_BYTE = {"Range": "bytes=0-0"}


class Cluster:
    """Raises `ClusterRefused` on use when it is not the sandbox."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._failure: Unreachable | None = None

    @property
    def client(self) -> Client:
        """Raises `Unreachable`, the same one every time: a plugin lives as long as one operation of the CLI."""
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._client is None:
                try:
                    self._client = self._connect()
                except Unreachable as failure:
                    self._failure = failure
                    raise
            return self._client

    @property
    def default_namespace(self) -> str:
        """Of objects without one: the provider's, else the kubeconfig context's, else `default`."""
        if self._options.namespace:
            return self._options.namespace
        try:
            return self._target().namespace or DEFAULT_NAMESPACE
        except Unreachable:
            return DEFAULT_NAMESPACE

    def is_namespaced(self, gvk: GVK) -> bool:
        """A kind that nobody knows (yet) counts as namespaced; its creation corrects that."""
        known = is_namespaced(gvk)
        if known is not None:
            return known
        try:
            return self.client.mapping(gvk).namespaced
        except (NoMatch, Unreachable):
            return True

    def _target(self) -> kubeconfig.Target:
        return kubeconfig.select(kubeconfig.load(self._options.kubeconfig), context=self._options.context, cluster=self._options.cluster)

    def _connect(self) -> Client:
        target = self._target()
        guard.refuse_distant(target.server)
        if reason := kubeconfig.not_covered(target):
            # Not `Unreachable`: it may be there, and whoever forgets what cannot be reached would forget it.
            raise guard.ClusterRefused(reason)
        client = Client(target)
        try:
            client.get_path(SCHEMA, headers=ONE_BYTE)
        except ClusterError as error:
            raise Unreachable(f"unable to load schema information from the API server: {error}") from None
        try:
            guard.refuse_real_nodes(client.list(GVK("v1", "Node")))
        except ApiError as error:
            # Who may not see nodes is no administrator of a sandbox.
            raise guard.ClusterRefused(f"cannot tell whether the cluster is the sandbox, its nodes cannot be listed: {error}") from None
        return client
