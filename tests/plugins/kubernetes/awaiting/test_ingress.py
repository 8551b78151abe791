from __future__ import annotations

from headroom.plugins.kubernetes.awaiting.rules.ingress import NO_ADDRESS, NO_ENDPOINT, assess
from headroom.plugins.kubernetes.awaiting.verdict import Done, Line, Observed, Waiting
from headroom.plugins.kubernetes.client import Object
from tests.plugins.kubernetes.awaiting.states import endpoint_slice, obj, service


def ingress(*, address: bool = False, backend: str = "s", host: str = "h.io", path: str = "/x") -> Object:
    paths = [{"path": path, "backend": {"service": {"name": backend}}}]
    status = {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]} if address else {}}
    return obj("networking.k8s.io/v1", "Ingress", "i", spec={"rules": [{"host": host, "http": {"paths": paths}}]}, status=status)


def look(live: Object, *slices: Object, services: list[Object] | None = None, elapsed: float = 1, quiet: float = 1) -> Observed:
    return Observed(live, {"EndpointSlice": slices, "Service": services or []}, elapsed=elapsed, quiet=quiet)


def test_backends_and_an_address_make_it_ready() -> None:
    assert assess(look(ingress(address=True), endpoint_slice(True))) == Done((Line("Ingress initialization complete"),))


def test_without_backends_and_address_both_are_reasons() -> None:
    verdict = assess(look(ingress()))
    assert verdict == Waiting((Line("[1/3] Finding a matching service for each Ingress path"),), (NO_ENDPOINT, NO_ADDRESS))


def test_with_backends_it_waits_for_the_address() -> None:
    verdict = assess(look(ingress(), endpoint_slice(True)))
    assert verdict == Waiting((Line("[2/3] Waiting for update of .status.loadBalancer with hostname/IP"),), (NO_ADDRESS,))


def test_an_external_name_needs_no_endpoints() -> None:
    assert isinstance(assess(look(ingress(address=True), services=[service(type="ExternalName")])), Done)


def test_a_missing_backend_is_let_be_once_the_others_have_settled() -> None:
    verdict = assess(look(ingress(address=True), endpoint_slice(True, service="other"), quiet=10))
    assert isinstance(verdict, Done)
    assert verdict.lines[0] == Line('No matching service found for ingress rule: "h.io/x" -> "s"', "warning")


def test_where_no_service_has_endpoints_a_missing_backend_is_let_be_after_a_minute() -> None:
    assert isinstance(assess(look(ingress(address=True), elapsed=59, quiet=59)), Waiting)
    assert isinstance(assess(look(ingress(address=True), elapsed=60, quiet=60)), Done)


def test_a_rule_without_host_and_path_is_called_the_default() -> None:
    verdict = assess(look(ingress(address=True, host="", path=""), elapsed=60))
    assert verdict.lines[0].text == 'No matching service found for ingress rule: "" (default path) -> "s"'
