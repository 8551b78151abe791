"""The chart that a Release names: whether it is there, and which version it has."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from headroom import yaml_text
from headroom.plugins.kubernetes.helm import options, program

_CHECK = "; check the chart name and repository configuration."


class ChartNotFound(Exception):
    """There is no such chart, or it is not one that can be installed. The message ends as the official plugin's."""

    def __init__(self, cause: object) -> None:
        super().__init__(f"{cause}{_CHECK}")


class Metadata(NamedTuple):
    """What a chart says of itself."""

    name: str
    version: str


def find(inputs: Mapping[str, Any], secrets: Any = None) -> Metadata:
    """Looks for the chart where Helm will: a file or directory, else an OCI registry or a repository.

    Raises `ChartNotFound`, in which Helm shows no `Secret` of `secrets`.
    """
    chart = inputs["chart"].strip()
    if not (inputs.get("repositoryOpts") or {}).get("repo"):
        path = Path(chart)
        if path.is_file() or (path / "Chart.yaml").is_file():
            return _judged(_packed(path) if path.is_file() else (path / "Chart.yaml").read_bytes())
        if os.path.isabs(chart) or chart.startswith("."):
            raise ChartNotFound(f'path "{chart}" not found')
    try:
        return _judged(program.run(["show", "chart", *options.place(inputs)], secrets=secrets).encode())
    except program.HelmFailed as failure:
        raise ChartNotFound(failure) from None


def _packed(path: Path) -> bytes:
    """The Chart.yaml of a packaged chart: the one in its only top directory."""
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile() and member.name.count("/") == 1 and member.name.endswith("/Chart.yaml"):
                    file = archive.extractfile(member)
                    return file.read() if file else b""
    except (tarfile.TarError, OSError) as error:
        raise ChartNotFound(f'"{path}" is no packaged chart: {error}') from None
    raise ChartNotFound(f'"{path}" is no packaged chart: Chart.yaml file is missing')


def _judged(text: bytes) -> Metadata:
    try:
        said = yaml_text.load(text)
    except yaml.YAMLError as error:
        raise ChartNotFound(f"cannot load Chart.yaml: {str(error).splitlines()[0]}") from None
    if not isinstance(said, dict) or not said.get("name") or not said.get("version"):
        raise ChartNotFound("validation: chart.metadata.name and chart.metadata.version are required")
    if said.get("type") not in (None, "", "application"):
        raise ChartNotFound(f"{said['type']} charts are not installable")
    return Metadata(str(said["name"]), str(said["version"]))
