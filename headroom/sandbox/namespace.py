"""The network namespace: a small process holds it, others enter it by that process's id."""

from __future__ import annotations

import time

from headroom.sandbox import launch, records
from headroom.sandbox.errors import NotReady, NotRunning, ProcessDied
from headroom.sandbox.layout import API_ADDRESS, POD_BRIDGE, POD_GATEWAY, POD_NETWORK, Layout
from headroom.sandbox.process import Process
from headroom.sandbox.records import Record
from headroom.sandbox.support import Privilege

HOLDER = "namespace"
READY = "ready"
SECONDS_TO_READY = 60

# Every pod has a namespace of its own, joined to this bridge.
NETWORK = f"""
link set lo up
link add {POD_BRIDGE} type bridge
addr add {POD_GATEWAY}/{POD_NETWORK.partition("/")[2]} dev {POD_BRIDGE}
addr add {API_ADDRESS}/32 dev {POD_BRIDGE}
link set {POD_BRIDGE} up
""".strip()


def holder(privilege: Privilege) -> Process:
    script = f"ip -batch - <<END && echo {READY} && exec sleep infinity\n{NETWORK}\nEND"
    return Process(name=HOLDER, argv=(*privilege.unshare, "sh", "-c", script))


def find(layout: Layout) -> Record | None:
    """The living holder."""
    record = records.read(layout, HOLDER)
    return record if record and records.alive(record) else None


def create(layout: Layout, privilege: Privilege) -> Record:
    """Starts a holder and waits until its network is set up."""
    record = launch.start(layout, holder(privilege))
    log = layout.log(HOLDER)
    deadline = time.monotonic() + SECONDS_TO_READY
    while READY not in launch.last_lines(log):
        if not records.alive(record):
            raise ProcessDied(HOLDER, log, launch.last_lines(log))
        if time.monotonic() > deadline:
            raise NotReady(f"the network namespace is not set up after {SECONDS_TO_READY} s; its log is {log}")
        time.sleep(0.01)
    return record


def enter(layout: Layout, privilege: Privilege) -> tuple[str, ...]:
    """The command prefix that runs a program inside. Raises `NotRunning`."""
    record = find(layout)
    if record is None:
        raise NotRunning("the sandbox is not running: start it with `headroom sandbox up`")
    return ("nsenter", f"--target={record.pid}", *privilege.enter, "--")
