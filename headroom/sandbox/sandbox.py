"""The sandbox as others use it, from outside its network namespace."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from headroom import tools
from headroom.paths import Clone
from headroom.sandbox import launch, namespace, pki, platform, ports, processes, records, support
from headroom.sandbox.errors import CannotRun, NotRunning, SandboxError
from headroom.sandbox.identities import IDENTITIES, write_kubeconfig
from headroom.sandbox.kubelet import images
from headroom.sandbox.layout import FORWARDED, HOST, SCHEMES, Layout, inside_url
from headroom.sandbox.locking import Lock, alone
from headroom.sandbox.process import fingerprint, python
from headroom.sandbox.processes import gateway
from headroom.sandbox.report import Report
from headroom.sandbox.request import Request
from headroom.sandbox.stacks import read_stack
from headroom.sandbox.status import ProcessState, Status, observe_without_namespace, overall

STACK = "local"
DEPLOYMENT_TOOLS = ("pulumi", "kubectl")

# Ended one after the other: the API server hangs without its etcd, and nothing says goodbye without an API server.
LAST_TO_END = ("kube-apiserver", "etcd", "gateway", namespace.HOLDER)


class Sandbox:
    """The local control plane of one clone."""

    def __init__(self, clone: Clone | None = None) -> None:
        self._layout = Layout(clone or Clone.find())

    @cached_property
    def _privilege(self) -> support.Privilege:
        """How a network namespace is made here, tried once. Raises `Unsupported`."""
        return support.privilege()

    @property
    def kubeconfig(self) -> Path:
        """The administrator, for tools outside the namespace."""
        return self._layout.kubeconfig

    @property
    def inside_kubeconfig(self) -> Path:
        """The administrator, for what is started by `run` and `popen`."""
        return self._layout.inside_kubeconfig

    def up(self, *, stack: str = STACK, bare: bool = False, values: Mapping[str, Any] | None = None, report: Report = print) -> None:
        """Brings up what is not up of the platform that `stack` says is there, and mends what is broken; `bare` leaves out the platform.

        `values` are Helm values laid over those that the stack renders, by add-on as the stack spells it.
        Builds missing tools first. Raises `SandboxError`; what was started stays for `status`, the next `up` and `down`.
        """
        layout, privilege = self._layout, self._privilege
        found = tools.require(*self._tools(stack, bare))
        with alone(layout, report) as lock:
            layout.root.mkdir(parents=True, exist_ok=True)
            layout.whole.unlink(missing_ok=True)
            if namespace.find(layout) is None:
                self._end_everything()
                namespace.create(layout, privilege)
            if pki.ensure(layout):
                self._end_everything(but=(namespace.HOLDER,))
                shutil.rmtree(layout.etcd, ignore_errors=True)
                shutil.rmtree(layout.definitions, ignore_errors=True)
            sockets = self._gateway_sockets()
            self._write_kubeconfigs()
            request = Request(
                "up",
                str(layout.clone.root),
                stack=stack,
                bare=bare,
                tools={name: str(path) for name, path in found.items()},
                sockets={name: listener.fileno() for name, listener in sockets.items()},
                values=dict(values or {}),
            )
            try:
                self._ask_inside(request, report, lock)
            finally:
                for listener in sockets.values():
                    listener.close()

    def build(self, stack: str = STACK) -> None:
        """Builds every tool that is missing to bring up the sandbox and then the stack, servers that run for real here included.

        Raises `Unsupported` first, where no sandbox could come up with them.
        """
        support.privilege()
        servers = read_stack(self._layout.clone, stack).servers.values()
        known = (images.find(server.image) for server in servers)
        programs = (image.tool for image in known if image and image.tool)
        tools.require(*dict.fromkeys((*self._tools(stack, bare=False), *DEPLOYMENT_TOOLS, *programs)))

    def _tools(self, stack: str, bare: bool) -> tuple[str, ...]:
        wanted = () if bare else platform.tools(platform.stack_platform(self._layout, stack))
        return (*processes.CONTROL_PLANE_TOOLS, *wanted)

    def down(self, *, report: Report = print) -> None:
        """Ends every process of the sandbox and removes its files."""
        with alone(self._layout, report):
            self._end_everything()
            shutil.rmtree(self._layout.root, ignore_errors=True)

    def status(self) -> Status:
        layout = self._layout
        try:
            observed = self._ask_inside(Request("observe", str(layout.clone.root)), lambda _: None)
            states = [ProcessState(**state) for state in observed]
        except NotRunning:
            states = observe_without_namespace(layout)
        urls = {name: self.url(name) for name in ports.remembered(layout.ports)} if states else {}
        whole = layout.whole.exists()
        return Status(overall(states, whole), whole, str(layout.kubeconfig), urls, tuple(states))

    def url(self, name: str) -> str:
        """The URL of `kube-apiserver` or `prometheus` outside the namespace."""
        remembered = ports.remembered(self._layout.ports)
        if name not in remembered:
            known = ", ".join(remembered) or "none: the sandbox is not running"
            raise NotRunning(f"the sandbox has no URL for {name!r}; it has {known}")
        return f"{SCHEMES.get(name, 'http')}://{HOST}:{remembered[name]}"

    @property
    def kubectl_environment(self) -> dict[str, str]:
        """Of kubectl as the administrator; what it remembers of the cluster stays in the clone."""
        return {**os.environ, "KUBECONFIG": str(self.kubeconfig), "KUBECACHEDIR": str(self._layout.clone.kube_cache)}

    def run(self, argv: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[Any]:
        """`subprocess.run` inside the namespace."""
        return subprocess.run(self._inside(argv), **self._marked(options))

    def popen(self, argv: Sequence[str | Path], **options: Any) -> subprocess.Popen[Any]:
        """`subprocess.Popen` inside the namespace. `down` ends what is left of it."""
        return subprocess.Popen(self._inside(argv), **self._marked(options))

    def kubectl(self, arguments: Sequence[str]) -> NoReturn:
        """Becomes kubectl with the administrator's kubeconfig."""
        if not self.kubeconfig.exists():
            raise NotRunning("the sandbox is not running: start it with `headroom sandbox up`")
        program = tools.require("kubectl")["kubectl"]
        try:
            os.execve(program, [str(program), *arguments], self.kubectl_environment)
        except OSError as error:
            raise CannotRun(program, error) from None

    def _inside(self, argv: Sequence[str | Path]) -> list[str]:
        return [*namespace.enter(self._layout, self._privilege), *map(str, argv)]

    def _marked(self, options: dict[str, Any]) -> dict[str, Any]:
        return {**options, "env": {**(options.get("env") or os.environ), "HEADROOM_SANDBOX": self._layout.mark}}

    def _ask_inside(self, request: Request, report: Report, lock: Lock | None = None) -> Any:
        """The worker has the lock too: one that outlives a killed caller is waited for as its caller would be."""
        question = json.dumps(asdict(request))
        descriptors = (*request.sockets.values(), *([lock] if lock is not None else []))
        with self.popen(python("headroom.sandbox.inside", question), stdout=subprocess.PIPE, text=True, pass_fds=descriptors) as worker:
            for line in worker.stdout or ():
                message = json.loads(line)
                if "progress" in message:
                    report(message["progress"])
                elif "error" in message:
                    raise SandboxError(message["error"])
                else:
                    return message["done"]
        if worker.returncode == -signal.SIGINT:
            raise KeyboardInterrupt
        if namespace.find(self._layout) is None:
            raise NotRunning("the holder of the sandbox's network namespace died meanwhile: `headroom sandbox up` mends it")
        raise SandboxError(f"the sandbox's worker ended with status {worker.returncode} and no answer")

    def _gateway_sockets(self) -> ports.Sockets:
        """Listening sockets for a gateway that is to be started; none for one that goes on."""
        layout = self._layout
        record = records.read(layout, "gateway")
        if record and records.alive(record) and record.fingerprint == fingerprint(gateway.describe({})):
            return {}
        launch.end(layout, ["gateway"])
        sockets = ports.listen(FORWARDED, ports.remembered(layout.ports))
        ports.remember(layout.ports, sockets)
        return sockets

    def _write_kubeconfigs(self) -> None:
        layout = self._layout
        for identity in IDENTITIES:
            write_kubeconfig(layout, identity.name, inside_url("kube-apiserver"), layout.kubeconfig_of(identity.name))
        write_kubeconfig(layout, "admin", inside_url("kube-apiserver"), layout.inside_kubeconfig)
        write_kubeconfig(layout, "admin", self.url("kube-apiserver"), layout.kubeconfig)

    def _end_everything(self, but: tuple[str, ...] = ()) -> None:
        names = [record.name for record in records.read_all(self._layout) if record.name not in but]
        launch.end(self._layout, [name for name in names if name not in LAST_TO_END])
        for name in LAST_TO_END:
            if name in names:
                launch.end(self._layout, [name])
        if not but:
            launch.end_all([process for process, _ in records.marked(self._layout)])
