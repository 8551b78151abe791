"""Every image that a stack asks for comes from the mirror that it names, and is pulled with the login there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import yaml

from headroom.catalog.charts.contract import deviations
from headroom.catalog.charts.images import images as of_chart
from headroom.catalog.charts.tree import facts
from headroom.desired import Desired, render
from headroom.desired.objects import Object
from headroom.settings import Stack, load
from headroom.settings.platform import Images, Platform
from headroom.wiring import engines
from headroom.wiring.readers import workload
from headroom.wiring.source import read_text
from tests.desired.stacks import STACKS
from tests.evidence import Proof

MIRROR = "mirror.example.com/images"
LOGIN = {"user": "robot", "password": "mirror"}
EVERY_STACK = pytest.mark.parametrize("name", STACKS)
EVERY_STACK_OF_SERVERS = pytest.mark.parametrize("name", [name for name, path in STACKS.items() if load(path).servers])
HELM: dict[str, Any] = {name: {"mode": "helm"} for name in Platform().add_ons}


@cache
def home(name: str) -> Stack:
    return load(STACKS[name])


def mirrored(name: str, **images: Any) -> Stack:
    wanted = Images.model_validate({"registry": MIRROR, **images})
    return replace(home(name), platform=home(name).platform.model_copy(update={"images": wanted}))


@cache
def there(name: str) -> Desired:
    """What a stack asks for, from a mirror without a login."""
    return render(mirrored(name))


@cache
def with_login(name: str) -> Desired:
    return render(mirrored(name, login=LOGIN))


def pods(value: Any) -> Iterator[Object]:
    """Every pod's spec in an object."""
    if isinstance(value, dict):
        if "containers" in value:
            yield value
        for below in value.values():
            yield from pods(below)
    elif isinstance(value, list):
        for one in value:
            yield from pods(one)


def images(desired: Desired) -> list[str]:
    specs = [spec for item in desired.objects for spec in pods(item)]
    return [container["image"] for spec in specs for container in (*spec["containers"], *spec.get("initContainers", ()))]


@pytest.mark.proves("images from a mirror: servers and what stands beside them", Proof.SCHEMA)
@EVERY_STACK_OF_SERVERS
def test_every_container_of_a_stack_comes_from_the_mirror(name: str) -> None:
    found = images(there(name))
    assert found
    assert [image for image in found if not image.startswith(f"{MIRROR}/")] == []


@EVERY_STACK
def test_only_names_of_images_and_logins_change(name: str) -> None:
    """Names carry what a preparation is made of: it is not made anew for a mirror."""
    at_home, moved = (
        [(item["kind"], item["metadata"]) for item in desired.objects if item["kind"] != "Secret"]
        for desired in (render(home(name)), there(name))
    )
    assert moved == at_home


@EVERY_STACK
def test_every_pod_pulls_with_a_secret_of_its_namespace(name: str) -> None:
    desired = with_login(name)
    secrets = {(item["metadata"]["namespace"], item["metadata"]["name"]) for item in desired.objects if item["kind"] == "Secret"}
    for item in desired.objects:
        for spec in pods(item):
            (pull,) = spec["imagePullSecrets"]
            assert (item["metadata"]["namespace"], pull["name"]) in secrets


@EVERY_STACK_OF_SERVERS
def test_the_login_is_the_mirrors_and_no_other_registrys(name: str) -> None:
    desired = with_login(name)
    filled = [desired.shared_credentials, *(server.credentials for server in desired.servers)]
    logins = [use for secrets in filled for uses in secrets.values() for use in uses.values() if use.form == "registry-login"]
    assert {(use.credential, use.user, use.registry) for use in logins} == {("mirror", "robot", "mirror.example.com")}
    assert len(logins) == len(desired.servers) + len(desired.shared_credentials)


def test_a_mirror_without_a_login_needs_no_key_of_nvidias_registry() -> None:
    (server,) = there("nim").servers
    assert "secret-pull" not in server.objects
    assert "secret-pull" in render(home("nim")).servers[0].objects


@EVERY_STACK
def test_the_verifier_knows_every_engine_in_the_mirror(name: str) -> None:
    for server in there(name).servers:
        (document,) = read_text(yaml.safe_dump(server.objects["workload"]))
        (found,) = workload.read(document)
        running = engines.running(found)
        assert running
        assert running.family.name == home(name).servers[server.name].engine


def add_ons(platform: dict[str, Any]) -> Desired:
    return render(
        replace(home("local"), platform=Platform.model_validate({**HELM, "images": {"registry": MIRROR, "login": LOGIN}, **platform}))
    )


def test_every_release_is_moved_and_still_asks_for_what_its_chart_has() -> None:
    for addon in add_ons({}).platform.values():
        for release in addon.releases:
            assert str(release.values).count(f"'{MIRROR}") == len(of_chart(release.chart.name))
            assert not list(deviations(release.values, facts(release.chart.name).values))


def test_every_release_with_pods_has_its_login_in_its_namespace() -> None:
    for addon in add_ons({}).platform.values():
        for release in addon.releases:
            if of_chart(release.chart.name):
                secret = addon.objects[f"pull-{release.name}"]
                assert secret["metadata"]["namespace"] == release.namespace
                assert secret["metadata"]["name"] in str(release.values)
                assert addon.credentials[f"pull-{release.name}"][".dockerconfigjson"].user == "robot"


def test_an_override_has_the_last_word() -> None:
    overrides = {"image": {"manager": {"repository": "registry.example.com/own/lws"}}}
    (release,) = add_ons({"lws": {"mode": "helm", "overrides": overrides}}).platform["lws"].releases
    assert release.values["image"]["manager"]["repository"] == "registry.example.com/own/lws"
