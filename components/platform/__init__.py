"""The platform's add-ons as Pulumi resources."""

from collections.abc import Mapping

import pulumi

from components.platform.helm_addon import HelmAddon
from headroom.desired.platform import DesiredAddOn

__all__ = ["HelmAddon", "install"]


def install(
    add_ons: Mapping[str, DesiredAddOn], *, known: Mapping[str, pulumi.Output[str]], opts: pulumi.ResourceOptions
) -> dict[str, HelmAddon]:
    """Every add-on that has something to install, each after those that it needs."""
    found: dict[str, HelmAddon] = {}
    for name, addon in add_ons.items():
        if addon.releases or addon.objects or addon.later:
            first = pulumi.ResourceOptions(depends_on=[found[needed] for needed in addon.needs if needed in found])
            found[name] = HelmAddon(name, addon, known=known, opts=pulumi.ResourceOptions.merge(opts, first))
    return found
