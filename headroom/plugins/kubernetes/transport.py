"""HTTP to one API server: TLS, credentials, connection reuse, and errors in the words that client-go uses for them."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3

from headroom.plugins.kubernetes.errors import ApiError, Unreachable
from headroom.plugins.kubernetes.kubeconfig import Target

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
EXEC_SECONDS = 60.0
USER_AGENT = "headroom-kubernetes-stand-in"


class Transport:
    """Requests to the server of `target`. Safe for several threads."""

    def __init__(self, target: Target) -> None:
        self._base = target.server.rstrip("/")
        self._target = target
        self._secure = urlsplit(self._base).scheme == "https"
        # As client-go: over plain HTTP no credentials are sent.
        self._user = _with_exec(target.user) if self._secure else {}
        self._pool = urllib3.PoolManager(
            maxsize=16,
            retries=False,
            ssl_context=_tls(target.cluster, self._user) if self._secure else None,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            **({"server_hostname": target.cluster["tls-server-name"]} if target.cluster.get("tls-server-name") else {}),
        )

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The decoded answer, None for a part of a document.

        Raises `ApiError` for a status of 400 and above, `Unreachable` when there is no answer.
        """
        response = self._answer(method, path, query=query, body=body, content_type=content_type, headers=headers)
        return json.loads(response.data) if response.status in (200, 201) and response.data else None

    def text(self, path: str) -> str:
        """What is answered to a GET that is no JSON. Raises as `request` does."""
        return self._answer("GET", path, headers={"Accept": "text/plain, */*"}).data.decode(errors="replace")

    def _answer(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> urllib3.BaseHTTPResponse:
        url = self._base + path + (f"?{urlencode(query)}" if query else "")
        sent = {"Accept": "application/json", "User-Agent": USER_AGENT, **self._authorization(), **(headers or {})}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = content_type
        try:
            response = self._send(method, url, data, sent)
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(f'{method.capitalize()} "{url}": {_dial_error(error, url)}') from None
        if response.status >= 400:
            raise _api_error(response.status, response.data)
        return response

    def _send(self, method: str, url: str, data: bytes | None, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        try:
            return self._pool.request(method, url, body=data, headers=headers)
        except urllib3.exceptions.ProtocolError:
            # A kept-alive connection that the server closed: only what changes nothing may be sent twice.
            if method != "GET":
                raise
            return self._pool.request(method, url, body=data, headers=headers)

    def _authorization(self) -> dict[str, str]:
        token = self._user.get("token")
        if not token and self._user.get("tokenFile"):
            token = Path(self._user["tokenFile"]).read_text().strip()
        if token:
            return {"Authorization": f"Bearer {token}"}
        if self._user.get("username"):
            pair = f"{self._user['username']}:{self._user.get('password', '')}"
            return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        return {}


def _tls(cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context(
        cafile=cluster.get("certificate-authority"),
        cadata=base64.b64decode(cluster["certificate-authority-data"]).decode() if cluster.get("certificate-authority-data") else None,
    )
    # Private authorities often lack the key usage extension that Python 3.13 began to demand.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    if cluster.get("insecure-skip-tls-verify"):
        # The kubeconfig says so; a warning at every request would end up among the update's diagnostics.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    _load_client_certificate(context, user)
    return context


def _load_client_certificate(context: ssl.SSLContext, user: dict[str, Any]) -> None:
    if user.get("client-certificate-data"):
        # OpenSSL reads certificates from files only: one that nobody else can read, gone as soon as it is loaded.
        descriptor, name = tempfile.mkstemp()
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64decode(user["client-certificate-data"]) + b"\n" + base64.b64decode(user["client-key-data"]))
            context.load_cert_chain(name)
        finally:
            os.unlink(name)
    elif user.get("client-certificate"):
        context.load_cert_chain(user["client-certificate"], user.get("client-key"))


def _with_exec(user: dict[str, Any]) -> dict[str, Any]:
    """`user` with the credential that its exec plugin prints (client.authentication.k8s.io). Raises `Unreachable`."""
    plugin = user.get("exec")
    if not plugin:
        return user
    given = {item["name"]: item["value"] for item in plugin.get("env") or []}
    info = {"apiVersion": plugin.get("apiVersion"), "kind": "ExecCredential", "spec": {"interactive": False}}
    try:
        run = subprocess.run(
            [plugin["command"], *(plugin.get("args") or [])],
            env={**os.environ, **given, "KUBERNETES_EXEC_INFO": json.dumps(info)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=EXEC_SECONDS,
            check=True,
        )
        status = json.loads(run.stdout)["status"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        hint = f" {plugin['installHint']}" if plugin.get("installHint") else ""
        raise Unreachable(f"getting credentials: exec: {plugin['command']} failed ({type(error).__name__}).{hint}") from None
    credential = {"token": status.get("token")}
    for field, key in (("clientCertificateData", "client-certificate-data"), ("clientKeyData", "client-key-data")):
        if status.get(field):
            credential[key] = base64.b64encode(status[field].encode()).decode()
    return {**user, **{key: value for key, value in credential.items() if value}}


def _api_error(status: int, data: bytes) -> ApiError:
    try:
        answer = json.loads(data)
    except ValueError:
        answer = {}
    if status == 401:
        return ApiError(401, "Unauthorized", "the server has asked for the client to provide credentials")
    if isinstance(answer, dict) and answer.get("message"):
        return ApiError(status, answer.get("reason") or "", answer["message"], answer.get("details"))
    if status == 404:
        return ApiError(404, "NotFound", "the server could not find the requested resource")
    return ApiError(status, "", f"the server answered {status}: {data[:200].decode(errors='replace')}")


def _dial_error(error: BaseException, url: str) -> str:
    where = urlsplit(url)
    address = f"{where.hostname}:{where.port or (443 if where.scheme == 'https' else 80)}"
    # The most telling cause first: urllib3 derives a refused connection from a timeout.
    words: dict[type[BaseException], str] = {
        ConnectionRefusedError: f"dial tcp {address}: connect: connection refused",
        socket.gaierror: f"dial tcp: lookup {where.hostname}: no such host",
        ssl.SSLCertVerificationError: "tls: failed to verify certificate",
        urllib3.exceptions.ReadTimeoutError: "context deadline exceeded",
        urllib3.exceptions.ConnectTimeoutError: f"dial tcp {address}: i/o timeout",
    }
    causes = list(_causes(error))
    for kind, text in words.items():
        if any(isinstance(cause, kind) for cause in causes):
            return text
    return str(error)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        reason = getattr(error, "reason", None)
        error = reason if isinstance(reason, BaseException) else error.__cause__ or error.__context__
