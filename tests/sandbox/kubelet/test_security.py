"""Who a container runs as."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.sandbox.kubelet.runtime import Identity
from headroom.sandbox.kubelet.security import Forbidden, group_of_volumes, identity, variables


def who(pod: dict[str, Any], own: dict[str, Any], one_user: bool = False) -> Identity:
    return identity({"securityContext": pod}, {"name": "main", "securityContext": own}, 0, one_user)


def test_the_containers_context_wins_over_the_pods() -> None:
    assert who({"runAsUser": 1000, "runAsGroup": 1000}, {"runAsUser": 2000}) == Identity(2000, 1000, (1000,))


def test_the_file_system_group_and_supplemental_groups_are_added() -> None:
    assert who({"fsGroup": 5, "supplementalGroups": [7], "runAsGroup": 6}, {}).groups == (5, 6, 7)


def test_rights_are_dropped_when_all_are_to_go() -> None:
    found = who({}, {"capabilities": {"drop": ["ALL"]}, "allowPrivilegeEscalation": False})
    assert (found.dropAllCapabilities, found.noNewPrivileges) == (True, True)


@pytest.mark.parametrize("own", [{"runAsNonRoot": True}, {"runAsNonRoot": True, "runAsUser": 0}])
def test_root_is_refused_where_it_must_not_be(own: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        who({}, own)


def test_in_a_namespace_of_one_user_there_is_nobody_else_to_be() -> None:
    assert who({"runAsUser": 1000}, {}, one_user=True).uid is None


def test_files_of_volumes_have_the_pods_group_where_there_are_groups() -> None:
    pod = {"securityContext": {"fsGroup": 1000}}
    assert (group_of_volumes(pod, one_user=False), group_of_volumes(pod, one_user=True)) == (1000, None)


@pytest.mark.parametrize(("user", "one_user", "said"), [(1000, True, True), (1000, False, False), (0, True, False)])
def test_who_is_root_for_want_of_another_user_says_so_to_open_mpi(user: int, one_user: bool, said: bool) -> None:
    found = variables({"securityContext": {"runAsUser": user}}, {"name": "main"}, 0, one_user)
    assert found == ({"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"} if said else {})
