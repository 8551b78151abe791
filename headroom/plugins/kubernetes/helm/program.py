"""Runs Helm. Values go to it by its standard input, credentials in a file that nobody else can read; no error shows what is secret."""

from __future__ import annotations

import base64
import functools
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from headroom.plugins.kubernetes.failures import Failed
from headroom.plugins.kubernetes.kubeconfig import Target
from headroom.plugins.kubernetes.properties import Secret, plain

NO_HELM = "helm.v3.Release is installed by Helm, and there is none: `headroom tools build helm` builds it"
HIDDEN = "[secret]"

_POLL_SECONDS = 0.2
_SHORTEST_HIDDEN = 4
"""Shorter secrets would blot out half of every message, and hide nothing."""
_OUR_CHOICE = ("KUBECONFIG", "HELM_NAMESPACE", "HELM_KUBE", "HELM_DEBUG", "HELM_DRIVER", "HELM_MAX_HISTORY")


class HelmFailed(Failed):
    """Helm's own words, without secrets."""


def run(
    arguments: Sequence[str],
    *,
    target: Target | None = None,
    values: Any = None,
    secrets: Any = None,
    cancelled: threading.Event | None = None,
) -> str:
    """What `helm ARGUMENTS` prints.

    `target` is the cluster to work on, `values` are those of the chart; no error shows a `Secret` of them or of `secrets`. When
    `cancelled` is set, Helm is asked to stop: it then records that the release failed. Raises `HelmFailed`, and `Failed` where there is
    no Helm.
    """
    with tempfile.TemporaryDirectory(prefix="headroom-helm-") as private, _said(values) as said:
        process = subprocess.Popen(
            [path(), *arguments, *([] if values is None else ["--values=-"]), *_kubeconfig(Path(private), target)],
            env=_environment(private),
            stdin=said,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        output, complaint = _attended(process, cancelled)
    if process.returncode:
        raise HelmFailed(hidden(_cause(complaint), _secrets([values, secrets])))
    return output


def hidden(text: str, secrets: Iterable[str]) -> str:
    """`text` without any of `secrets`, as they are or as a Secret's data shows them."""
    for secret in sorted(secrets, key=len, reverse=True):
        for form in (secret, base64.b64encode(secret.encode()).decode(), json.dumps(secret)[1:-1]):
            text = text.replace(form, HIDDEN)
    return text


@functools.cache
def path() -> Path:
    """Where Helm is. Raises `Failed` where there is none."""
    from headroom.tools import find

    found = find("helm")
    if found is None:
        raise Failed(NO_HELM)
    return found


@contextmanager
def _said(values: Any) -> Iterator[IO[str]]:
    """What Helm reads: a file without a name, as values may be longer than a pipe holds, and Helm reads them late."""
    with tempfile.TemporaryFile("w+") as file:
        if values is not None:
            json.dump(plain(values), file)
            file.seek(0)
        yield file


def _attended(process: subprocess.Popen[str], cancelled: threading.Event | None) -> tuple[str, str]:
    """What the process writes to its end."""
    asked = False
    while True:
        try:
            return process.communicate(timeout=_POLL_SECONDS if cancelled and not asked else None)
        except subprocess.TimeoutExpired:
            if cancelled is not None and cancelled.is_set():
                process.terminate()
                asked = True


def _kubeconfig(private: Path, target: Target | None) -> list[str]:
    if target is None:
        return []
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "target", "cluster": target.cluster}],
        "users": [{"name": "target", "user": target.user}],
        "contexts": [{"name": "target", "context": {"cluster": "target", "user": "target"}}],
        "current-context": "target",
    }
    file = private / "kubeconfig.json"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        # YAML too: Helm reads both.
        json.dump(document, stream)
    return [f"--kubeconfig={file}"]


def _environment(private: str) -> dict[str, str]:
    """The user's own, with logins and certificates, and without what would change which release of which cluster is meant."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OUR_CHOICE)}
    # Fetched charts are kept nowhere: the cache of another tool is not ours to fill.
    return {"HELM_CACHE_HOME": str(Path(private) / "cache"), **kept}


def _cause(complaint: str) -> str:
    """The error at the end of what Helm wrote on standard error, in the words that the official plugin would show."""
    lines = complaint.strip().splitlines()
    start = next((number for number, line in enumerate(lines) if line.startswith("Error: ")), 0)
    text = "\n".join(lines[start:]).removeprefix("Error: ")
    for what in ("INSTALLATION FAILED: ", "UPGRADE FAILED: "):
        text = text.removeprefix(what)
    return text or "helm failed without a word"


def _secrets(values: Any) -> set[str]:
    """Every text that is secret in `values`, whole and by line: an error quotes lines."""
    found: set[str] = set()
    for text in _texts(values, secret=False):
        found |= {text, *text.splitlines()}
    return {text for text in found if len(text) >= _SHORTEST_HIDDEN}


def _texts(value: Any, *, secret: bool) -> Iterator[str]:
    if isinstance(value, Secret):
        yield from _texts(value.value, secret=True)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item, secret=secret)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, secret=secret)
    elif secret and isinstance(value, str | int | float):
        yield str(value)
