"""The publishers' own charts, for tests that read them: `charts/`, which `make charts` fills, or where `HEADROOM_CHARTS` says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DIRECTORY = Path(os.environ.get("HEADROOM_CHARTS") or Path(__file__).resolve().parents[1] / "charts").resolve()
NEEDED = "the publishers' charts"
needs_them = pytest.mark.skipif(not DIRECTORY.is_dir(), reason=f"{NEEDED} are not here: `make charts`, or HEADROOM_CHARTS")
