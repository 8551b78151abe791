from __future__ import annotations

import re

import pytest

from headroom.plugins.kubernetes.naming import AUTONAMED, Autonaming, NameRefused, is_autonamed, name
from headroom.plugins.kubernetes.properties import UNKNOWN
from tests.plugins.kubernetes.objects import Object, config_map


def named(inputs: Object, *, old: Object | None = None, autonaming: Autonaming | None = None, seed: bytes = b"seed") -> Object:
    return name(inputs, logical="thing", seed=seed, old=old, autonaming=autonaming)["metadata"]


AUTONAMED_BEFORE = config_map("thing-01234567", annotations={AUTONAMED: "true"})


def test_an_explicit_name_stays_and_carries_no_mark() -> None:
    assert named(config_map("mine")) == {"namespace": "ns", "name": "mine"}


def test_a_new_object_is_named_after_its_logical_name_with_eight_hex_digits() -> None:
    metadata = named(config_map(None))
    assert re.fullmatch(r"thing-[0-9a-f]{8}", metadata["name"])
    assert metadata["annotations"] == {AUTONAMED: "true"}


def test_an_object_without_metadata_is_named() -> None:
    assert named({"apiVersion": "v1", "kind": "ConfigMap"})["name"].startswith("thing-")


def test_the_same_seed_gives_the_same_name() -> None:
    assert named(config_map(None), seed=b"1")["name"] == named(config_map(None), seed=b"1")["name"]


def test_another_seed_gives_another_name() -> None:
    assert named(config_map(None), seed=b"1")["name"] != named(config_map(None), seed=b"2")["name"]


def test_an_auto_name_is_kept_from_then_on() -> None:
    assert named(config_map(None), old=AUTONAMED_BEFORE)["name"] == "thing-01234567"


def test_the_mark_stands_beside_annotations_of_the_program() -> None:
    assert named(config_map(None, annotations={"a": "b"}))["annotations"] == {"a": "b", AUTONAMED: "true"}


def test_an_object_that_loses_its_explicit_name_has_none_until_it_is_replaced() -> None:
    assert "name" not in named(config_map(None), old=config_map("mine"))


def test_an_explicit_name_takes_the_mark_away() -> None:
    assert "annotations" not in named(config_map("thing-01234567"), old=AUTONAMED_BEFORE)


def test_a_name_that_is_not_known_yet_is_left_alone() -> None:
    metadata = {"namespace": "ns", "name": UNKNOWN}
    assert named({**config_map(), "metadata": metadata}) == metadata


@pytest.mark.parametrize("mode", ["propose", "enforce"])
def test_the_engines_proposal_is_taken_as_it_is(mode: str) -> None:
    metadata = named(config_map(None), autonaming=Autonaming(mode, "stack-thing"))  # pyright: ignore[reportArgumentType]
    assert metadata["name"] == "stack-thing"
    assert metadata["annotations"] == {AUTONAMED: "true"}


def test_disabled_autonaming_demands_a_name() -> None:
    with pytest.raises(NameRefused, match="autonaming is disabled"):
        named(config_map(None), autonaming=Autonaming("disable"))


def test_disabled_autonaming_leaves_a_given_name() -> None:
    assert named(config_map("mine"), autonaming=Autonaming("disable"))["name"] == "mine"


def test_names_generated_by_the_server_are_refused() -> None:
    with pytest.raises(NameRefused, match="generateName` field is not supported in Server-Side Apply mode"):
        named(config_map(None, generateName="thing-"))


def test_an_object_without_annotations_is_not_autonamed() -> None:
    assert not is_autonamed({"metadata": {"annotations": None}})
