"""Pod addresses are unique, outside the gateway's part of the range, and not used again at once."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from headroom.sandbox.kubelet.addresses import Addresses, NoAddressLeft
from headroom.sandbox.layout import POD_NETWORK


def test_the_first_address_leaves_the_gateways_part_free() -> None:
    assert Addresses().take() == "10.244.1.1"


def test_addresses_are_within_the_pod_network_and_unique() -> None:
    addresses = Addresses()
    taken = [addresses.take() for _ in range(600)]
    assert len(set(taken)) == 600
    assert all(ip_address(address) in ip_network(POD_NETWORK) for address in taken)


def test_an_address_given_back_is_the_last_to_be_used_again() -> None:
    addresses = Addresses()
    first = addresses.take()
    addresses.give_back(first)
    assert addresses.take() != first


def test_an_agent_started_anew_goes_on_after_the_highest_address_in_use() -> None:
    assert Addresses(["10.244.3.7", "10.244.1.9"]).take() == "10.244.3.8"


def test_addresses_of_others_do_not_count() -> None:
    assert Addresses(["192.168.0.1", "10.244.0.5"]).take() == "10.244.1.1"


def test_a_full_range_is_an_error_and_a_freed_address_is_found() -> None:
    addresses = Addresses()
    taken = [addresses.take() for _ in range(65278)]
    with pytest.raises(NoAddressLeft, match="in use"):
        addresses.take()
    addresses.give_back(taken[5])
    assert addresses.take() == taken[5]
