"""`python -m headroom.sandbox.kubelet --kubeconfig FILE [--state DIRECTORY]`, as root (or mapped root) in the sandbox's network namespace.

TERM and INT end every pod's processes. An agent that is killed leaves them running, and the next one takes them over. USR1 writes into
its log what each of its tasks waits for.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from headroom.paths import Clone
from headroom.sandbox import health
from headroom.sandbox.async_api import Api
from headroom.sandbox.kubelet.access import Access
from headroom.sandbox.kubelet.agent import Agent
from headroom.sandbox.kubelet.endpoint import Endpoint
from headroom.sandbox.layout import PORTS


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m headroom.sandbox.kubelet", description="Plays the kubelet for the sandbox's fake nodes."
    )
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--state", type=Path, help="its directory (default: .headroom/sandbox/kubelet of the clone)")
    parser.add_argument("--certificate", type=Path, help="what its endpoint for usage and logs serves with; without it there is none")
    parser.add_argument("--key", type=Path, help="of that certificate")
    parser.add_argument("--client-authority", type=Path, help="what signed the certificates of those who may ask")
    parser.add_argument("--health-port", type=int, help="where it answers on loopback as long as it does not hang; without it nowhere")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if sys.version_info < (3, 12):
        # Its default waits for every child in a thread of its own.
        asyncio.set_child_watcher(asyncio.PidfdChildWatcher())
    agent = Agent(Api(options.kubeconfig), options.state or Clone.find().sandbox / "kubelet")
    if options.certificate:
        endpoint = Endpoint(PORTS["kubelet"], options.certificate, options.key, options.client_authority)
        endpoint.serve(agent, Access(options.kubeconfig))
    asyncio.run(_run(agent, options.health_port))


async def _run(agent: Agent, health_port: int | None) -> None:
    if health_port:
        await health.tell(health_port)
    task = asyncio.create_task(agent.run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, _tell_tasks)
    try:
        await task
    except asyncio.CancelledError:
        logging.info("ended, and every pod's processes with it")


def _tell_tasks() -> None:
    for task in asyncio.all_tasks():
        task.print_stack(file=sys.stderr)


if __name__ == "__main__":
    main()
