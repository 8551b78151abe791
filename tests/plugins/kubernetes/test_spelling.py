from __future__ import annotations

from headroom.plugins.kubernetes.properties import Secret
from headroom.plugins.kubernetes.spelling import for_cluster, for_program

WRITTEN = {"schema": [{"x_kubernetes_preserve_unknown_fields": True, "my_key": Secret({"x_kubernetes_list_type": "map"})}]}
SERVED = {"schema": [{"x-kubernetes-preserve-unknown-fields": True, "my_key": Secret({"x-kubernetes-list-type": "map"})}]}


def test_extensions_have_dashes_for_the_cluster() -> None:
    assert for_cluster(WRITTEN) == SERVED


def test_extensions_have_underscores_for_the_program() -> None:
    assert for_program(SERVED) == WRITTEN


def test_keys_of_the_program_stay_as_they_are() -> None:
    assert for_cluster({"data": {"some_key": "x", "x_kubernetes_else": "y"}}) == {"data": {"some_key": "x", "x_kubernetes_else": "y"}}
