"""etcd: the API server's store."""

from __future__ import annotations

from pathlib import Path

from headroom.sandbox.layout import Layout, address, inside_url
from headroom.sandbox.process import Process


def describe(layout: Layout, binary: Path) -> Process:
    return Process(
        name="etcd",
        argv=(
            str(binary),
            f"--data-dir={layout.etcd}",
            f"--listen-client-urls={inside_url('etcd')}",
            f"--advertise-client-urls={inside_url('etcd')}",
            f"--listen-peer-urls=http://{address('etcd-peers')}",
            f"--initial-advertise-peer-urls=http://{address('etcd-peers')}",
            f"--initial-cluster=default=http://{address('etcd-peers')}",
            # A lost write costs a sandbox nothing, waiting for the disk costs every request.
            "--unsafe-no-fsync",
            "--log-level=warn",
        ),
        ready=inside_url("etcd", "/health"),
    )
