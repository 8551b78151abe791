"""Google Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from headroom.plugins.recording.outputs import Cloud, Made
from headroom.plugins.recording.sandbox import Sandbox

PROJECT = "recorded-project"


def _other(token: str, made: Made) -> dict[str, Any]:
    """An id as a path, as Google's are."""
    kind = token.split(":")[1].partition("/")[2]
    name = made.arguments.get("name") or made.name
    project = made.arguments.get("project") or PROJECT
    path = f"projects/{project}/{kind}s/{name}"
    return {"id": path, "name": name, "project": project, "selfLink": f"https://www.googleapis.com/{path}"}


def _location(arguments: Mapping[str, Any]) -> str:
    return arguments.get("location") or "us-central1"


def _access(sandbox: Sandbox) -> dict[str, Any]:
    """Google gives an address without a scheme."""
    return {"endpoint": urlsplit(sandbox.server).netloc, "masterVersion": "1.35.1-gke.100"}


def _cluster(made: Made) -> dict[str, Any]:
    name = made.arguments.get("name") or made.name
    project = made.arguments.get("project") or PROJECT
    authority = {
        "clusterCaCertificate": made.sandbox.certificate_authority,
        "clientCertificate": "",
        "clientCertificateConfig": {"issueClientCertificate": False},
        "clientKey": "",
    }
    workload = {"workloadPool": f"{project}.svc.id.goog"}
    return {
        "id": f"projects/{project}/locations/{_location(made.arguments)}/clusters/{name}",
        **_access(made.sandbox),
        "location": _location(made.arguments),
        "masterAuth": authority,
        "controlPlaneEndpointsConfig": {"dnsEndpointConfig": {"endpoint": urlsplit(made.sandbox.server).netloc}},
        "workloadIdentityConfig": workload,
    }


def _node_pool(made: Made) -> dict[str, Any]:
    cluster, name = made.arguments["cluster"].rpartition("/")[2], made.arguments["name"]
    where = _location(made.arguments)
    group = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/zones/{where}-a/instanceGroupManagers/gke-{name}"
    return {"id": f"projects/{PROJECT}/locations/{where}/clusters/{cluster}/nodePools/{name}", "instanceGroupUrls": [group]}


def _account(made: Made) -> dict[str, Any]:
    email = f"{made.arguments['accountId']}@{PROJECT}.iam.gserviceaccount.com"
    path = f"projects/{PROJECT}/serviceAccounts/{email}"
    return {"id": path, "name": path, "email": email, "member": f"serviceAccount:{email}"}


def _endpoints(sandbox: Sandbox) -> dict[str, Any]:
    by_name = {
        "allowExternalTraffic": True,
        "enableK8sCertsViaDns": False,
        "enableK8sTokensViaDns": False,
        "endpoint": urlsplit(sandbox.server).netloc,
    }
    return {"dnsEndpointConfigs": [by_name], "ipEndpointsConfigs": [{"enabled": True}]}


def _get_cluster(arguments: Mapping[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    authority = {
        "clusterCaCertificate": sandbox.certificate_authority,
        "clientCertificate": "",
        "clientKey": "",
        "clientCertificateConfigs": [],
    }
    project = arguments.get("project") or PROJECT
    return {
        "id": f"projects/{project}/locations/{_location(arguments)}/clusters/{arguments['name']}",
        **_access(sandbox),
        "project": project,
        "masterAuths": [authority],
        "controlPlaneEndpointsConfigs": [_endpoints(sandbox)],
        "workloadIdentityConfigs": [{"workloadPool": f"{project}.svc.id.goog"}],
    }


CLOUD = Cloud(
    outputs={
        "gcp:container/cluster:Cluster": _cluster,
        "gcp:container/nodePool:NodePool": _node_pool,
        "gcp:serviceaccount/account:Account": _account,
    },
    answers={
        "gcp:container/getCluster:getCluster": _get_cluster,
        "gcp:organizations/getProject:getProject": lambda arguments, sandbox: {
            "id": f"projects/{arguments.get('projectId') or PROJECT}",
            "projectId": arguments.get("projectId") or PROJECT,
            "number": "123456789012",
        },
        "gcp:organizations/getClientConfig:getClientConfig": lambda arguments, sandbox: {
            "project": PROJECT,
            "region": "us-central1",
            "zone": "us-central1-a",
        },
    },
    other=_other,
)
