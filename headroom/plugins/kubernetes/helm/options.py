"""The options of a Release: the official plugin's defaults, what the stand-in covers, and what Helm is told of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from headroom.plugins.kubernetes.properties import UNKNOWN
from headroom.plugins.kubernetes.refusals import STAND_IN, NotCovered

Inputs = Mapping[str, Any]

TIMEOUT_SECONDS = 300
"""Of an option `timeout` that is left out, or 0."""

DEFAULTS: dict[str, Any] = {
    "allowNullValues": False,
    "atomic": False,
    "chart": "",
    "cleanupOnFail": False,
    "createNamespace": False,
    "dependencyUpdate": False,
    "description": "",
    "devel": False,
    "disableCRDHooks": False,
    "disableOpenapiValidation": False,
    "disableWebhooks": False,
    "forceUpdate": False,
    "keyring": "",
    "lint": False,
    "postrender": "",
    "recreatePods": False,
    "renderSubchartNotes": False,
    "replace": False,
    "resetValues": False,
    "reuseValues": False,
    "skipAwait": False,
    "skipCrds": False,
    "takeOwnership": False,
    "values": {},
    "verify": False,
    "version": "",
    "waitForJobs": False,
}
"""Every option is among a Release's inputs, given or not."""

NOT_COVERED = {
    "dependencyUpdate": "give a packaged chart, which has its dependencies",
    "devel": "name the `version`",
    "disableCRDHooks": "leave it out: hooks run",
    "keyring": "leave it out",
    "lint": "run `helm lint` on the chart",
    "postrender": "leave it out",
    "recreatePods": "leave it out: Helm itself has given it up",
    "renderSubchartNotes": "leave it out: notes are not shown",
    "replace": "give the release another name",
    "valueYamlFiles": "give `values`",
    "verify": "verify the chart when it is fetched: `helm pull --verify`",
}
REPOSITORY = ("repo", "caFile", "certFile", "keyFile")

_FLAGS = {
    "atomic": "--atomic",
    "disableOpenapiValidation": "--disable-openapi-validation",
    "disableWebhooks": "--no-hooks",
    "skipCrds": "--skip-crds",
    "takeOwnership": "--take-ownership",
}
_ONLY_INSTALL = {"createNamespace": "--create-namespace"}
_ONLY_UPGRADE = {
    "cleanupOnFail": "--cleanup-on-fail",
    "forceUpdate": "--force",
    "resetValues": "--reset-values",
    "reuseValues": "--reuse-values",
}
_REPOSITORY_FLAGS = {"repo": "--repo", "caFile": "--ca-file", "certFile": "--cert-file", "keyFile": "--key-file"}


def refuse(inputs: Inputs) -> None:
    """Raises `NotCovered` for an option with a value that is not its default."""
    for option, remedy in NOT_COVERED.items():
        if inputs.get(option, DEFAULTS.get(option)) not in (DEFAULTS.get(option), None, []):
            raise NotCovered(f"{STAND_IN} the option `{option}` of helm.v3.Release: {remedy}")
    repository = inputs.get("repositoryOpts") or {}
    if repository is UNKNOWN:
        return
    for option, value in repository.items():
        if option not in REPOSITORY and value:
            raise _login(f"the option `repositoryOpts.{option}`")
    for option, url in (("chart", inputs.get("chart")), ("repositoryOpts.repo", repository.get("repo"))):
        # It would stand among Helm's arguments, which every user of this machine can read.
        if isinstance(url, str) and "@" in url.partition("://")[2].partition("/")[0]:
            raise _login(f"a login in the option `{option}`")


def _login(what: str) -> NotCovered:
    remedy = "log in with `helm registry login`, or give a chart that was fetched before"
    return NotCovered(f"{STAND_IN} {what} of helm.v3.Release: {remedy}")


def mark(urn: str) -> tuple[str, str]:
    """The label of a release that the resource `urn` has installed: Helm keeps it in the cluster from the beginning of the installation."""
    return "headroom.dev/resource", hashlib.sha256(urn.encode()).hexdigest()[:32]


def install_flags(inputs: Inputs, urn: str) -> list[str]:
    """What `helm install` is told beside the chart and its values."""
    return [*_common(inputs), *_chosen(inputs, _ONLY_INSTALL), f"--labels={'='.join(mark(urn))}"]


def upgrade_flags(inputs: Inputs) -> list[str]:
    """What `helm upgrade` is told beside the chart and its values."""
    return [*_common(inputs), *_chosen(inputs, _ONLY_UPGRADE), f"--history-max={inputs.get('maxHistory') or 0}"]


def uninstall_flags(inputs: Inputs) -> list[str]:
    """What `helm uninstall` is told."""
    waits = inputs.get("atomic") or not inputs.get("skipAwait")
    return ["--ignore-not-found", *(["--wait", _timeout(inputs)] if waits else [])]


def place(inputs: Inputs) -> list[str]:
    """The chart as an argument, and the flags that say where it is."""
    repository = inputs.get("repositoryOpts") or {}
    flags = [f"{flag}={repository[option]}" for option, flag in _REPOSITORY_FLAGS.items() if repository.get(option)]
    version = [f"--version={inputs['version']}"] if inputs.get("version") else []
    return [inputs["chart"].strip(), *version, *flags]


def _common(inputs: Inputs) -> Iterator[str]:
    yield from _chosen(inputs, _FLAGS)
    yield _timeout(inputs)
    if not inputs.get("skipAwait"):
        yield "--wait"
        if inputs.get("waitForJobs"):
            yield "--wait-for-jobs"
    if inputs.get("description"):
        yield f"--description={inputs['description']}"


def _chosen(inputs: Inputs, flags: Mapping[str, str]) -> list[str]:
    return [flag for option, flag in flags.items() if inputs.get(option)]


def _timeout(inputs: Inputs) -> str:
    return f"--timeout={inputs.get('timeout') or TIMEOUT_SECONDS}s"
