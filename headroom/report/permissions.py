"""docs/clouds/permissions.md, made from the catalogue: `python -m headroom.report.permissions PATH`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from headroom.catalog.permissions import CLOUDS, Permissions, permissions

_HEAD = """# What the program must be allowed to do in each cloud

The least that whoever runs `pulumi up` and `pulumi destroy` needs, made from `headroom/catalog/permissions`. Two sets for each cloud: for
GPU pools on a cluster that is there, and for a cluster that the program makes with them (`create`). In the cluster itself the same
identity is an administrator: it installs operators, definitions and roles.

**Nothing here has been tried in a cloud.** That every resource and look-up of the components is in these lists is tested, and for AWS
that each action is an operation of its API (botocore's model). What follows from no call, such as handing a role on or making a
service-linked role, is listed apart: it is documented where the source says, and unproven. When a run ends in a refusal, the message
of the cloud names what is missing: add it to the role, and tell us.

State and secrets need permissions of their own, which depend on the backend (`PULUMI_BACKEND_URL`) and are not here.
"""


def markdown() -> str:
    """The page."""
    return "\n".join([_HEAD, *(line for cloud in CLOUDS for line in _of(cloud, permissions(cloud)))])


def _of(cloud: str, needs: Permissions) -> Iterator[str]:
    yield f"## {needs.title}\n"
    yield "Sources:\n"
    yield from (f"- {source}" for source in needs.sources)
    yield "\n### For GPU pools on a cluster that is there\n"
    yield from _set(cloud, needs.actions("pools"))
    if any(use.when == "interconnect" for use in needs.resources.values()):
        yield "\nPools with `interconnect` need beside it:\n"
        yield from _list([action for action in needs.actions("interconnect") if action not in needs.actions("pools")])
    yield "\n### For a cluster that the program makes, with its pools\n"
    yield from _set(cloud, needs.actions("pools", "interconnect", "create"))
    if any(use.when == "karpenter" for use in needs.resources.values()):
        made = needs.actions("pools", "interconnect", "create")
        yield "\nKarpenter in such a cluster needs beside it:\n"
        yield from _list([action for action in needs.actions("karpenter") if action not in made])
    yield "\n### Unproven: what follows from no call\n"
    yield "| permission | for | why | source |"
    yield "| --- | --- | --- | --- |"
    yield from (f"| `{item.action}` | {item.when} | {item.why} | {item.source} |" for item in needs.beyond)
    yield "\n### Which resource needs what\n"
    yield "| resource | for | permissions |"
    yield "| --- | --- | --- |"
    yield from (
        f"| `{name}` | {use.when} | {', '.join(f'`{action}`' for action in use.actions)} |" for name, use in needs.resources.items()
    )
    yield ""


def _set(cloud: str, actions: list[str]) -> Iterator[str]:
    """In the form in which the cloud takes a role of one's own."""
    if cloud == "gcp":
        yield "```yaml"
        yield "includedPermissions:"
        yield from (f"  - {action}" for action in actions)
        yield "```"
        return
    aws = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    azure = {"Name": "Headroom", "IsCustom": True, "Actions": actions, "AssignableScopes": ["/subscriptions/SUBSCRIPTION"]}
    yield "```json"
    yield json.dumps(aws if cloud == "aws" else azure, indent=2)
    yield "```"


def _list(actions: list[str]) -> Iterator[str]:
    yield from (f"- `{action}`" for action in actions)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(markdown())
