"""What the stand-in does not cover, refused by name before anything is touched."""

from __future__ import annotations

from headroom.plugins.kubernetes.builtin import is_builtin
from headroom.plugins.kubernetes.client import GVK, Object

STAND_IN = "headroom's stand-in for the Kubernetes plugin does not cover"
LIST_KIND = (
    "list resources exist for compatibility with YAML manifests and Helm charts, and cannot be created directly. "
    "Use the underlying resource type instead"
)
# Type token without the package → what it is called by users, and what to do instead.
COMPONENTS = {
    "helm.sh/v3:Chart": ("helm.v3.Chart", "install the chart with helm.v3.Release"),
    "helm.sh/v4:Chart": ("helm.v4.Chart", "install the chart with helm.v3.Release"),
    "yaml:ConfigFile": ("yaml.ConfigFile", "create the objects as resources"),
    "yaml:ConfigGroup": ("yaml.ConfigGroup", "create the objects as resources"),
    "yaml/v2:ConfigFile": ("yaml.v2.ConfigFile", "create the objects as resources"),
    "yaml/v2:ConfigGroup": ("yaml.v2.ConfigGroup", "create the objects as resources"),
    "kustomize:Directory": ("kustomize.Directory", "create the objects as resources"),
    "kustomize/v2:Directory": ("kustomize.v2.Directory", "create the objects as resources"),
}


class NotCovered(Exception):
    """A resource or function that the stand-in does not offer."""


def refuse_type(token: str, inputs: Object) -> None:
    """Raises `NotCovered` for a component, a Patch resource or a List."""
    short = token.removeprefix("kubernetes:")
    if short in COMPONENTS:
        name, remedy = COMPONENTS[short]
        raise NotCovered(f"{STAND_IN} {name}: {remedy}")
    asked = GVK.of_token(token)
    patched = asked._replace(kind=asked.kind.removesuffix("Patch"))
    if patched != asked and (inputs.get("kind") == patched.kind or is_builtin(patched)):
        raise NotCovered(f"{STAND_IN} Patch resources ({asked.kind}): manage the whole object as {patched.kind}")
    gvk = GVK.of(inputs)
    if gvk.kind.endswith("List") and ("items" in inputs or is_builtin(gvk._replace(kind=gvk.kind.removesuffix("List")))):
        raise NotCovered(LIST_KIND)


def refuse_function(token: str) -> NotCovered:
    return NotCovered(f"{STAND_IN} the function {token}: use Pulumi's own plugin, or create the objects as resources")


def refuse_component(token: str) -> NotCovered:
    name, remedy = COMPONENTS.get(token.removeprefix("kubernetes:"), (token, "create the objects as resources"))
    return NotCovered(f"{STAND_IN} {name}: {remedy}")
