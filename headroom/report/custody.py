"""Who keeps the state and the secrets of a stack: an object made of its file and of the environment, for the verifier to judge."""

from __future__ import annotations

import hashlib
import os
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from headroom.settings import Stack
from headroom.wiring import Finding, verify
from headroom.wiring.document import Document

_ROUNDS = 1_000_000
_KEY_BYTES = 32


def custody_findings(settings: Stack, file: Path) -> list[Finding]:
    """Of the state and the secrets of a stack, whose file this is: whether a team can share them."""
    return verify(_custody(settings, file))


def _custody(settings: Stack, file: Path) -> list[Document]:
    """One that is for the sandbox is this machine's own."""
    if settings.cluster.provider == "kwok":
        return []
    written = yaml.safe_load(file.read_text())
    project = yaml.safe_load((file.parents[1] / "Pulumi.yaml").read_text())
    in_project = project.get("backend") or {}
    backend = os.environ.get("PULUMI_BACKEND_URL") or in_project.get("url") or "file://"
    spec = {"backend": backend, "secretsProvider": written.get("secretsprovider") or _by_itself(written, backend)}
    body = {"apiVersion": "pulumi.com/v1", "kind": "Stack", "metadata": {"name": settings.name}, "spec": spec}
    return [Document(body, f"{file.parent.name}/{file.name}", {(): 1})]


def _by_itself(written: Mapping[str, Any], backend: str) -> str:
    """Without a word Pulumi Cloud encrypts by its own key, and every other backend by a passphrase."""
    salt = written.get("encryptionsalt")
    if salt is None:
        return "service" if backend.startswith("https:") else "passphrase"
    return "empty passphrase" if _holds_secrets(written.get("config")) and _is_opened_by(salt, "") else "passphrase"


def _holds_secrets(config: Any) -> bool:
    if isinstance(config, Mapping):
        return "secure" in config or any(map(_holds_secrets, config.values()))
    return isinstance(config, list) and any(map(_holds_secrets, config))


def _is_opened_by(salt: str, passphrase: str) -> bool:
    """Whether this is the passphrase: the word that the salt ends with can be decrypted. Half a second of work, by design.

    Source: pulumi/pulumi sdk/go/common/resource/config/crypt.go and pkg/secrets/passphrase/manager.go.
    """
    # An eighth of a second that no stack without secrets has to wait.
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        _, own, _, nonce, word = salt.split(":")
        key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), b64decode(own), _ROUNDS, _KEY_BYTES)
        AESGCM(key).decrypt(b64decode(nonce), b64decode(word), None)
    except (ValueError, InvalidTag):
        return False
    return True
