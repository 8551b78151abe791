"""Writes the page of every check and their list: `python -m headroom.wiring.pages docs/checks`."""

from __future__ import annotations

import sys
from pathlib import Path

from headroom.wiring.registry import all_checks

_INTRODUCTION = """# Checks of the wiring

`headroom verify PATH…` follows the chain from the metric in a pod to the replica count and names every link that does not hold. Each
check is named for the fault it finds. Its page is generated from the check (`python -m headroom.wiring.pages docs/checks`).

A finding is an *error* (the loop does not work, or works on a wrong number), a *warning* (it works until something ordinary happens) or
*unknown* (the manifests at hand do not tell).

To silence one check on one object, with a reason and until a date, annotate the object:

```yaml
metadata:
  annotations:
    headroom.dev/ignore-replicas-declared: "handed over to the autoscaler on Monday, until 2027-01-31"
```

| check | finds |
|---|---|
"""


def pages() -> dict[str, str]:
    """File name → text."""
    checks = all_checks().values()
    rows = "".join(f"| [{check.name}]({check.name}.md) | {check.title} |\n" for check in checks)
    return {"README.md": _INTRODUCTION + rows, **{f"{check.name}.md": check.as_page() for check in checks}}


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (directory / name).write_text(text)
    print(f"{len(pages())} pages in {directory}")
