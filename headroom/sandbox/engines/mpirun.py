"""Simulator of Open MPI's `mpirun`: one process for each rank, each told its number and how many there are. `python -m …engines.mpirun`.

    mpirun [options] -n 1 PROGRAM ARGUMENT … : -n 1 PROGRAM ARGUMENT … : …

Ranks are dealt to the hosts of `--host NAME:SLOTS,…` in order. Those of other hosts are not started: nothing here runs a command in
another pod, and the simulated engines of a replica do not talk to each other. Source: mpirun(1) of Open MPI 4.1.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass

ALLOW_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
"""Variables that are to Open MPI what `--allow-run-as-root` is."""


@dataclass(frozen=True)
class Job:
    """`ranks` are the command lines, rank 0 first; `hosts` a name for each of them."""

    ranks: tuple[tuple[str, ...], ...]
    hosts: tuple[str, ...]


def read(arguments: Sequence[str], here: str) -> Job:
    """Ends the process with status 1 at what cannot be."""
    parser = argparse.ArgumentParser(prog="mpirun", allow_abbrev=False)
    parser.add_argument("--allow-run-as-root", action="store_true")
    parser.add_argument("--host", default="")
    parser.add_argument("--mca", "-mca", nargs=2, action="append", default=[])
    parser.add_argument("-n", "-np", type=int, default=1, dest="number")
    parser.add_argument("line", nargs=argparse.REMAINDER)
    sections = _split(arguments)
    options = parser.parse_args(sections[0])
    if os.getuid() == 0 and not (options.allow_run_as_root or os.environ.items() >= ALLOW_ROOT.items()):
        sys.exit("mpirun has detected an attempt to run as root. Running as root is *strongly* discouraged")
    parsed = [options, *(parser.parse_args(section) for section in sections[1:])]
    ranks = tuple(tuple(section.line) for section in parsed for _ in range(section.number))
    hosts = _hosts(options.host) if options.host else (here,) * len(ranks)
    if len(hosts) < len(ranks):
        sys.exit(f"There are not enough slots available in the system to satisfy the {len(ranks)} slots that were requested")
    return Job(ranks, hosts[: len(ranks)])


def _split(arguments: Sequence[str]) -> list[list[str]]:
    sections: list[list[str]] = [[]]
    for argument in arguments:
        if argument == ":":
            sections.append([])
        else:
            sections[-1].append(argument)
    return sections


def _hosts(text: str) -> tuple[str, ...]:
    entries = (entry.partition(":") for entry in text.split(","))
    return tuple(name for name, _, slots in entries for _ in range(int(slots or 1)))


async def run(job: Job, here: str) -> int:
    """Until all ranks of this host have ended; one that fails ends the others, and its status is the job's."""
    mine = [rank for rank, host in enumerate(job.hosts) if host == here]
    if elsewhere := len(job.ranks) - len(mine):
        print(f"simulator of mpirun: {elsewhere} of {len(job.ranks)} ranks belong to other hosts and are not started", flush=True)
    processes = [await asyncio.create_subprocess_exec(*job.ranks[rank], env=_environment(rank, len(job.ranks))) for rank in mine]

    def tell(number: int) -> None:
        for process in processes:
            if process.returncode is None:
                process.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, tell, number)
    failed = 0
    for ended in asyncio.as_completed([process.wait() for process in processes]):
        if (status := abs(await ended)) and not failed:
            failed = status
            tell(signal.SIGTERM)
    return failed


def _environment(rank: int, size: int) -> dict[str, str]:
    return {**os.environ, "OMPI_COMM_WORLD_RANK": str(rank), "OMPI_COMM_WORLD_SIZE": str(size)}


if __name__ == "__main__":
    name = socket.gethostname()
    sys.exit(asyncio.run(run(read(sys.argv[1:], name), name)))
