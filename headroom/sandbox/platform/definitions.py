"""Custom resource definitions, applied as their makers write them: once, and again only when they have changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from headroom.sandbox.api import DEFINITIONS, Api, wait_for
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import Layout


def install(layout: Layout, api: Api, version: str, documents: Mapping[str, str]) -> None:
    """Applies definitions by plural name of their kind, and waits until the API server lists and serves them all.

    `version` is their group and version, `keda.sh/v1alpha1`. A controller leaves out, for good, what is not listed when it starts.
    """
    group = version.partition("/")[0]
    digest = hashlib.sha256(json.dumps(documents).encode()).hexdigest()
    known = layout.definitions / group
    if known.exists() and known.read_text() == digest and api.serves(f"/apis/{version}", documents):
        return
    with ThreadPoolExecutor(max_workers=len(documents)) as pool:
        list(pool.map(lambda item: api.apply_yaml(f"{DEFINITIONS}/{item[0]}.{group}", item[1]), documents.items()))
    wait_for(f"the kinds of {group}", 90, lambda: api.serves(f"/apis/{version}", documents))
    known.parent.mkdir(exist_ok=True)
    known.write_text(digest)


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
