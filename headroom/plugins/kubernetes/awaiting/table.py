"""Which rule judges which object."""

from __future__ import annotations

import os

from headroom.plugins.kubernetes.awaiting.annotations import WAIT_FOR
from headroom.plugins.kubernetes.awaiting.objects import annotation
from headroom.plugins.kubernetes.awaiting.rules import computed, deployment, ingress, job, pod, service, statefulset, storage
from headroom.plugins.kubernetes.awaiting.verdict import Rule
from headroom.plugins.kubernetes.awaiting.wait_for import rule_of
from headroom.plugins.kubernetes.client import GVK, Object

AWAIT_ALL = "PULUMI_K8S_AWAIT_ALL"

BUILT_IN: dict[GVK, Rule] = {
    GVK("apps/v1", "DaemonSet"): computed.DAEMON_SET,
    GVK("apps/v1", "Deployment"): deployment.RULE,
    GVK("apps/v1", "StatefulSet"): statefulset.RULE,
    GVK("apiextensions.k8s.io/v1", "CustomResourceDefinition"): computed.DEFINITION,
    GVK("batch/v1", "Job"): job.RULE,
    GVK("networking.k8s.io/v1", "Ingress"): ingress.RULE,
    GVK("v1", "PersistentVolume"): storage.VOLUME,
    GVK("v1", "PersistentVolumeClaim"): storage.CLAIM,
    GVK("v1", "Pod"): pod.RULE,
    GVK("v1", "Service"): service.RULE,
}

DELETES_WITHOUT_WAIT = frozenset(
    {
        GVK("apps/v1", "DaemonSet"),
        GVK("apps/v1", "Deployment"),
        GVK("apps/v1", "StatefulSet"),
        GVK("batch/v1", "Job"),
        GVK("v1", "Namespace"),
        GVK("v1", "Pod"),
    }
)
"""Kinds on which `pulumi.com/skipAwait` also skips the wait for deletion."""


def rule_after_write(live: Object) -> Rule | None:
    """The rule of an object that was just written; None: it is ready at once. Raises `BadWaitFor`."""
    stated = annotation(live, WAIT_FOR)
    if stated:
        return rule_of(stated)
    return BUILT_IN.get(GVK.of(live)) or (computed.ANY if os.environ.get(AWAIT_ALL) == "true" else None)


def rule_on_refresh(live: Object) -> Rule | None:
    """The rule of an object that was just read; `pulumi.com/waitFor` says nothing about health."""
    rule = BUILT_IN.get(GVK.of(live))
    return rule if rule and rule.checked_on_refresh else None
