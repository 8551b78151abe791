"""The directory of charts: fetched with Helm where it is not there yet, checked in any case."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from headroom.catalog.charts import Chart
from headroom.charts import archive, definitions

SUMS = "SHA256SUMS"
"""Beside the charts, as `sha256sum --check` reads it: a chart whose content differs from the one fetched first is refused."""

_NO_NETWORK = re.compile(
    r"dial tcp|no such host|connection refused|i/o timeout|network is unreachable|Client\.Timeout|TLS handshake|proxyconnect"
)
_LONGEST_FETCH = 300


class CannotReach(Exception):
    """The place that a chart comes from does not answer."""


class WrongChart(Exception):
    """A chart that is not the one that is pinned, or that cannot be had."""


class Mirror:
    """`directory` as it is filled and checked; `helm` is the program that fetches."""

    def __init__(self, directory: Path, helm: Path | None = None) -> None:
        self._directory = directory
        self._helm = helm

    def missing(self, charts: Iterable[Chart]) -> list[Chart]:
        """Those that are not there."""
        return [chart for chart in charts if not (self._directory / chart.archive).is_file()]

    def fill(self, charts: Iterable[Chart], report: Callable[[str], None]) -> None:
        """Has every chart there, checked and recorded. Raises `CannotReach`, `WrongChart`."""
        self._directory.mkdir(parents=True, exist_ok=True)
        for chart in charts:
            if self.missing([chart]):
                report(f"{chart.name} {chart.version}: fetched from {chart.repository}")
                self._fetch(chart)
            self.check(chart)
            self._record(chart)
            if chart.keeps_definitions_old:
                packed = definitions.pack(chart, self._directory)
                self._record(chart.of_definitions)
                report(f"{packed.name}: its definitions, to be upgraded by themselves")

    def check(self, chart: Chart) -> None:
        """Raises `WrongChart` unless the file is the chart with its name, version and recorded digest."""
        path = self._directory / chart.archive
        if not path.is_file():
            raise WrongChart(f"{path} is missing: `headroom charts {self._directory}` fetches it where there is a network")
        try:
            said = archive.metadata(path)
        except ValueError as error:
            raise WrongChart(f"{path} {error}") from None
        if (said.get("name"), said.get("version")) != (chart.name, chart.version):
            raise WrongChart(f"{path} is the chart {said.get('name')} {said.get('version')}, not {chart.name} {chart.version}")
        recorded = self._recorded().get(path.name)
        if recorded not in (None, _digest(path)):
            raise WrongChart(
                f"{path} is not the file that {SUMS} records: somebody published the version again, or changed the file. "
                f"Look at what differs, then remove its line from {SUMS} to accept it"
            )

    def _fetch(self, chart: Chart) -> None:
        if self._helm is None:
            raise WrongChart(f"{self._directory / chart.archive} is missing, and there is no Helm to fetch it")
        where = (
            [f"{chart.repository}/{chart.name}"] if chart.repository.startswith("oci://") else [chart.name, f"--repo={chart.repository}"]
        )
        with tempfile.TemporaryDirectory(dir=self._directory, prefix=".fetch-") as draft:
            command = [self._helm, "pull", *where, f"--version={chart.version}", f"--destination={draft}"]
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LONGEST_FETCH)
            except subprocess.TimeoutExpired:
                raise CannotReach(f"{chart.repository} did not send {chart.name} {chart.version} in {_LONGEST_FETCH} s") from None
            if done.returncode:
                said = done.stderr.strip().rpartition("Error: ")[2]
                failure = CannotReach if _NO_NETWORK.search(said) else WrongChart
                raise failure(f"{chart.name} {chart.version} cannot be had from {chart.repository}: {said}")
            fetched = next(Path(draft).glob("*.tgz"))
            fetched.rename(self._directory / chart.archive)

    def _recorded(self) -> dict[str, str]:
        sums = self._directory / SUMS
        lines = (line.split() for line in sums.read_text().splitlines()) if sums.is_file() else ()
        return {name: digest for digest, name in (line for line in lines if len(line) == 2)}

    def _record(self, chart: Chart) -> None:
        path = self._directory / chart.archive
        sums = self._recorded() | {path.name: _digest(path)}
        (self._directory / SUMS).write_text("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
