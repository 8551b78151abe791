"""The cluster's DNS: what names there are, and what is answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dns.message
import dns.rcode
import pytest

from headroom.sandbox.dns import MOST_ADDRESSES, Directory, answer, names
from headroom.sandbox.errors import Refused

NAME = "demo.inference.svc.cluster.local."


def endpoint(address: str, **more: Any) -> dict[str, Any]:
    return {"addresses": [address], "conditions": {"ready": True}, **more}


def of_service(*endpoints: dict[str, Any], service: str = "demo") -> dict[str, Any]:
    metadata = {"namespace": "inference", "name": f"{service}-x", "labels": {"kubernetes.io/service-name": service}}
    return {"metadata": metadata, "endpoints": list(endpoints) or None}


def ask(name: str, known: dict[str, frozenset[str]], kind: str = "A") -> dns.message.Message:
    return answer(dns.message.make_query(name, kind), known)


def addresses(response: dns.message.Message) -> set[str]:
    return {item.to_text() for rrset in response.answer for item in rrset}


def test_a_service_leads_to_the_ready_pods_of_all_its_slices() -> None:
    gone = endpoint("10.244.1.3", conditions={"ready": False, "serving": True, "terminating": True})
    slices = [of_service(endpoint("10.244.1.1"), gone), of_service(endpoint("10.244.1.2"))]
    assert names(slices) == {NAME: {"10.244.1.1", "10.244.1.2"}}


def test_a_pod_with_a_host_name_has_a_name_of_its_own() -> None:
    found = names([of_service(endpoint("10.244.1.1", hostname="demo-0"), endpoint("10.244.1.2"))])
    assert found[f"demo-0.{NAME}"] == {"10.244.1.1"}


def test_a_slice_of_no_service_has_no_name() -> None:
    assert names([{"metadata": {"namespace": "inference", "name": "by-hand"}, "endpoints": [endpoint("10.244.1.1")]}]) == {}


def test_a_name_is_answered_however_it_is_written() -> None:
    assert addresses(ask(NAME.upper(), {NAME: frozenset({"10.244.1.1"})})) == {"10.244.1.1"}


@pytest.mark.parametrize(("known", "kind"), [({NAME: frozenset()}, "A"), ({NAME: frozenset({"10.244.1.1"})}, "AAAA")])
def test_a_name_that_has_no_such_address_exists(known: dict[str, frozenset[str]], kind: str) -> None:
    response = ask(NAME, known, kind)
    assert (response.rcode(), response.answer) == (dns.rcode.NOERROR, [])


def test_any_other_name_does_not_exist() -> None:
    assert ask("example.com.", {NAME: frozenset({"10.244.1.1"})}).rcode() == dns.rcode.NXDOMAIN


def test_an_answer_fits_into_what_every_client_reads() -> None:
    many = frozenset(f"10.244.2.{number}" for number in range(100))
    response = ask(NAME, {NAME: many})
    assert len(addresses(response)) == MOST_ADDRESSES
    assert len(response.to_wire()) <= 512


def test_while_the_api_server_is_away_names_stay_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    def looks() -> Iterator[list[dict[str, Any]]]:
        yield [of_service(endpoint("10.244.1.1"))]
        raise Refused("away")

    found = looks()
    directory = Directory(lambda: next(found))
    monkeypatch.setattr("headroom.sandbox.dns.FRESH_SECONDS", -1)
    assert directory.known() == directory.known() == {NAME: {"10.244.1.1"}}
