"""Custom resource definitions, applied as their makers write them: once, and again only when they have changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from headroom.sandbox.api import DEFINITIONS, Api, wait_for
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import Layout


def install(layout: Layout, api: Api, version: str, documents: Mapping[str, str]) -> None:
    """Applies definitions by plural name of their kind where they have changed, and waits until the API server lists and serves them all.

    `version` is their group and version, `keda.sh/v1alpha1`. A controller leaves out, for good, what is not listed when it starts.
    """
    group = version.partition("/")[0]
    wanted = {f"{kind}.{group}": document for kind, document in documents.items()}
    there = api.serves(f"/apis/{version}", documents)
    changed = [name for name in wanted if not there or not _is(layout.definition(name), wanted[name])]
    if not changed:
        return
    with ThreadPoolExecutor(max_workers=len(changed)) as pool:
        list(pool.map(lambda name: api.apply_yaml(f"{DEFINITIONS}/{name}", wanted[name]), changed))
    wait_for(f"the kinds of {group}", 90, lambda: api.serves(f"/apis/{version}", documents))
    layout.definitions.mkdir(exist_ok=True)
    for name in changed:
        layout.definition(name).write_text(_digest(wanted[name]))


def _is(known: Path, document: str) -> bool:
    return known.exists() and known.read_text() == _digest(document)


def _digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


def select(texts: Iterable[str], group: str, kinds: Sequence[str], source: str) -> dict[str, str]:
    """The definitions of `kinds` among YAML documents: as text, for PyYAML cannot read all that Go's YAML does.

    Raises `SandboxError` that names what `source` does not have.
    """
    name = re.compile(rf"^  name: (\w+)\.{re.escape(group)}$", re.MULTILINE)
    documents = [document for text in texts for document in re.split(r"^---\n", text, flags=re.MULTILINE)]
    found = {match[1]: document for document in documents if (match := name.search(document))}
    if missing := [kind for kind in kinds if kind not in found]:
        raise SandboxError(f"{source} has no definition of {', '.join(missing)} in {group}")
    return {kind: found[kind] for kind in kinds}
