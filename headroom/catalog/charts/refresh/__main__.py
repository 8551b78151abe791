"""Writes what is kept of one chart."""

from __future__ import annotations

import argparse
from pathlib import Path

from headroom.catalog.charts.refresh import refresh

parser = argparse.ArgumentParser(
    prog="python -m headroom.catalog.charts.refresh", description="writes the keys and types of a chart's values"
)
parser.add_argument("chart", type=Path, help="the packed chart (.tgz) or its directory, with its subcharts below charts/")
parser.add_argument("--source", action="append", default=[], help="repository, path and commit that it is from; once for each part")
arguments = parser.parse_args()
print(refresh(arguments.chart, arguments.source or [arguments.chart.name]))
