"""Writes the page of every check and their list: `python -m headroom.wiring.pages docs/checks`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from headroom.wiring.registry import Check, all_checks

_INTRODUCTION = """# Checks of the wiring

`headroom verify PATH…` follows the chain from the metric in a pod to the replica count and names every link that does not hold. Each
check is named for the fault it finds. Its page is generated from the check (`python -m headroom.wiring.pages docs/checks`).

A finding is an *error* (the loop does not work, or works on a wrong number), a *warning* (it works until something ordinary happens) or
*unknown* (the manifests at hand do not tell).

To silence one check on one object, with a reason and until a date, annotate the object:

```yaml
metadata:
  annotations:
    headroom.dev/ignore-replicas-declared: "handed over to the autoscaler on Monday, until 2027-01-31"
```

## What is read

Files and directories of YAML and JSON, lists and what `kubectl get -o yaml` and `helm template` print too, and the JSON of
`pulumi preview` and `pulumi stack export`. Patches of a kustomization are no objects: to judge what it makes, verify the output of
`kubectl kustomize`. A template of Helm has to be rendered: one in a directory is told as not known, and the rest is judged.

- Pods: Deployment, StatefulSet, ReplicaSet, DaemonSet, Job, Pod, Argo's Rollout, LeaderWorkerSet. Nodes.
- The way to them: Service, Ingress, Traefik's IngressRoute, routes of the Gateway API, NetworkPolicy; values of the chart traefik.
- Scraping: PodMonitor and ServiceMonitor (also of Azure's managed Prometheus), PodMonitoring and ClusterPodMonitoring of Google's,
  Prometheus; values of kube-prometheus-stack; annotations `prometheus.io/…`.
- Recording: PrometheusRule, rules of Google's managed Prometheus, rule files: plain, in ConfigMaps, in the values of the charts prometheus
  and kube-prometheus-stack.
- Metrics APIs: APIService; prometheus-adapter's configuration in a ConfigMap or in its chart's values; what an HPA asks of Google's managed
  Prometheus.
- Autoscaling: HorizontalPodAutoscaler of every version, KEDA's ScaledObject, PodDisruptionBudget.

An engine is known by its image or by the program that its container starts, its metrics from the catalogue, by version.

## The checks

| check | finds |
|---|---|
"""

_BASELINE = """
## Security baseline

Judged with `--security`, and always by the policy pack (`policy/`): a recipe can be wired correctly and not hold it.

| check | finds |
|---|---|
"""


def pages() -> dict[str, str]:
    """File name → text."""
    checks = all_checks().values()
    wiring, baseline = ([check for check in checks if check.of_baseline is of] for of in (False, True))
    list_ = _INTRODUCTION + _rows(wiring) + _BASELINE + _rows(baseline)
    return {"README.md": list_, **{f"{check.name}.md": check.as_page() for check in checks}}


def _rows(checks: Iterable[Check]) -> str:
    return "".join(f"| [{check.name}]({check.name}.md) | {check.title} |\n" for check in checks)


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (directory / name).write_text(text)
    print(f"{len(pages())} pages in {directory}")
