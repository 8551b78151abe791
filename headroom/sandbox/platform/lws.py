"""The LeaderWorkerSet controller and its webhooks."""

from __future__ import annotations

import base64
import shutil
from functools import partial
from typing import Any

import yaml

from headroom import yaml_text
from headroom.catalog.distributions import KWOK
from headroom.desired.platform import lws
from headroom.sandbox.layout import HOST, PORTS, Layout, address
from headroom.sandbox.monitoring.chart import Values
from headroom.sandbox.platform import definitions
from headroom.sandbox.platform.addon import AddOn, Site
from headroom.sandbox.processes import lws as process
from headroom.sandbox.tasks import Task

KINDS = {"leaderworkerset.x-k8s.io": ("leaderworkersets",), "disaggregatedset.x-k8s.io": ("disaggregatedsets",)}
REGISTRATIONS = "/apis/admissionregistration.k8s.io/v1"
# Kinds of registrations, and the names they get here.
WEBHOOKS = {"MutatingWebhookConfiguration": "lws-mutating", "ValidatingWebhookConfiguration": "lws-validating"}
# The module's own manifest sends it every pod of the cluster; its installation narrows that by this label.
GROUP_MEMBER = {"matchExpressions": [{"key": "leaderworkerset.sigs.k8s.io/name", "operator": "Exists"}]}


POD_GROUPS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "podgroups.scheduling.volcano.sh"},
    "spec": {
        "group": "scheduling.volcano.sh",
        "names": {"kind": "PodGroup", "listKind": "PodGroupList", "plural": "podgroups", "singular": "podgroup"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1beta1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}
"""In Volcano's place, which is not here: without it the controller, told of Volcano, makes no workers for any group."""


def tasks(site: Site) -> list[Task]:
    layout, supervisor = site.layout, site.supervisor
    file = layout.lws / "configuration.yaml"
    layout.lws.mkdir(mode=0o700, exist_ok=True)
    for kind, source in (("crt", layout.certificate("lws-serving")), ("key", layout.key("lws-serving"))):
        shutil.copy(source, layout.lws / f"tls.{kind}")
    settings = configuration(site.values(ADD_ON.name, lws.values(site.platform, KWOK)), layout)
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
    return [
        supervisor.step("lws-definitions", ("kube-apiserver",), partial(_install_kinds, site, "gangSchedulingManagement" in settings)),
        supervisor.task(process.describe(layout, site.tools["lws"], file)),
        supervisor.step("lws-webhooks", ("lws",), partial(_register_webhooks, site)),
    ]


ADD_ON = AddOn(
    "lws",
    ("lws",),
    tasks,
    processes=("lws",),
    registered=tuple(f"{REGISTRATIONS}/{kind.lower()}s/{name}" for kind, name in WEBHOOKS.items()),
)


def configuration(values: Values, layout: Layout) -> dict[str, Any]:
    """The controller's file: what the chart makes of its values, and where things are outside a pod."""
    gangs = values["gangSchedulingManagement"]
    return {
        "apiVersion": "config.lws.x-k8s.io/v1alpha1",
        "kind": "Configuration",
        "leaderElection": {"leaderElect": False},
        "internalCertManagement": {"enable": False},
        "webhook": {"host": HOST, "port": PORTS["lws-webhooks"], "certDir": str(layout.lws)},
        "health": {"healthProbeBindAddress": address("lws")},
        "metrics": {"bindAddress": "0"},
        **({"gangSchedulingManagement": gangs} if gangs else {}),
    }


def webhooks(text: str, authority: str) -> list[dict[str, Any]]:
    """The registrations of the module's manifest, led to the process. `authority` is the base64 of the PEM that signed its certificate."""
    found = [document for document in yaml_text.load_all(text) if document and document["kind"] in WEBHOOKS]
    return [
        {**document, "metadata": {"name": WEBHOOKS[document["kind"]]}, "webhooks": [_led(hook, authority) for hook in hooks]}
        for document in found
        if (hooks := [hook for hook in document["webhooks"] if "disaggregated" not in hook["name"]])
    ]


def _led(webhook: dict[str, Any], authority: str) -> dict[str, Any]:
    url = f"https://{address('lws-webhooks')}{webhook['clientConfig']['service']['path']}"
    of_pods = any("pods" in rule["resources"] for rule in webhook["rules"])
    return {
        **webhook,
        "clientConfig": {"url": url, "caBundle": authority},
        **({"objectSelector": GROUP_MEMBER} if of_pods else {}),
    }


def _install_kinds(site: Site, gangs: bool) -> None:
    if gangs:
        site.api.apply_all([POD_GROUPS])
    texts = [path.read_text() for path in sorted(site.tools["lws"].parent.glob("*sets.yaml"))]
    for group, kinds in KINDS.items():
        definitions.install(site.layout, site.api, f"{group}/v1", definitions.select(texts, group, kinds, "the module of LeaderWorkerSets"))


def _register_webhooks(site: Site) -> None:
    text = (site.tools["lws"].parent / "manifests.yaml").read_text()
    authority = base64.b64encode(site.layout.certificate("extensions-ca").read_bytes()).decode()
    site.api.apply_all(webhooks(text, authority))
