"""The definitions of a chart as a chart of their own, which Helm upgrades like any other and keeps when it is removed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from headroom.catalog.charts import Chart
from headroom.charts import archive

_KEEP = {"helm.sh/resource-policy": "keep"}


def pack(chart: Chart, directory: Path) -> Path:
    """Writes the chart of `chart`'s definitions beside the packaged chart in `directory`, and gives its path."""
    theirs, ours = directory / chart.archive, chart.of_definitions
    files = {"Chart.yaml": json.dumps(_about(ours, chart)), "values.yaml": "{}\n"}
    for item in archive.definitions(theirs):
        files[f"templates/{item['metadata']['name']}.yaml"] = _template(item)
    archive.write(directory / ours.archive, {f"{ours.name}/{inside}": text for inside, text in files.items()})
    return directory / ours.archive


def _about(ours: Chart, chart: Chart) -> dict[str, Any]:
    return {
        "apiVersion": "v2",
        "name": ours.name,
        "version": ours.version,
        "description": f"The custom resource definitions of the chart {chart.name} {chart.version}",
    }


def _template(definition: dict[str, Any]) -> str:
    metadata = definition["metadata"]
    kept = {**definition, "metadata": {**metadata, "annotations": {**(metadata.get("annotations") or {}), **_KEEP}}}
    # JSON is YAML, and what looks like a template in it is none.
    return json.dumps(_lean(kept), sort_keys=True).replace("{{", '{{ "{{" }}') + "\n"


def _lean(value: Any) -> Any:
    """Without descriptions: a release is one Secret, of a mebibyte at most, and some definitions fill that alone."""
    if isinstance(value, dict):
        return {key: _lean(item) for key, item in value.items() if not (key == "description" and isinstance(item, str))}
    return [_lean(item) for item in value] if isinstance(value, list) else value
