"""An object is written for a version of its API that is gone.

## Why it matters

The API server answers "no matches for kind" and the object is not created. With a template that falls back silently the cluster runs
without an autoscaler or a budget.

## How to mend it

Write the object for the version named in the message; the fields may have moved with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error

_REMOVED = {
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler"): ("Kubernetes 1.25", "autoscaling/v2"),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler"): ("Kubernetes 1.26", "autoscaling/v2"),
    ("policy/v1beta1", "PodDisruptionBudget"): ("Kubernetes 1.25", "policy/v1"),
    ("policy/v1beta1", "PodSecurityPolicy"): ("Kubernetes 1.25", "Pod Security labels on the namespace"),
    ("extensions/v1beta1", "Deployment"): ("Kubernetes 1.16", "apps/v1"),
    ("apps/v1beta1", "Deployment"): ("Kubernetes 1.16", "apps/v1"),
    ("apps/v1beta2", "Deployment"): ("Kubernetes 1.16", "apps/v1"),
    ("extensions/v1beta1", "Ingress"): ("Kubernetes 1.22", "networking.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", "Ingress"): ("Kubernetes 1.22", "networking.k8s.io/v1"),
    ("apiregistration.k8s.io/v1beta1", "APIService"): ("Kubernetes 1.22", "apiregistration.k8s.io/v1"),
    ("traefik.containo.us/v1alpha1", "IngressRoute"): ("Traefik 3", "traefik.io/v1alpha1"),
    ("traefik.containo.us/v1alpha1", "IngressRouteTCP"): ("Traefik 3", "traefik.io/v1alpha1"),
    ("traefik.containo.us/v1alpha1", "Middleware"): ("Traefik 3", "traefik.io/v1alpha1"),
}
"""https://kubernetes.io/docs/reference/using-api/deprecation-guide/"""


def check(facts: Facts) -> Iterator[Verdict]:
    for found in facts.objects:
        removal = _REMOVED.get((found.ref.api_version, found.ref.kind))
        if removal:
            by, successor = removal
            yield error(found.place, f"{found.ref.api_version} of {found.ref} was removed in {by}", f"use {successor}")
