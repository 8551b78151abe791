"""Riva's and Kaldi's simulators as programs of their own, and streams to them from the load's client."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from string import Template

import httpx

from headroom.catalog.engines.kaldi import KALDI
from headroom.sandbox.engines import riva_store
from headroom.sandbox.engines.exposition import Family, read
from headroom.sandbox.load.addresses import Address
from headroom.sandbox.load.protocols.form import Answer, Call
from tests.free_ports import free_ports

CLIENT = httpx.Client(timeout=20, trust_env=False)


@dataclass(frozen=True)
class Simulator:
    process: subprocess.Popen[str]
    grpc_port: int
    http_port: int
    metrics_port: int
    said: str
    """Its first line."""

    def get(self, path: str) -> httpx.Response:
        return CLIENT.get(f"http://127.0.0.1:{self.http_port}{path}")

    def metrics(self) -> dict[str, Family]:
        return read(CLIENT.get(f"http://127.0.0.1:{self.metrics_port}/metrics").text)

    def total(self, name: str) -> float:
        """Over all series."""
        return sum(value for _, value in self.metrics()[name].samples)

    def streams(self, call: Call, count: int = 1, timeout: float = 20) -> list[Answer]:
        """What becomes of so many at once."""

        async def together() -> list[Answer]:
            async with call.sender(timeout) as send:
                return await asyncio.gather(*(send(Address("127.0.0.1", self.grpc_port)) for _ in range(count)))

        return asyncio.run(together())

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def _started(program: str, variables: dict[str, str], ports: list[int]) -> Simulator:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **variables}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment, text=True, stdout=subprocess.PIPE)
    assert process.stdout
    return Simulator(process, *ports, said=process.stdout.readline())


def riva(store: Path, **variables: str) -> Simulator:
    """With the pipeline of an artifact in `store`, unless it has one."""
    for name in riva_store.models_of("nvidia/riva/rmir_asr_conformer_en_us_str:2.19.0"):
        (store / name).mkdir(parents=True, exist_ok=True)
    ports = free_ports(3)
    grpc, http, metrics = ports
    program = (
        "import asyncio, sys; from headroom.sandbox.engines.riva import parse, serve; "
        f"sys.exit(asyncio.run(serve(parse(['--riva_uri=127.0.0.1:{grpc}']), {http}, {metrics})))"
    )
    return _started(program, {"TRTIS_MODEL_STORE": str(store), **variables}, ports)


def kaldi_repository(directory: Path, **options: int) -> Path:
    """A model repository with the catalogue's configuration and files that are there."""
    files = directory / "models" / "LibriSpeech"
    (files / "conf").mkdir(parents=True, exist_ok=True)
    for name in ("final.mdl", "HCLG.fst", "words.txt", "conf/online.conf"):
        (files / name).touch()
    filling = {name: str(option.default) for name, option in KALDI.oldest.options.items()} | {"cache": str(directory)}
    (path, text), *_ = KALDI.oldest.files.items()
    configuration = directory / "repository" / Path(path).parent.name / Path(path).name
    configuration.parent.mkdir(parents=True, exist_ok=True)
    configuration.write_text(Template(text).substitute(filling | {name: str(value) for name, value in options.items()}))
    return directory / "repository"


def kaldi(repository: Path, **variables: str) -> Simulator:
    ports = free_ports(3)
    flags = [f"--{name}-port={port}" for name, port in zip(("grpc", "http", "metrics"), ports, strict=True)]
    arguments = [f"--model-repository={repository}", "--http-address=127.0.0.1", "--exit-timeout-secs=10", *flags]
    program = (
        "import asyncio, sys; from headroom.sandbox.engines.kaldi import serve; "
        "from headroom.sandbox.engines.triton_arguments import parse; "
        f"sys.exit(asyncio.run(serve(parse({arguments!r}))))"
    )
    return _started(program, variables, ports)
