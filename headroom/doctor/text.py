"""What was found, in words, and as data for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import yaml
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from headroom.doctor import kinds
from headroom.doctor.advice import Advice, as_platform
from headroom.doctor.found import Found, Prometheus
from headroom.doctor.loop import Loop
from headroom.doctor.loop.text import as_json as loop_as_json
from headroom.doctor.loop.text import lines, summary
from headroom.settings import Problem


def facts(found: Found) -> Iterator[tuple[str, str]]:
    """What there is, a line each: what it is about, and what of it."""
    if found.knows(kinds.NODES):
        yield "cluster", f"{found.distribution}: {found.because}"
    for api in found.apis:
        health = "available" if api.available else f"not available: {api.why}"
        yield api.name, f"Service {api.service}{_of(api.release)}, {health}"
    for controller in found.controllers:
        asks = f", asks {controller.prometheus}" if controller.prometheus else ""
        where = f"Deployment {controller.namespace}/{controller.name}{_of(controller.release)}"
        yield controller.add_on, f"{where}, version {controller.version or 'unknown'}{asks}"
    for prometheus in found.prometheuses:
        yield "Prometheus", f"{prometheus.namespace}/{prometheus.name}{_of(prometheus.release)}, {_selection(prometheus)}"
    for service in found.prometheus_services:
        said = "answers as a Prometheus" if service.answers else "looks like a Prometheus, and could not be asked"
        yield "Prometheus", f"Service {service.namespace}/{service.name} {said}"
    for known in found.ingress_classes:
        yield "ingress class", f"{known.name} ({known.controller}){', the default' if known.default else ''}{_of(known.release)}"
    for policy, release in found.cluster_policies.items():
        yield "GPU Operator", f"ClusterPolicy {policy}{_of(release)}"
    for plugin in found.device_plugins:
        yield "device plugin", f"DaemonSet {plugin.namespace}/{plugin.name}{_of(plugin.release)}, on {plugin.nodes} nodes"
    for node in found.gpu_nodes:
        built_in = ", its image brings the device plugin" if node.plugin_built_in else ""
        taints = f", taints {', '.join(node.taints)}" if node.taints else ""
        yield "GPU node", f"{node.name}: {node.gpus} of {node.product or 'an unknown product'}{taints}{built_in}"
    if found.feature_discovery:
        yield "Node Feature Discovery", "has labelled nodes"
    for release in found.releases:
        yield "Helm release", f"{release.namespace}/{release.name}"


def _of(release: Any) -> str:
    return f" ({release})" if release else ""


def _selection(prometheus: Prometheus) -> str:
    where = "in every namespace" if prometheus.all_namespaces else "in some namespaces"
    if not prometheus.told:
        return f"selects monitors and rules by expressions, {where}"
    return f"selects monitors {_labels(prometheus.monitors)}, rules {_labels(prometheus.rules)}, {where}"


def _labels(selector: Any) -> str:
    if selector is None:
        return "none"
    return "all" if not selector else ",".join(f"{key}={value}" for key, value in selector.items())


def ailments(found: Found) -> Iterator[str]:
    """What is wrong with the cluster itself, whatever a stack wants of it."""
    for api in found.apis:
        if not api.available:
            yield f"{api.name} is not available ({api.why}): autoscalers that read it hold"
    defaults = [known.name for known in found.ingress_classes if known.default]
    if len(defaults) > 1:
        yield f"there are {len(defaults)} default ingress classes ({', '.join(defaults)}): the API server takes the newest"
    running = [plugin for plugin in found.device_plugins if plugin.nodes]
    if len(running) > 1:
        names = ", ".join(f"{plugin.namespace}/{plugin.name}" for plugin in running)
        yield f"there are {len(running)} device plugins ({names}): on a node with both, the kubelet knows the one that registered last"


def platform_text(advices: Sequence[Advice]) -> str:
    """The block for a stack file, with the reason at each line."""
    lines = ["headroom:platform:"]
    for advice in advices:
        settings = as_platform([advice])
        if settings:
            written = yaml.safe_dump(settings[advice.add_on], default_flow_style=True, sort_keys=False, width=1000)
            lines.append(f"  {f'{advice.add_on}: {written.splitlines()[0]}':<40}  # {advice.because}")
        else:
            lines.append(f"  # {advice.add_on}: {advice.because}")
    return "\n".join(lines)


def on_terminal(
    found: Found, refused: Sequence[Problem], different: Sequence[Problem], advices: Sequence[Advice], loops: Sequence[Loop]
) -> RenderableType:
    """Everything that the doctor has to say: of the loops first, which is why it is asked once a stack is there."""
    parts: list[RenderableType] = []
    for loop in loops:
        colour = "red" if loop.broken else "yellow" if loop.untold else ""
        parts += [_title(f"The loop of {summary(loop)}", colour), *lines(loop)]
    parts.append(_title("In the cluster"))
    width = max((len(about) for about, _ in facts(found)), default=0)
    parts += [Text(f"  {about:<{width}}  {fact}") for about, fact in facts(found)]
    parts += _section("Wrong with it", list(ailments(found)), "yellow")
    parts += _section("Not to be seen", [str(unread) for unread in found.unread], "yellow")
    parts += _section("`pulumi up` would be refused", [f"{problem.dotted}: {problem.message}" for problem in refused], "red")
    places = {problem.path[:2] for problem in refused}
    others = [f"{problem.dotted}: {problem.message}" for problem in different if problem.path[:2] not in places]
    parts += _section("The stack says something else", others, "yellow")
    parts += [_title("To write in the stack file"), Text(platform_text(advices))]
    return Group(*parts)


def _title(text: str, colour: str = "") -> Text:
    return Text.from_markup(f"\n[bold {colour}]{escape(text)}[/]")


def _section(title: str, lines: Sequence[str], colour: str) -> list[RenderableType]:
    return [_title(title, colour), *(Text(f"  {line}") for line in lines)] if lines else []


def as_json(
    found: Found, refused: Sequence[Problem], different: Sequence[Problem], advices: Sequence[Advice], loops: Sequence[Loop]
) -> dict[str, Any]:
    """The same for a program."""
    told = asdict(found) | {
        "services": [asdict(service) for service in found.prometheus_services],
        "definitions": sorted(found.definitions),
        "unread": [{"kind": unread.kind.named, "why": unread.why, "unknown": unread.kind.tells} for unread in found.unread],
    }
    return {
        "version": 1,
        "found": told,
        "ailments": list(ailments(found)),
        "conflicts": [_problem(problem) for problem in refused],
        "differences": [_problem(problem) for problem in different],
        "platform": as_platform(list(advices)),
        "reasons": {advice.add_on: advice.because for advice in advices},
        "loops": [loop_as_json(loop) for loop in loops],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"path": problem.dotted, "message": problem.message}
