"""Simulated servers of language models as processes, started as in a container."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from headroom.sandbox.engines.exposition import Family, read

ENGINES = Path(__file__).parents[3] / "headroom" / "sandbox" / "engines"
QUICK = {"SANDBOX_STEP_TIME": "5ms", "SANDBOX_PROMPT_RATE": "1000000"}


@dataclass(frozen=True)
class Simulator:
    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, trust_env=False)

    def chat(self, **asked: Any) -> httpx.Response:
        body = {"model": self.model(), "messages": [{"role": "user", "content": "one two three"}], **asked}
        return httpx.post(f"{self.url}/v1/chat/completions", content=json.dumps(body), timeout=30, trust_env=False)

    def model(self) -> str:
        return self.get("/v1/models").json()["data"][0]["id"]

    def metrics(self, path: str) -> dict[str, Family]:
        return read(self.get(path).text)


def command(place: Path, engine: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """The engines alone, without this project's packages."""
    package = place / "headroom" / "sandbox" / "engines"
    if not package.exists():
        package.parent.mkdir(parents=True)
        package.symlink_to(ENGINES)
    return [sys.executable, "-P", "-S", "-m", f"headroom.sandbox.engines.{engine}", *arguments], {"PYTHONPATH": str(place)}


@contextlib.contextmanager
def running(place: Path, engine: str, *arguments: str, port: int, variables: Mapping[str, str]) -> Iterator[Simulator]:
    line, environment = command(place, engine, *arguments)
    process = subprocess.Popen(line, env={**os.environ, **environment, **variables}, text=True, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        assert "serves" in process.stdout.readline()
        yield Simulator(process, port)
    finally:
        process.kill()
        process.wait()
