"""One look of a probe at a container: what it sees, and the kubelet's words for what it does not like."""

from __future__ import annotations

import asyncio
import errno
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from headroom.sandbox.kubelet.probes import Probe, port_number

_USER_AGENT = "kube-probe/sandbox"
_SERVING = b"\x08\x01"  # grpc.health.v1.HealthCheckResponse{status: SERVING}
_BODY_SHOWN = 512


class Executes(Protocol):
    async def execute(self, command: list[str], seconds: float) -> tuple[int | None, str]: ...


@dataclass(frozen=True)
class Target:
    """The container that is looked at: its pod's address, its spec (for named ports), and its processes."""

    address: str
    container: Mapping[str, Any]
    executes: Executes


@dataclass(frozen=True)
class Outcome:
    success: bool
    message: str = ""


async def look(probe: Probe, target: Target) -> Outcome:
    """Never raises: a look that takes longer than the probe's timeout is a failure, and so is one that fails unforeseen."""
    try:
        return await _look(probe, target)
    except Exception as error:  # noqa: BLE001  (a probe that ends in silence leaves its pod as it was for ever)
        return Outcome(False, unforeseen(error))


def unforeseen(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


async def _look(probe: Probe, target: Target) -> Outcome:
    if probe.action == "exec":
        return await _execute(probe, target)
    number = port_number(target.container, probe.settings["port"])
    if number is None:
        return Outcome(False, f"invalid port: the container has no port named {probe.settings['port']!r}")
    host = probe.settings.get("host") or target.address
    if probe.action == "httpGet":
        return await http_get(probe.settings, host, number, probe.timeout)
    if probe.action == "grpc":
        return await _grpc(probe, host, number)
    return await _tcp(probe, host, number)


async def _execute(probe: Probe, target: Target) -> Outcome:
    code, said = await target.executes.execute(list(probe.settings.get("command") or ()), probe.timeout)
    if code is None:
        return Outcome(False, f"command timed out after {probe.timeout:g}s")
    return Outcome(code == 0, said)


async def _tcp(probe: Probe, host: str, port: int) -> Outcome:
    try:
        async with asyncio.timeout(probe.timeout):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return Outcome(False, f"dial tcp {host}:{port}: i/o timeout")
    except OSError as error:
        return Outcome(False, _dial(host, port, error))
    writer.close()
    return Outcome(True)


async def http_get(settings: Mapping[str, Any], host: str, port: int, seconds: float) -> Outcome:
    """200 to 399 is a success, a redirect too (it is not followed). Certificates are not looked at."""
    scheme = (settings.get("scheme") or "HTTP").lower()
    path = settings.get("path") or "/"
    url = f"{scheme}://{host}:{port}{path if path.startswith('/') else '/' + path}"
    try:
        async with asyncio.timeout(seconds):
            status, body = await _request(settings, scheme, host, port, url)
    except TimeoutError:
        return Outcome(False, f'Get "{url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)')
    except OSError as error:
        return Outcome(False, f'Get "{url}": {_dial(host, port, error)}')
    except ValueError:
        return Outcome(False, f'Get "{url}": net/http: HTTP/1.x transport connection broken: malformed HTTP response')
    if 200 <= status < 400:
        return Outcome(True)
    return Outcome(False, f"HTTP probe failed with statuscode: {status}" + (f" ({body})" if body else ""))


async def _request(settings: Mapping[str, Any], scheme: str, host: str, port: int, url: str) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection(host, port, ssl=_unverified() if scheme == "https" else None)
    try:
        headers = {"Host": f"{host}:{port}", "User-Agent": _USER_AGENT, "Accept": "*/*", "Connection": "close"}
        headers |= {header["name"]: header["value"] for header in settings.get("httpHeaders") or []}
        lines = [f"GET {url.split(f':{port}', 1)[1]} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        status_line = (await reader.readline()).decode("latin-1")
        version, _, rest = status_line.partition(" ")
        if not version.startswith("HTTP/"):
            raise ValueError(status_line)
        status = int(rest.partition(" ")[0])
        return status, "" if status < 400 else await _body(reader)
    finally:
        writer.close()


async def _body(reader: asyncio.StreamReader) -> str:
    answer = await reader.read(4096)
    return answer.partition(b"\r\n\r\n")[2].decode(errors="replace").strip()[:_BODY_SHOWN]


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _grpc(probe: Probe, host: str, port: int) -> Outcome:
    from grpc import RpcError, aio  # loads slowly, and few pods have such a probe

    service = (probe.settings.get("service") or "").encode()
    request = b"\x0a" + bytes([len(service)]) + service if service else b""
    async with aio.insecure_channel(f"{host}:{port}") as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check", request_serializer=bytes, response_deserializer=bytes)
        try:
            answer = await check(request, timeout=probe.timeout)
        except RpcError as error:
            code = getattr(error, "code", lambda: "UNKNOWN")()
            return Outcome(False, f'service unhealthy (gRPC status of "{host}:{port}": {code})')
    if answer == _SERVING:
        return Outcome(True)
    return Outcome(False, f'service unhealthy (responded with "{answer[-1] if answer else 0}" and not 1, SERVING)')


def _dial(host: str, port: int, error: OSError) -> str:
    reason = {errno.ECONNREFUSED: "connection refused", errno.EHOSTUNREACH: "no route to host"}.get(error.errno or 0)
    return f"dial tcp {host}:{port}: connect: {reason}" if reason else f"{host}:{port}: {error}"
