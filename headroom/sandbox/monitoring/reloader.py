"""`python -m headroom.sandbox.monitoring.reloader CLONE PROCESS PROGRAM NAMESPACE NAME`: what the config reloader does in a pod.

Whenever something stirs there, it reads what the operator generated for the object NAME of PROGRAM, writes what changed to files and has
the program reload. As PROCESS it answers `/-/ready` once the first configuration is written, and `/-/healthy` with what went wrong last.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from headroom.paths import Clone
from headroom.sandbox import async_api
from headroom.sandbox.api import Api
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import HOST, PORTS, Layout
from headroom.sandbox.monitoring.generated import Source, collections, source
from headroom.tools.files import replace_text

RETRY_SECONDS = 1.0


class Reloader:
    def __init__(self, api: Api, source: Source) -> None:
        self._api = api
        self._source = source
        self._program = httpx.Client(base_url=source.url, timeout=10, trust_env=False)
        self._written: dict[Path, str] = {}
        self._loaded: dict[Path, str] | None = None
        self.ready = False
        self._unread = "the operator has generated no configuration yet"
        self._refused = ""

    @property
    def error(self) -> str:
        """What is wrong now; empty while all is well."""
        return self._unread or self._refused

    @property
    def behind(self) -> bool:
        """Whether another look is due though nothing stirs: it could not read everything, or the program has not loaded it."""
        return bool(self._unread) or self._loaded != self._written

    def look(self) -> None:
        """One round. What it could not read it may read in the next; what the program refused stays so until something changes."""
        try:
            generated = self._source.look(self._api)
            if generated is None:
                return
            if generated.files != self._written:
                self._write(generated.files)
            _replace(self._source.arguments, json.dumps(generated.arguments, indent=2))
            self.ready, self._unread = True, ""
            if self._loaded != generated.files:
                self._reload(generated.files)
        except (httpx.HTTPError, SandboxError, OSError) as error:
            self._unread = _printed(f"{type(error).__name__}: {error}", self._unread)

    def _write(self, wanted: dict[Path, str]) -> None:
        for path, text in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, text)
        for path in (self._source.directory / self._source.passing).glob("*/*"):
            if path not in wanted:
                path.unlink()
        self._written = wanted

    def _reload(self, wanted: dict[Path, str]) -> None:
        try:
            response = self._program.post("/-/reload")
        except httpx.ConnectError:
            # Not started yet, or about to be again: it reads the files itself then, and is asked once more after that.
            return
        self._loaded = wanted
        if response.is_success:
            self._refused = ""
            print(f"loaded {len(wanted)} files", flush=True)
        else:
            self._refused = _printed(response.text.strip(), self._refused)


def _printed(message: str, before: str) -> str:
    """The message, printed where it is news."""
    if message != before:
        print(message, flush=True)
    return message


def _replace(path: Path, text: str) -> None:
    """Whole or not at all, and untouched when it is the same."""
    if path.exists() and path.read_text() == text:
        return
    replace_text(path, text, mode=0o600)  # Some hold a secret.


def answer(reloader: Reloader, address: tuple[str, int]) -> None:
    """Serves the state of `reloader` from a thread of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            good = reloader.ready if self.path == "/-/ready" else not reloader.error
            body = (reloader.error or "ok").encode()
            self.send_response(200 if good else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any, **__: Any) -> None:
            """Silent: only what changes is worth a line."""

    threading.Thread(target=ThreadingHTTPServer(address, Handler).serve_forever, daemon=True).start()


async def follow(reloader: Reloader, api: async_api.Api, paths: Iterable[str]) -> None:
    """Looks whenever something below `paths` changes, and every second while it is behind."""
    stirred = asyncio.Event()

    async def hear(path: str) -> None:
        async for _ in api.watch(path):
            stirred.set()

    async with asyncio.TaskGroup() as ears:
        for path in paths:
            ears.create_task(hear(path))
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stirred.wait(), RETRY_SECONDS if reloader.behind else None)
            stirred.clear()
            await asyncio.to_thread(reloader.look)


def main() -> None:
    clone, process, program, namespace, name = sys.argv[1:]
    layout = Layout(Clone(Path(clone)))
    reloader = Reloader(Api(layout, "reloader"), source(layout, program, namespace, name))
    answer(reloader, (HOST, PORTS[process]))
    asyncio.run(follow(reloader, async_api.Api(layout.kubeconfig_of("reloader")), collections(namespace)))


if __name__ == "__main__":
    main()
