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
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import urllib3

from headroom.plugins.kubernetes.errors import ApiError, NotJson, Unreachable
from headroom.plugins.kubernetes.kubeconfig import Target, scheme

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
EXEC_SECONDS = 60.0
USER_AGENT = "headroom"
PARTIAL = 206


class Transport:
    """Requests to the server of `target`. Safe for several threads.

    Raises `Unreachable` for a kubeconfig that is wrong, with the key and the file that are, and nothing that it keeps secret.
    """

    def __init__(self, target: Target) -> None:
        self._base = target.server.rstrip("/")
        self._target = target
        self._secure = scheme(self._base) == "https"
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
        """The decoded answer, a mapping; None for a part of a document.

        Raises `ApiError` for a status of 400 and above, `Unreachable` when there is no answer, `NotJson` when it is of something else.
        """
        response = self._answer(method, path, query=query, body=body, content_type=content_type, headers=headers)
        if response.status == PARTIAL:
            return None
        try:
            answer = json.loads(response.data)
        except ValueError:
            answer = None
        if response.status >= 300 or not isinstance(answer, dict):
            raise NotJson(f'{method.capitalize()} "{self._base}{path}": the answer is something else than JSON')
        return answer

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
        place, token = "token", self._user.get("token")
        if not token and self._user.get("tokenFile"):
            place, content = _file("tokenFile", str(self._user["tokenFile"]))
            token = content.decode(errors="replace").strip()
        if token:
            return {"Authorization": f"Bearer {_in_header(place, str(token))}"}
        if self._user.get("username"):
            pair = f"{self._user['username']}:{self._user.get('password', '')}"
            return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        return {}


class _Held(NamedTuple):
    """What a kubeconfig holds, and how it is called: its place shows none of it."""

    place: str
    content: bytes


def _held(entry: Mapping[str, Any], key: str) -> _Held | None:
    """What stands in a kubeconfig under `key`, in itself or else in the file that it names."""
    data = f"{key}-data"
    if not entry.get(data):
        return _file(key, str(entry[key])) if entry.get(key) else None
    try:
        return _Held(data, base64.b64decode("".join(entry[data].split()), validate=True))
    except (AttributeError, ValueError):
        raise Unreachable(f"{data} of the kubeconfig is not base64") from None


def _file(key: str, path: str) -> _Held:
    try:
        return _Held(f"{key} {path}", Path(path).read_bytes())
    except OSError as error:
        raise Unreachable(f"unable to read {key} {path}: {error.strerror}") from None


def _in_header(place: str, text: str) -> str:
    # http.client would show the text in its error.
    if not (text.isascii() and text.isprintable()):
        raise Unreachable(f"{place} has characters that no HTTP header may have")
    return text


def _tls(cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
    context = _trusting(_held(cluster, "certificate-authority"))
    # Private authorities often lack the key usage extension that Python 3.13 began to demand.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    if cluster.get("insecure-skip-tls-verify"):
        # The kubeconfig says so; a warning at every request would end up among the update's diagnostics.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate, key = _held(user, "client-certificate"), _held(user, "client-key")
    if certificate is not None:
        _load_client_certificate(context, certificate, key)
    return context


def _trusting(authority: _Held | None) -> ssl.SSLContext:
    if authority is None:
        return ssl.create_default_context()
    try:
        # With the line's end it is never empty, which would mean the authorities of this machine.
        return ssl.create_default_context(cadata=authority.content.decode("ascii", errors="ignore") + "\n")
    except ssl.SSLError:
        raise Unreachable(f"{authority.place} holds no certificate in PEM") from None


def _load_client_certificate(context: ssl.SSLContext, certificate: _Held, key: _Held | None) -> None:
    # OpenSSL reads certificates from files only: some that nobody else can read, gone as soon as they are loaded.
    with tempfile.TemporaryDirectory() as private:
        chain, own = Path(private) / "certificate", Path(private) / "key"
        chain.write_bytes(certificate.content)
        own.write_bytes((key or certificate).content)
        try:
            context.load_cert_chain(chain, own)
        except ssl.SSLError:
            places = f"{certificate.place} and {key.place if key else 'client-key'}"
            raise Unreachable(f"{places} are no certificate in PEM with its key") from None


def _with_exec(user: dict[str, Any]) -> dict[str, Any]:
    """`user` with the credential that its exec plugin prints (client.authentication.k8s.io). Raises `Unreachable`."""
    plugin = user.get("exec")
    if not plugin:
        return user
    if not isinstance(plugin, dict) or not plugin.get("command"):
        raise Unreachable("getting credentials: exec: the kubeconfig names no command")
    info = {"apiVersion": plugin.get("apiVersion"), "kind": "ExecCredential", "spec": {"interactive": False}}
    try:
        given = {item["name"]: item["value"] for item in plugin.get("env") or []}
        run = subprocess.run(
            [plugin["command"], *(plugin.get("args") or [])],
            env={**os.environ, **given, "KUBERNETES_EXEC_INFO": json.dumps(info)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=EXEC_SECONDS,
            check=True,
        )
        return {**user, **_credential(json.loads(run.stdout)["status"])}
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError, AttributeError) as error:
        hint = f" {plugin['installHint']}" if plugin.get("installHint") else ""
        raise Unreachable(f"getting credentials: exec: {plugin['command']} failed ({type(error).__name__}).{hint}") from None


def _credential(status: dict[str, Any]) -> dict[str, Any]:
    """The status of an ExecCredential as a kubeconfig would hold it."""
    credential = {"token": status.get("token")}
    for field, key in (("clientCertificateData", "client-certificate-data"), ("clientKeyData", "client-key-data")):
        if status.get(field):
            credential[key] = base64.b64encode(status[field].encode()).decode()
    return {key: value for key, value in credential.items() if value}


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
