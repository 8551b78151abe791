"""How many nodes a node group has now, for AWS wants to be told with every change of its bounds.

The count is the autoscaler's, and ignored. But an update of `scaling_config` sends all three numbers: an ignored count is the one that
the state remembers, so that a change of `max` would take away nodes that came since, and a `min` above it is refused ("Minimum capacity
1 can't be greater than desired size 0": hashicorp/terraform-provider-aws issue 18310).
"""

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from headroom.desired.objects import Object
from headroom.desired.pools.eks import COUNT_OF_THE_AUTOSCALER, resized

_NOT_THERE = re.compile(r"couldn't find resource|ResourceNotFoundException|empty result")
"""How the provider (hashicorp/terraform-provider-aws, internal/retry) and AWS say that there is no such group, or no cluster."""


@dataclass(frozen=True)
class Sizes:
    """The numbers of a node group, and which of its arguments are ignored."""

    scaling_config: Object
    ignored: list[str]


def sizes(cluster: str, group: str, asked: Object, *, parent: pulumi.Resource) -> Sizes:
    """`asked` are a group's `min_size`, `max_size` and first `desired_size`. Where its bounds change, the count is said too."""
    changed = resized(asked, _present(cluster, group, parent))
    return Sizes(changed, []) if changed else Sizes(asked, [COUNT_OF_THE_AUTOSCALER])


def generated_sizes(cluster: str, name: str, asked: Object, *, parent: pulumi.Resource) -> Sizes:
    """The same of the group whose name Pulumi makes of `name` and seven digits."""
    try:
        known = aws.eks.get_node_groups(cluster_name=cluster, opts=pulumi.InvokeOptions(parent=parent)).names
    except Exception as error:  # noqa: BLE001  (the SDK raises no other)
        _unseen(f"node groups of {cluster}", error)
        known = []
    group = next((found for found in known if re.fullmatch(rf"{re.escape(name)}-[0-9a-f]{{7}}", found)), None)
    return sizes(cluster, group, asked, parent=parent) if group else Sizes(asked, [COUNT_OF_THE_AUTOSCALER])


def _present(cluster: str, group: str, parent: pulumi.Resource) -> Object | None:
    try:
        found = aws.eks.get_node_group(cluster_name=cluster, node_group_name=group, opts=pulumi.InvokeOptions(parent=parent))
    except Exception as error:  # noqa: BLE001  (the SDK raises no other)
        _unseen(f"node group {group}", error)
        return None
    now = next(iter(found.scaling_configs), None)
    return {"min_size": now.min_size, "max_size": now.max_size, "desired_size": now.desired_size} if now else None


def _unseen(what: str, error: Exception) -> None:
    """Mostly there is none yet. Whoever could not look has to hear of it before anything is changed."""
    if not _NOT_THERE.search(str(error)):
        pulumi.log.warn(
            f"{what}: how many nodes run could not be looked up, so that a change of min or max would take away those that the autoscaler "
            f"brought; mend this before such a change: {error}"
        )
