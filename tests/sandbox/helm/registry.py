"""A real OCI registry on a loopback port, over TLS: Helm speaks nothing else without being told so."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from headroom import tools
from tests.free_ports import free_ports

PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Registry:
    """`authority` is the file of the authority that signed its certificate."""

    address: str
    authority: Path

    @property
    def source(self) -> str:
        return f"oci://{self.address}/charts"

    def push(self, archive: Path) -> None:
        command = [tools.require("helm")["helm"], "push", archive, self.source, f"--ca-file={self.authority}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr


@contextmanager
def running(directory: Path, certificate: Path, key: Path, authority: Path) -> Iterator[Registry]:
    """The registry with its storage in `directory`, until the block ends."""
    address = f"127.0.0.1:{free_ports()[0]}"
    config = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(directory / "storage")}},
        "http": {"addr": address, "tls": {"certificate": str(certificate), "key": str(key)}},
    }
    (directory / "config.json").write_text(json.dumps(config))
    with (directory / "log").open("w") as log:
        process = subprocess.Popen(
            [tools.require("oci-registry")["oci-registry"], "serve", directory / "config.json"], stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _await(address, process, directory / "log")
            yield Registry(address, authority)
        finally:
            process.terminate()
            process.wait()


def _await(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    host, _, port = address.partition(":")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the registry does not answer: {log.read_text()}")
