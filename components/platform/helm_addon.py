"""HelmAddon: an add-on of the platform as Pulumi resources."""

from collections.abc import Mapping
from pathlib import Path

import pulumi

from components.credentials import filled_in
from components.objects import apply, told_values
from headroom.desired import platform
from headroom.desired.objects import Object


class HelmAddon(pulumi.ComponentResource):
    """The releases of an add-on and the objects beside them.

    `spec` is one add-on of `headroom.desired.platform`, `known` what the cloud alone knows, by what stands for it in the values of its
    charts. Objects come first, releases follow in their order, each waited for, and last come the objects whose kinds the releases bring.
    """

    def __init__(
        self,
        name: str,
        spec: platform.DesiredAddOn,
        *,
        known: Mapping[str, pulumi.Output[str]],
        opts: pulumi.ResourceOptions | None = None,
    ):
        super().__init__("headroom:index:HelmAddon", name, {}, opts)
        there: list[pulumi.Resource] = []
        for role, item in spec.objects.items():
            filled = filled_in(item, spec.credentials.get(role))
            there.append(apply(f"{name}-{role}", filled, opts=pulumi.ResourceOptions(parent=self)))
        for release in spec.releases:
            values = told_values(release.values, known)
            after = pulumi.ResourceOptions(parent=self, depends_on=[*there])
            there.append(_release(f"{name}-{release.name}", release, values, after))
        for role, item in spec.later.items():
            apply(f"{name}-{role}", item, opts=pulumi.ResourceOptions(parent=self, depends_on=[*there]))
        self.register_outputs({})


def _release(name: str, release: platform.Release, values: Object, opts: pulumi.ResourceOptions) -> pulumi.Resource:
    """A release under the name that is said: an automatic one would rename the Services that everything else is told of.

    All or nothing: an upgrade that does not get ready is rolled back, and what ran before goes on serving (docs/decisions).
    """
    # The SDK's Helm modules take a seventh of a start of the program: a stack without releases does not load them.
    from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs

    chart, repository = _place(release)
    longest = f"{release.timeout_seconds + _AROUND_SECONDS}s"
    timeouts = pulumi.CustomTimeouts(create=longest, update=longest, delete=longest)
    return Release(
        name,
        name=release.name,
        namespace=release.namespace,
        chart=chart,
        version=release.chart.version,
        repository_opts=RepositoryOptsArgs(repo=repository) if repository else None,
        values=values,
        # Otherwise values that the program no longer gives would live on from the release before.
        reset_values=True,
        atomic=True,
        skip_crds=release.skip_definitions,
        # Definitions stay when their release goes: a later one takes them over, whatever it is called.
        take_ownership=release.brings_definitions,
        # Helm would judge objects by the definitions of the version before.
        disable_openapi_validation=release.chart.keeps_definitions_old and not release.skip_definitions,
        timeout=release.timeout_seconds,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(custom_timeouts=timeouts)),
    )


_AROUND_SECONDS = 300
"""What fetching a chart, hooks and rolling back may take beside the wait."""


def _place(release: platform.Release) -> tuple[str, str | None]:
    """What Helm is told of where the chart is: a file, an OCI reference, or a name in a repository."""
    chart, source = release.chart, release.source or release.chart.repository
    if source.startswith("oci://"):
        return f"{source.rstrip('/')}/{chart.name}", None
    if source.startswith(("http://", "https://")):
        return chart.name, source
    path = Path(source) / chart.archive
    if not path.is_file():
        raise pulumi.RunError(
            f"platform.charts.source: {source} has no {chart.archive}. `headroom charts {source}` fetches every pinned chart, "
            "where there is a network (docs/charts.md)"
        )
    # Relative as it was said: an absolute path would change with the directory of the checkout, and the release with it.
    return str(path) if path.is_absolute() else f"./{path}", None
