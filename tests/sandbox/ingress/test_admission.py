"""Who is let in by Traefik, and how: TLS that ends there, clear text sent on to it, sources, and authentication."""

from __future__ import annotations

import base64
import contextlib
import datetime
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from headroom.catalog.entrypoints import GRPC, HTTP, HTTPS
from headroom.catalog.names import server_labels
from headroom.desired import routing, serving
from headroom.desired.objects import Object, obj
from headroom.desired.platform.traefik import default_certificate
from headroom.plugins.kubernetes.client import GVK
from headroom.plugins.kubernetes.errors import ApiError
from headroom.settings.platform import Traefik
from headroom.settings.server import Server
from tests.evidence import Proof
from tests.sandbox.ingress.conftest import ENGINE, MANAGER, NAMESPACE, Routed, deployment

pytestmark = pytest.mark.tools

NAME = "lark"
HOST = "lark.example.com"
OTHER_HOST = "wren.example.com"
PASSWORD = "a-long-password"
HERE, ELSEWHERE = "127.0.0.0/8", "192.0.2.0/24"
ASKED_AT = 18931
# A company's own service: it admits who knows the word.
GATE = f"""
from http.server import BaseHTTPRequestHandler, HTTPServer
class Gate(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204 if self.headers.get("X-Word") == "sesame" else 401)
        self.end_headers()
HTTPServer(("127.0.0.1", {ASKED_AT}), Gate).serve_forever()
"""


@dataclass(frozen=True)
class Guarded:
    """A server with one replica, whose route is what a test says."""

    routed: Routed
    directory: Path

    def route(self, platform: dict[str, Any] | None = None, host: str = HOST, **route: Any) -> None:
        settings = Server.model_validate(
            {
                "engine": "triton",
                "image": "nvcr.io/nvidia/tritonserver:25.06-py3",
                "models": "s3://bucket/models",
                "autoscaling": {"replicas": {"max": 2}, "signals": {"queue-time": "1s"}},
                "route": {"host": host, **route},
            }
        )
        place = (NAME, NAMESPACE, server_labels("triton", NAME))
        wanted = routing.objects(*place, ENGINE, settings, Traefik.model_validate(platform or {}))
        if routing.USERS in wanted:
            hashed = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
            wanted[routing.USERS]["stringData"] = {"users": f"ann:{{SHA}}{hashed}\n"}
        if "route-redirect" not in wanted:
            with contextlib.suppress(ApiError):
                self.routed.api.delete(GVK(routing.GROUP, "IngressRoute"), NAMESPACE, f"{NAME}-redirect", propagation="Background")
        for item in (serving.network.service(*place, ENGINE, settings), deployment(NAME, 1, 5), *wanted.values()):
            self.apply(item)

    def apply(self, item: Object) -> None:
        self.routed.api.apply(item, field_manager=MANAGER, force=True)

    def certificate(self, secret: str, host: str, namespace: str = NAMESPACE) -> str:
        """A Secret with a certificate for `host`, and the file of what signed it: itself."""
        certificate, key = self_signed(host)
        texts = {"tls.crt": certificate.decode(), "tls.key": key.decode()}
        self.apply(obj("v1", "Secret", secret, namespace=namespace, labels={}, type="kubernetes.io/tls", stringData=texts))
        file = self.directory / f"{secret}.pem"
        file.write_bytes(certificate)
        return str(file)

    def get(self, scheme: str = "http", host: str = HOST, **asked: Any) -> dict[str, Any]:
        port = (HTTPS if scheme == "https" else HTTP).listens
        return self.routed.visit(url=f"{scheme}://127.0.0.1:{port}/v2/health/ready", host=host, **asked)

    def call(self, **asked: Any) -> dict[str, Any]:
        return self.routed.visit(call=f"127.0.0.1:{GRPC.listens}", host=HOST, **asked)


def self_signed(host: str) -> tuple[bytes, bytes]:
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), _now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=5))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM), key.private_bytes(*plain)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@pytest.fixture
def guarded(routed: Routed, tmp_path: Path) -> Iterator[Guarded]:
    found = Guarded(routed, tmp_path)
    yield found
    found.route()


def basic(password: str) -> str:
    return f"Basic {base64.b64encode(f'ann:{password}'.encode()).decode()}"


