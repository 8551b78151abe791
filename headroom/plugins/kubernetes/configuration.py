"""The provider's options: what they say, and which of their changes mean another cluster."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headroom.plugins.kubernetes import kubeconfig
from headroom.plugins.kubernetes.errors import Unreachable
from headroom.plugins.kubernetes.properties import UNKNOWN

PREFIX = "kubernetes:config:"
IDENTIFIER = "clusterIdentifier"
# Written by the engine and the SDK, not by the program.
NOT_OPTIONS = frozenset({"version", "__internal"})


class OptionRefused(Exception):
    """An option that the stand-in does not cover."""


@dataclass(frozen=True)
class Options:
    kubeconfig: str = field(default="", repr=False)
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    config_map_mutable: bool = False
    secret_mutable: bool = False
    patch_force: bool = False
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False
    suppress_deprecation_warnings: bool = False


# Options of the official plugin that change what a program gets and that are not covered here: variables of the environment, remedy.
REFUSED = {
    "renderYamlToDirectory": (("PULUMI_K8S_RENDER_YAML_TO_DIRECTORY",), "write manifests with `headroom render`"),
    "helmReleaseSettings": (
        ("PULUMI_K8S_HELM_RELEASE_SETTINGS",),
        "set Helm's own variables of the environment, HELM_REGISTRY_CONFIG and the like",
    ),
    "kubeClientSettings": ((), "leave it out: the sandbox does not limit its clients"),
    "upsertExistingObjects": (("PULUMI_K8S_UPSERT_EXISTING_OBJECTS",), "delete the object that exists, or import it"),
}


def options(variables: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> Options:
    """From the configuration variables that the engine sends, environment variables as their defaults. Raises `OptionRefused`."""
    given = {key.removeprefix(PREFIX): value for key, value in variables.items()}

    def flag(key: str, variable: str) -> bool:
        return (given.get(key) or environment.get(variable) or "").lower() in ("true", "1")

    if given.get("enableServerSideApply", environment.get("PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", "true")).lower() in ("false", "0"):
        raise OptionRefused(_refusal("enableServerSideApply: false", "leave the option out: server-side mode is the official default"))
    for key, (variables_of_it, remedy) in REFUSED.items():
        said = [given[key]] if key in given else [environment.get(variable, "") for variable in variables_of_it]
        if any(value.lower() not in ("", "false", "0") for value in said):
            raise OptionRefused(_refusal(key, remedy))
    return Options(
        kubeconfig=given.get("kubeconfig", ""),
        context=given.get("context", ""),
        cluster=given.get("cluster", ""),
        namespace=given.get("namespace", ""),
        config_map_mutable=flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
        secret_mutable=flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
        patch_force=flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
        delete_unreachable=flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
        skip_update_unreachable=flag("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
        suppress_deprecation_warnings=flag("suppressDeprecationWarnings", "PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS"),
    )


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Options that changed, and those whose change replaces the provider and with it all its objects.

    Objects are replaced when the cluster is another one: by its `clusterIdentifier` where old and new options have one, else by
    the active cluster of the kubeconfig.
    """
    changed = sorted(key for key in (old.keys() | new.keys()) - NOT_OPTIONS if old.get(key) != new.get(key))
    if old.get(IDENTIFIER) and new.get(IDENTIFIER):
        return changed, [key for key in changed if key == IDENTIFIER]
    if new.get("kubeconfig") is UNKNOWN:
        return changed, ["kubeconfig"]
    return changed, changed if _active_cluster(old) != _active_cluster(new) else []


def _active_cluster(given: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        document = kubeconfig.load(given.get("kubeconfig"))
        return kubeconfig.select(document, context=given.get("context") or "", cluster=given.get("cluster") or "").cluster
    except Unreachable:
        return None


def _refusal(option: str, remedy: str) -> str:
    return f"headroom's stand-in for the Kubernetes plugin does not cover the provider option `{option}`: {remedy}"
