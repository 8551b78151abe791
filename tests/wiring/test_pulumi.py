"""Pulumi's own JSON: a preview and an exported stack are read like the manifests they stand for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headroom.wiring import Severity, load, verify
from headroom.wiring.source import read_text

TRIGGER = Path(__file__).parent / "checks" / "trigger-address-unusable" / "success.yaml"
"""It asks prometheus-operated in the namespace observability."""
RECIPE = Path(__file__).parent / "recipes" / "correct" / "pods-metric-from-config-map.yaml"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "AAAB"}


def states() -> list[dict[str, Any]]:
    """The recipe's objects as resources of a stack, and the values of a release."""
    found = []
    for document in load([RECIPE]):
        version = str(document.body["apiVersion"])
        token = f"kubernetes:{version if '/' in version else f'core/{version}'}:{document.body['kind']}"
        found.append({"urn": f"urn:pulumi:prod::p::{token}::{document.ref.name}", "type": token, "inputs": document.body})
    values = {"prometheus": {"prometheusSpec": {"podMonitorSelectorNilUsesHelmValues": False}}}
    release = {"name": "kps", "chart": "kube-prometheus-stack", "values": values}
    found.append(
        {"urn": "urn:pulumi:prod::p::kubernetes:helm.sh/v3:Release::kps", "type": "kubernetes:helm.sh/v3:Release", "inputs": release}
    )
    return [{"urn": "urn:pulumi:prod::p::pulumi:pulumi:Stack::p-prod", "type": "pulumi:pulumi:Stack"}, *found]


def preview(resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {"config": {}, "steps": [{"op": "create", "newState": state} for state in resources], "changeSummary": {}}


def export(resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"manifest": {}, "resources": resources}}


@pytest.mark.parametrize("form", [preview, export], ids=lambda form: form.__name__)
def test_what_is_correct_in_manifests_is_correct_in_pulumis_json(form: Callable[..., dict[str, Any]]) -> None:
    documents = read_text(json.dumps(form(states())))
    assert len(documents) == len(states()) - 1
    assert [finding for finding in verify(documents) if finding.severity is not Severity.UNKNOWN] == []


@pytest.mark.parametrize("form", [preview, export], ids=lambda form: form.__name__)
def test_a_defect_is_found_with_its_line(form: Callable[..., dict[str, Any]]) -> None:
    text = json.dumps(form(states()), indent=2).replace('"averageValue": "4"', '"value": "4"')
    (finding,) = [finding for finding in verify(read_text(text, "preview.json")) if finding.severity is Severity.ERROR]
    assert finding.check == "hpa-target-type-unfit"
    assert finding.place.line
    assert finding.place.line > 100


def test_what_a_preview_deletes_is_not_there() -> None:
    steps = preview(states())
    steps["steps"] = [{**step, "op": "delete", "oldState": step["newState"]} for step in steps["steps"]]
    assert read_text(json.dumps(steps)) == []


def test_a_secret_of_pulumi_is_no_plaintext() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ngc"}, "stringData": {"NGC_API_KEY": SECRET}}
    state = {"urn": "urn:pulumi:prod::p::kubernetes:core/v1:Secret::ngc", "type": "kubernetes:core/v1:Secret", "inputs": secret}
    assert verify(read_text(json.dumps(export([state])))) == []


@pytest.mark.parametrize(("namespace", "found"), [("observability", []), ("elsewhere", ["trigger-address-unusable"]), (SECRET, [])])
def test_the_namespace_of_a_release_tells_where_its_prometheus_is(namespace: object, found: list[str]) -> None:
    *rest, release = states()
    release["inputs"] = {**release["inputs"], "namespace": namespace}
    (scaled,) = load([TRIGGER])[:1]
    token = "kubernetes:keda.sh/v1alpha1:ScaledObject"
    trigger = {"urn": f"urn:pulumi:prod::p::{token}::parrot", "type": token, "inputs": scaled.body}
    documents = read_text(json.dumps(export([*rest, release, trigger])))
    assert [finding.check for finding in verify(documents) if finding.check == "trigger-address-unusable"] == found