@pytest.mark.proves("TLS ends at Traefik: HTTP and gRPC with the certificate of a Secret", Proof.REAL)
def test_a_route_is_served_with_the_certificate_of_its_secret(guarded: Guarded) -> None:
    authority = guarded.certificate("lark-own", HOST)
    guarded.route({"tls": {}}, tls={"secret": "lark-own"})
    guarded.routed.until(lambda: guarded.get("https", authority=authority).get("status") == 200, "HTTPS with the certificate is answered")
    said = guarded.call(authority=authority)
    assert (said["end"], len(said["pods"])) == ("OK", 3)


def test_a_client_that_trusts_another_certificate_is_not_fooled(guarded: Guarded) -> None:
    authority, other = guarded.certificate("lark-own", HOST), guarded.certificate("lark-other", HOST)
    guarded.route({"tls": {}}, tls={"secret": "lark-own"})
    guarded.routed.until(lambda: guarded.get("https", authority=authority).get("status") == 200, "HTTPS with the certificate is answered")
    assert "CERTIFICATE_VERIFY_FAILED" in guarded.get("https", authority=other)["error"]
    assert guarded.call(authority=other)["end"] == "UNAVAILABLE"


@pytest.mark.proves("a route without a certificate of its own has the platform's", Proof.REAL)
def test_a_route_without_its_own_is_served_with_the_certificate_of_the_platform(guarded: Guarded) -> None:
    installed = {"mode": "helm", "tls": {"secret": "wildcard"}}
    authority = guarded.certificate("wildcard", OTHER_HOST, namespace="traefik")
    guarded.apply(default_certificate(Traefik.model_validate(installed), "wildcard"))
    guarded.route(installed, host=OTHER_HOST)
    guarded.routed.until(
        lambda: guarded.get("https", host=OTHER_HOST, authority=authority).get("status") == 200, "the platform's certificate is shown"
    )


@pytest.mark.proves("clear text is sent on to HTTPS, and none reaches a pod", Proof.REAL)
def test_clear_text_is_sent_on_to_https(guarded: Guarded) -> None:
    guarded.certificate("lark-own", HOST)
    guarded.route({"tls": {}}, tls={"secret": "lark-own"})
    guarded.routed.until(lambda: guarded.get()["status"] in (301, 308), "clear text is sent on")
    assert guarded.get()["headers"]["location"] == f"https://{HOST}/v2/health/ready"


@pytest.mark.proves("a route serves the addresses that it allows and no others", Proof.REAL)
def test_addresses_that_are_not_allowed_are_refused(guarded: Guarded) -> None:
    guarded.route(allowedSources=[ELSEWHERE])
    guarded.routed.until(lambda: guarded.get()["status"] == 403, "requests from here are refused")
    refused = guarded.call()
    guarded.route(allowedSources=[ELSEWHERE, HERE])
    guarded.routed.until(lambda: guarded.get()["status"] == 200, "requests from here are served")
    assert refused["end"] == "PERMISSION_DENIED"
    assert guarded.call()["end"] == "OK"


@pytest.mark.proves("a route admits users with their passwords and nobody else", Proof.REAL)
def test_users_are_admitted_with_their_passwords(guarded: Guarded) -> None:
    guarded.route(auth={"basic": "users"})
    guarded.routed.until(lambda: guarded.get()["status"] == 401, "nobody is let in without a password")
    assert guarded.get(headers={"Authorization": basic("wrong")})["status"] == 401
    assert guarded.get(headers={"Authorization": basic(PASSWORD)})["status"] == 200
    assert guarded.call()["end"] == "UNAUTHENTICATED"
    assert guarded.call(metadata=[["authorization", basic(PASSWORD)]])["end"] == "OK"


@pytest.mark.proves("a company's own service decides who is admitted", Proof.REAL)
def test_a_service_of_the_company_is_asked(guarded: Guarded) -> None:
    with gate(guarded):
        guarded.route(auth={"forward": {"address": f"http://127.0.0.1:{ASKED_AT}/verify"}})
        guarded.routed.until(lambda: guarded.get()["status"] == 401, "the service refuses")
        assert guarded.get(headers={"X-Word": "sesame"})["status"] == 200
        assert guarded.call(metadata=[["x-word", "sesame"]])["end"] == "OK"


@contextlib.contextmanager
def gate(guarded: Guarded) -> Iterator[None]:
    with guarded.routed.sandbox.popen([sys.executable, "-c", GATE], stderr=subprocess.DEVNULL) as service:
        try:
            yield
        finally:
            service.terminate()
