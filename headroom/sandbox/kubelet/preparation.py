"""What must be had before a pod's containers can start: objects and tokens from the API server, filled volumes, and the launch itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from headroom.sandbox.async_api import Api
from headroom.sandbox.kubelet import environment, security, storage, volumes
from headroom.sandbox.kubelet.downward import Place
from headroom.sandbox.kubelet.filesystem import operations
from headroom.sandbox.kubelet.runtime import Launch
from headroom.sandbox.kubelet.runtimes import Runtime
from headroom.sandbox.kubelet.settings import simulation_variables
from headroom.sandbox.kubelet.sources import Sources
from headroom.sandbox.layout import API_ADDRESS, CLUSTER_DOMAIN, POD_GATEWAY, PORTS

# As a kubelet tells every container; the port differs, because nothing translates a Service's to its endpoints'.
_API = {"KUBERNETES_SERVICE_HOST": API_ADDRESS, "KUBERNETES_SERVICE_PORT": str(PORTS["kube-apiserver"])}
_PLURALS = {"ConfigMap": "configmaps", "Secret": "secrets"}


async def _objects(api: Api, namespace: str, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Mapping[str, Any] | None]:
    return {(kind, name): await api.get(f"/api/v1/namespaces/{namespace}/{_PLURALS[kind]}/{name}") for kind, name in wanted}


async def _tokens(api: Api, pod: Mapping[str, Any], audiences: Mapping[str, int]) -> dict[str, str]:
    """Tokens of the pod's service account, bound to the pod."""
    metadata = pod["metadata"]
    account = pod["spec"].get("serviceAccountName") or "default"
    path = f"/api/v1/namespaces/{metadata['namespace']}/serviceaccounts/{account}/token"
    bound = {"apiVersion": "v1", "kind": "Pod", "name": metadata["name"], "uid": metadata["uid"]}
    tokens: dict[str, str] = {}
    for audience, seconds in audiences.items():
        spec = {"audiences": [audience] if audience else [], "expirationSeconds": seconds, "boundObjectRef": bound}
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        tokens[audience] = (await api.create(path, request))["status"]["token"]
    return tokens


async def fill_volumes(api: Api, pod: Mapping[str, Any], directory: Path, lasting: Path, place: Place, one_user: bool) -> None:
    """Writes the pod's volumes into `directory`, one directory each; what outlives the pod lies in `lasting`.

    Raises `Missing`, `ApiError`, and `ValueError` for a bad field.
    """
    declared = pod["spec"].get("volumes") or ()
    objects = await _objects(api, pod["metadata"]["namespace"], volumes.references(declared))
    sources = Sources(objects, await _tokens(api, pod, volumes.audiences(declared)))
    group = security.group_of_volumes(pod["spec"], one_user)
    stays = await storage.lasting(api, pod, lasting)
    for volume in declared:
        if volume["name"] in stays:
            directory.mkdir(parents=True, exist_ok=True)
            storage.link(directory / volume["name"], stays[volume["name"]])
        else:
            volumes.write(directory / volume["name"], volumes.files(volume, pod, sources, place), group)


async def prepare(
    api: Api,
    pod: Mapping[str, Any],
    container: Mapping[str, Any],
    how: Runtime,
    directory: Path,
    volume_root: Path,
    place: Place,
    namespaces: list[str],
    one_user: bool,
) -> Launch:
    """What to start for a container. Raises `Missing`, `Forbidden`, and `ValueError` for what the manifest has wrong."""
    sources = Sources(await _objects(api, pod["metadata"]["namespace"], environment.references(container)))
    own = environment.variables(pod, container, sources, place, _API)
    as_root = security.variables(pod["spec"], container, how.user, one_user)
    everything = {"HOME": "/root", "HOSTNAME": _hostname(pod), **how.env, **simulation_variables(pod, container), **as_root, **own}
    # The others come from the container runtime, when the kubelet has expanded what there is.
    argv = environment.command_line(container, how.entrypoint, own)
    if not argv:
        raise ValueError("no command specified: the image has no entrypoint here")
    who = security.identity(pod["spec"], container, how.user, one_user)
    mounts = volumes.mounts(container, pod, volume_root)
    return Launch(
        root=str(directory / "root"),
        log=str(directory / "log"),
        operations=operations(how, mounts, _names(pod, place.address), who.uid or 0),
        namespaces=namespaces,
        hostname=_hostname(pod),
        argv=argv,
        env=everything,
        cwd=container.get("workingDir") or "/",
        readOnlyRoot=bool((container.get("securityContext") or {}).get("readOnlyRootFilesystem")),
        identity=who,
    )


def _hostname(pod: Mapping[str, Any]) -> str:
    return pod["spec"].get("hostname") or pod["metadata"]["name"][:63].rstrip("-.")


def _names(pod: Mapping[str, Any], address: str) -> dict[str, str]:
    """The files by which a pod knows names, as a kubelet writes them where dnsPolicy is ClusterFirst."""
    services = f"svc.{CLUSTER_DOMAIN}"
    search = f"{pod['metadata']['namespace']}.{services} {services} {CLUSTER_DOMAIN}"
    return {
        "/etc/hosts": f"127.0.0.1\tlocalhost\n{address}\t{_hostname(pod)}\n",
        "/etc/resolv.conf": f"search {search}\nnameserver {POD_GATEWAY}\noptions ndots:5\n",
    }
