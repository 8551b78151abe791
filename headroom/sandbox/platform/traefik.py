"""Traefik, which brings requests from outside to the pods of servers."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from headroom.catalog.distributions import KWOK
from headroom.desired.platform import traefik
from headroom.sandbox.api import Api
from headroom.sandbox.layout import Layout
from headroom.sandbox.platform import definitions, traefik_chart
from headroom.sandbox.platform.addon import AddOn, Site
from headroom.sandbox.processes import traefik as process
from headroom.sandbox.tasks import Task
from headroom.settings.platform import Mode

DEFINITIONS = "kubernetes-crd-definition-v1.yml"
# All that its provider watches: it serves nothing as long as the API server lacks one of them.
KINDS = (
    "ingressroutes",
    "ingressroutetcps",
    "ingressrouteudps",
    "middlewares",
    "middlewaretcps",
    "serverstransports",
    "serverstransporttcps",
    "tlsoptions",
    "tlsstores",
    "traefikservices",
)


def tasks(site: Site) -> list[Task]:
    layout, api, supervisor, platform = site.layout, site.api, site.supervisor, site.platform
    values = site.values(ADD_ON.name, traefik.values(platform, KWOK))
    binary = site.tools["traefik"]
    namespace = platform.traefik.namespace
    described = process.describe(layout, binary, traefik_chart.arguments(values))
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        *traefik_chart.scraped(values, platform.traefik.release, namespace),
    ]
    needs = ("crds",) if platform.monitoring.mode is not Mode.NONE else ("kube-apiserver",)
    return [
        supervisor.step("traefik-kinds", ("kube-apiserver",), partial(_install_kinds, layout, api, binary.parent / DEFINITIONS)),
        supervisor.step("traefik-metrics", needs, partial(site.put, ADD_ON.name, objects)),
        supervisor.task(described),
    ]


ADD_ON = AddOn("traefik", ("traefik",), tasks, processes=("traefik",))


def _install_kinds(layout: Layout, api: Api, file: Path) -> None:
    group = traefik.GROUP.partition("/")[0]
    definitions.install(layout, api, traefik.GROUP, definitions.select([file.read_text()], group, KINDS, str(file)))
