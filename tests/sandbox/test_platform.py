"""What the platform makes of a stack's add-ons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headroom.paths import Clone
from headroom.sandbox import platform
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.layout import Layout
from headroom.sandbox.platform import addon, aggregation, definitions
from headroom.settings.platform import Mode, Platform

GROUP = "monitoring.coreos.com"


def printed(*kinds: str) -> str:
    return "".join(f"---\nkind: CustomResourceDefinition\nmetadata:\n  name: {kind}.{GROUP}\nspec:\n  default: =\n" for kind in kinds)


def test_an_add_on_that_the_stack_does_not_have_costs_no_tool() -> None:
    nothing = Platform.model_validate(dict.fromkeys(Platform().add_ons, Mode.NONE))
    assert platform.tools(nothing) == ()


@pytest.mark.parametrize("addon", platform.ADD_ONS, ids=lambda addon: addon.name)
def test_an_add_on_that_the_stack_has_brings_its_tools(addon: platform.AddOn) -> None:
    others = dict.fromkeys(Platform().add_ons, Mode.NONE)
    assert platform.tools(Platform.model_validate(others | {addon.name: Mode.EXISTING})) == addon.tools


def test_a_clone_without_the_stack_has_the_platform_that_stacks_have_by_default(tmp_path: Path) -> None:
    assert platform.stack_platform(Layout(Clone(tmp_path)), "local") == Platform()


def test_definitions_are_taken_as_they_are_written() -> None:
    taken = definitions.select([printed("podmonitors", "thanosrulers"), printed("probes")], GROUP, ["probes", "podmonitors"], "it")
    assert list(taken) == ["probes", "podmonitors"]
    assert all("default: =" in document for document in taken.values())


def test_a_definition_that_is_no_longer_there_is_named() -> None:
    with pytest.raises(SandboxError, match="it has no definition of podmonitors"):
        definitions.select([printed("prometheuses")], GROUP, ["prometheuses", "podmonitors"], "it")


def test_an_aggregated_api_is_verified_by_its_authority() -> None:
    registered = aggregation.registration("custom.metrics.k8s.io/v1beta1", "prometheus-adapter", "monitoring", 6445, "Q0E=")[-1]
    assert registered["metadata"]["name"] == "v1beta1.custom.metrics.k8s.io"
    assert registered["spec"]["caBundle"] == "Q0E="
    assert "insecureSkipTLSVerify" not in registered["spec"]


class Cluster:
    """The paths of the objects that are there, and of those deleted, in their order."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        self.deleted: list[str] = []

    def path(self, item: Any) -> str:
        return f"/{item['kind']}/{item['metadata']['name']}"

    def apply_all(self, items: list[Any]) -> None:
        self.there |= {self.path(item) for item in items}

    def delete(self, path: str) -> None:
        self.there.discard(path)
        self.deleted.append(path)


def site(directory: Path, api: Any) -> addon.Site:
    layout = Layout(Clone(directory))
    layout.root.mkdir(parents=True, exist_ok=True)
    nothing: Any = None
    return addon.Site(layout, {}, nothing, api, Platform(), {})


def item(kind: str, name: str) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name}}


def test_what_leads_to_an_add_on_goes_before_its_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = Cluster()
    monkeypatch.setattr(addon.launch, "end", lambda _, names: api.deleted.extend(names))
    addon.AddOn("lamp", (), lambda _: [], processes=("bulb", "switch"), registered=("/apis/lamps",)).remove(site(tmp_path, api))
    assert api.deleted == ["/apis/lamps", "bulb", "switch"]


def test_an_add_on_takes_its_monitors_along(tmp_path: Path) -> None:
    api = Cluster()
    site(tmp_path, api).put("lamp", [item("Namespace", "hall"), item("ServiceMonitor", "lamp")])
    addon.AddOn("lamp", (), lambda _: [], processes=()).remove(site(tmp_path, api))
    assert api.there == {"/Namespace/hall"}


def test_what_an_add_on_no_longer_has_goes(tmp_path: Path) -> None:
    api = Cluster()
    site(tmp_path, api).put("lamp", [item("ServiceMonitor", "lamp"), item("Service", "lamp")])
    site(tmp_path, api).put("lamp", [item("ServiceMonitor", "lantern"), item("Service", "lamp")])
    assert api.there == {"/ServiceMonitor/lantern", "/Service/lamp"}
