"""Add-ons whose images come from a mirror."""

from __future__ import annotations

from dataclasses import replace

from headroom.catalog.charts import images as of_charts
from headroom.catalog.names import APP_MANAGED_BY, MANAGER
from headroom.desired.platform.addon import DesiredAddOn, Release, overlaid
from headroom.desired.serving import secrets
from headroom.settings.platform import Images


def from_mirror(addon: DesiredAddOn, images: Images) -> DesiredAddOn:
    """The add-on with every image of its charts moved to the mirror, and with a Secret for each release that its pods pull with.

    Overrides still have the last word.
    """
    if images.registry is None:
        return addon
    login = secrets.mirror_login(images)
    with_pods = [release for release in addon.releases if login and of_charts.images(release.chart.name)]
    return replace(
        addon,
        releases=tuple(_moved(release, images.registry, login=release in with_pods) for release in addon.releases),
        objects={**addon.objects, **{_role(release): _secret(release, login) for release in with_pods}},
        credentials={**addon.credentials, **{_role(release): login for release in with_pods}},
    )


def _moved(release: Release, registry: str, *, login: bool) -> Release:
    chart = release.chart.name
    values = of_charts.from_mirror(chart, registry)
    if login:
        values = overlaid(values, of_charts.with_pull_secret(chart, f"{release.name}-{secrets.PULL}"))
    return replace(release, values=overlaid(values, release.values))


def _role(release: Release) -> str:
    return f"{secrets.PULL}-{release.name}"


def _secret(release: Release, login: secrets.Uses) -> dict[str, object]:
    return secrets.secret(release.name, release.namespace, {APP_MANAGED_BY: MANAGER}, secrets.PULL, login)
