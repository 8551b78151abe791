"""A kubeconfig that is wrong is told as one: which key, which file, and nothing of what is secret."""

from __future__ import annotations

import base64
import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.errors import Unreachable
from headroom.plugins.kubernetes.kubeconfig import Target

NOWHERE = "https://127.0.0.1:1"
REFUSED = "connect: connection refused"
"""What is said of a server that is not there, once all that the kubeconfig holds has been taken."""
SECRET = "hunter2"


def pair() -> tuple[bytes, bytes]:
    """A certificate and its key in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + datetime.timedelta(days=1))
    ).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    return certificate.public_bytes(pem), key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


@pytest.fixture(scope="module")
def certificate_and_key() -> tuple[bytes, bytes]:
    return pair()


def said(cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None) -> str:
    """Why a server that is not there is not reached by such a kubeconfig."""
    with pytest.raises(Unreachable) as failure:
        Client(Target({"server": NOWHERE, **(cluster or {})}, user or {})).get_path("/version")
    return str(failure.value)


def data(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize("key", ["tokenFile", "client-certificate"])
def test_a_file_of_the_user_that_is_not_there_is_named_with_its_key(key: str) -> None:
    assert said(user={key: "/gone/file"}) == f"unable to read {key} /gone/file: No such file or directory"


def test_an_authority_that_is_not_there_is_named_with_its_key() -> None:
    assert said({"certificate-authority": "/gone/ca.crt"}) == "unable to read certificate-authority /gone/ca.crt: No such file or directory"


@pytest.mark.parametrize("content", ["", SECRET], ids=["empty", "text"])
def test_an_authority_without_a_certificate_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "ca.crt").write_text(content)
    path = str(tmp_path / "ca.crt")
    assert said({"certificate-authority": path}) == f"certificate-authority {path} holds no certificate in PEM"


def test_an_authority_may_have_remarks_in_any_language(tmp_path: Path, certificate_and_key: tuple[bytes, bytes]) -> None:
    (tmp_path / "ca.crt").write_bytes("# für uns\n".encode() + certificate_and_key[0])
    assert REFUSED in said({"certificate-authority": str(tmp_path / "ca.crt")})


@pytest.mark.parametrize("content", [f"{SECRET}!", 7], ids=["text", "a number"])
def test_data_that_is_not_base64_is_named_by_its_key_alone(content: Any) -> None:
    assert said({"certificate-authority-data": content}) == "certificate-authority-data of the kubeconfig is not base64"


def test_a_certificate_in_the_kubeconfig_goes_with_a_key_in_a_file(tmp_path: Path, certificate_and_key: tuple[bytes, bytes]) -> None:
    certificate, key = certificate_and_key
    (tmp_path / "key").write_bytes(key)
    assert REFUSED in said(user={"client-certificate-data": data(certificate), "client-key": str(tmp_path / "key")})


def test_a_certificate_in_a_file_goes_with_a_key_in_the_kubeconfig(tmp_path: Path, certificate_and_key: tuple[bytes, bytes]) -> None:
    certificate, key = certificate_and_key
    (tmp_path / "certificate").write_bytes(certificate)
    assert REFUSED in said(user={"client-certificate": str(tmp_path / "certificate"), "client-key-data": data(key)})


def test_what_stands_in_the_kubeconfig_wins_over_a_file(certificate_and_key: tuple[bytes, bytes]) -> None:
    assert REFUSED in said({"certificate-authority": "/gone", "certificate-authority-data": data(certificate_and_key[0])})


def test_a_certificate_and_a_key_that_do_not_belong_together_are_named(tmp_path: Path, certificate_and_key: tuple[bytes, bytes]) -> None:
    (tmp_path / "key").write_bytes(pair()[1])
    user = {"client-certificate-data": data(certificate_and_key[0]), "client-key": str(tmp_path / "key")}
    assert said(user=user) == f"client-certificate-data and client-key {tmp_path / 'key'} are no certificate in PEM with its key"


def test_a_certificate_without_any_key_is_named(certificate_and_key: tuple[bytes, bytes]) -> None:
    user = {"client-certificate-data": data(certificate_and_key[0])}
    assert said(user=user) == "client-certificate-data and client-key are no certificate in PEM with its key"


def test_a_token_that_no_header_may_hold_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{SECRET}\n{SECRET}")
    assert said(user={"tokenFile": str(path)}) == f"tokenFile {path} has characters that no HTTP header may have"


@pytest.mark.parametrize("printed", ["[]", '{"status": null}', '{"status": {"clientKeyData": 7}}', SECRET])
def test_a_plugin_that_prints_no_credential_is_named(printed: str) -> None:
    assert said(user={"exec": {"command": "echo", "args": [printed]}}).startswith("getting credentials: exec: echo failed (")


@pytest.mark.parametrize("plugin", [{"args": ["token"]}, "login"])
def test_a_plugin_without_a_command_is_told(plugin: Any) -> None:
    assert said(user={"exec": plugin}) == "getting credentials: exec: the kubeconfig names no command"


def test_a_plugin_prints_the_token() -> None:
    printed = json.dumps({"status": {"token": SECRET}})
    assert REFUSED in said(user={"exec": {"command": "echo", "args": [printed]}})


@pytest.mark.parametrize("server", ["https://host:port", "https://[::1", "", None])
def test_a_server_that_is_no_url_is_told(server: str | None) -> None:
    assert said({"server": server}) == "server of the kubeconfig is no URL"
