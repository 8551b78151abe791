"""A stack with all engines and both backends goes up, stays as it is, and leaves nothing."""

from __future__ import annotations

import subprocess

import pytest

from headroom import settings
from headroom.catalog.engines import ENGINES
from headroom.sandbox import Sandbox
from headroom.settings.autoscaling import Backend
from headroom.tools import require
from tests.evidence import Proof
from tests.scenarios import every_engine
from tests.stacks.checkout import Checkout

pytestmark = [pytest.mark.tools, pytest.mark.timeout(1800)]

OURS = "app.kubernetes.io/managed-by=headroom"
KINDS = "deployments,leaderworkersets,services,secrets,configmaps,jobs,podmonitors,prometheusrules,hpa,scaledobjects,namespaces,nodes"


@pytest.fixture(scope="module")
def stack(checkout: Checkout) -> settings.Stack:
    file = every_engine.write(checkout.clone)
    Sandbox(checkout.clone).up(stack=every_engine.NAME)
    return settings.load(file)


def test_every_engine_and_both_backends_are_in_it(stack: settings.Stack) -> None:
    assert {server.engine for server in stack.servers.values()} == set(ENGINES)
    assert {server.autoscaling.backend for server in stack.servers.values()} == set(Backend)


@pytest.mark.proves("a stack of all engines on both backends: one up, no changes, nothing left", Proof.SIMULATOR)
def test_one_up_is_enough(checkout: Checkout, stack: settings.Stack) -> None:
    first = checkout.headroom("up", stack.name)
    assert first.returncode == 0, first.stdout
    again = checkout.headroom("up", stack.name)
    assert (again.returncode, "nothing changes" in again.stdout) == (0, True), again.stdout


def test_nothing_of_it_is_left_behind(checkout: Checkout, stack: settings.Stack) -> None:
    destroyed = checkout.headroom("destroy", stack.name)
    assert destroyed.returncode == 0, destroyed.stdout
    kubectl = [require("kubectl")["kubectl"], "--kubeconfig", checkout.clone.kubeconfig]
    question = [*kubectl, "get", KINDS, "--all-namespaces", f"--selector={OURS}", "--output=name"]
    assert subprocess.run(question, capture_output=True, text=True, check=True).stdout == ""
