"""What a tool is pinned to: its version and the key of its cache entry, both read from the files under `toolchain/`."""

from __future__ import annotations

import hashlib
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from headroom.paths import Clone
from headroom.tools.catalog import GoTool, PythonTool, Tool
from headroom.tools.errors import ToolError
from headroom.tools.versions import Version, parse

BUILD_FLAGS = ("-trimpath", "-buildvcs=false", "-mod=readonly")


@dataclass(frozen=True)
class Pin:
    """One tool at one version, built in one way."""

    tool: Tool
    wrapper: Path
    version: Version
    key: str

    @property
    def entry(self) -> str:
        """Name of the tool's directory in the cache."""
        return f"{self.tool.name}-{self.version}-{self.key}"


def toolchain() -> Path:
    """`toolchain/` of the checkout that this package was loaded from, else of the checkout around the working directory."""
    beside_package = Path(__file__).parents[2] / "toolchain"
    return beside_package if beside_package.is_dir() else Clone.find().root / "toolchain"


def pin(tool: Tool, directory: Path | None = None) -> Pin:
    """Reads what `tool` is pinned to below `directory` (default: `toolchain()`). Raises `ToolError` where a pin is missing."""
    wrapper = (directory or toolchain()) / tool.wrapper
    if isinstance(tool, PythonTool):
        files, version = ("requirements.txt",), _required_wheel
        how = f"{platform.python_implementation()} {sys.version_info.major}.{sys.version_info.minor}"
    else:
        files, version = ("go.mod", "go.sum"), _required_module
        how = " ".join((*BUILD_FLAGS, tool.tags, tool.ldflags, tool.package, *(found.path for found in tool.stand_ins)))
        files = (*files, *(found.source for found in tool.stand_ins if found.source))
    texts = [_read(wrapper / name, tool) for name in files]
    digest = hashlib.sha256("\0".join((*texts, how, sys.platform, platform.machine())).encode()).hexdigest()
    return Pin(tool, wrapper, version(tool, texts[0], wrapper / files[0]), digest[:12])


def ldflags(pinned: Pin) -> str:
    """The linker flags of a Go tool with its version filled in."""
    assert isinstance(pinned.tool, GoTool)
    version = pinned.version
    return f"-s -w {pinned.tool.ldflags.format(version=version, major=version.major, minor=version.minor)}".rstrip()


def _required_module(tool: Tool, go_mod: str, source: Path) -> Version:
    assert isinstance(tool, GoTool)
    match = re.search(rf"^(?:require)?\s+{re.escape(tool.module)} v(\S+)", go_mod, re.MULTILINE)
    version = parse(match[1]) if match else None
    if version is None:
        raise ToolError(f"{source} does not require {tool.module}: {tool.name} has no version")
    return tool.release(version)


def _required_wheel(tool: Tool, requirements: str, source: Path) -> Version:
    assert isinstance(tool, PythonTool)
    match = re.search(rf"^{re.escape(tool.distribution)}==(\S+)", requirements, re.MULTILINE)
    version = parse(match[1]) if match else None
    if version is None:
        raise ToolError(f"{source} does not pin {tool.distribution}: {tool.name} has no version")
    return version


def _read(path: Path, tool: Tool) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        raise ToolError(f"{path} is missing: {tool.name} cannot be built without its pins; restore it from version control") from None
