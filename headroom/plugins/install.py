"""Makes `.headroom/` of a clone ready for plain `pulumi` commands: programs, our plugins where Pulumi's own are not there, env.sh."""

from __future__ import annotations

import importlib.metadata
import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from headroom.paths import Clone
from headroom.plugins.environment import environment as _environment
from headroom.plugins.environment import script
from headroom.tools import ToolError, find
from headroom.tools.ambient import candidates
from headroom.tools.cache import Cache
from headroom.tools.catalog import TOOLS
from headroom.tools.files import replace_text
from headroom.tools.pins import pin

_LINKED = ("pulumi", "kubectl", "promtool")
_HOST = "pulumi-language-python"


@dataclass(frozen=True)
class Installation:
    """`official`: the Pulumi CLI on the PATH is Pulumi's own, and none of our plugins are installed."""

    official: bool
    env_file: Path


def install(clone: Clone) -> Installation:
    """Puts everything into its place; what is right already is left alone. Raises `ToolError` while there is no Pulumi CLI."""
    pulumi = find("pulumi")
    if pulumi is None:
        raise ToolError("There is no Pulumi CLI yet: `headroom tools build pulumi` builds it")
    for directory in (clone.bin, clone.backend, clone.pulumi_home):
        directory.mkdir(parents=True, exist_ok=True)
    for name in _LINKED:
        _link(clone.bin / name, find(name))
    _write(clone.bin / "headroom", _shim("headroom"), executable=True)
    official = is_official(pulumi)
    if not official:
        _install_plugins(clone, pulumi)
    _write(clone.env_file, script(clone, official=official))
    return Installation(official, clone.env_file)


def environment(clone: Clone) -> dict[str, str]:
    """The process's environment for commands that work on `clone`: what `.headroom/env.sh` gives a shell."""
    pulumi = find("pulumi")
    return _environment(clone, official=pulumi is not None and is_official(pulumi))


def is_official(pulumi: Path) -> bool:
    """Whether `pulumi` came with its own Python language host, beside it or on the PATH."""
    beside = pulumi.resolve().parent / _HOST
    return beside.exists() or next(candidates(_HOST, Cache.default()), None) is not None


def plugins(clone: Clone) -> dict[str, Path]:
    """Where the CLI looks for the language host and for the Kubernetes plugin.

    The language host is in the plugin cache and not on the PATH, where every command would warn of it. The Kubernetes
    plugin has exactly the version that the installed SDK asks for.
    """
    cache = clone.pulumi_home / "plugins"
    language, kubernetes = pin(TOOLS["pulumi"]).version, importlib.metadata.version("pulumi-kubernetes")
    return {
        "python": cache / f"language-python-v{language}" / _HOST,
        "kubernetes": cache / f"resource-kubernetes-v{kubernetes}" / "pulumi-resource-kubernetes",
    }


def _install_plugins(clone: Clone, pulumi: Path) -> None:
    executor = pulumi.resolve().parent / f"{_HOST}-exec"
    if not executor.exists():
        built = Cache.default().root
        raise ToolError(f"{pulumi} has no {executor.name} beside it: remove it from the PATH to have a whole one built in {built}")
    places = plugins(clone)
    _write(places["python"], _shim("headroom.plugins.python_host", "--executor", str(executor)), executable=True)
    _write(places["kubernetes"], _shim("headroom.plugins.kubernetes"), executable=True)


def _shim(module: str, *arguments: str) -> str:
    # -P: a program's directory must not shadow our modules.
    command = shlex.join((sys.executable, "-P", "-m", module, *arguments))
    return f'#!/bin/sh\nexec {command} "$@"\n'


def _link(link: Path, target: Path | None) -> None:
    if target is None:
        link.unlink(missing_ok=True)
    elif not link.is_symlink() or link.readlink() != target:
        draft = Path(tempfile.mkdtemp(dir=link.parent, prefix=".link."))
        (draft / link.name).symlink_to(target)
        (draft / link.name).rename(link)
        draft.rmdir()


def _write(path: Path, text: str, *, executable: bool = False) -> None:
    if not path.is_file() or path.read_text() != text:
        replace_text(path, text, mode=0o755 if executable else 0o644)
