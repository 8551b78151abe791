"""What a pool's `warm` may be."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.settings.stack_files import DEMO, GOOD, accepted, changed, problems

WARM = "headroom:pools/l4/warm"
POOL = "headroom:pools/l4"


def test_a_pool_keeps_no_room_unless_it_is_told_to(tmp_path: Path) -> None:
    assert accepted(tmp_path, changed()).pools["l4"].warm == 0


def test_room_for_all_that_the_replicas_that_always_run_leave_free_is_allowed(tmp_path: Path) -> None:
    """Five nodes of one GPU, and one replica that always runs."""
    assert accepted(tmp_path, changed((WARM, 4))).pools["l4"].warm == 4


def test_more_room_than_the_pool_has_beside_them_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, changed((WARM, 5))) == {
        "pools.l4.warm": "beside the replicas that always run, the pool has room for 4 more of its largest: the rest would wait for ever; "
        "lower warm, or raise the pool's max"
    }


@pytest.mark.parametrize(("gpus", "held"), [(1, 7), (2, 3), (4, 1)])
def test_room_is_counted_in_replicas_of_the_pools_largest(tmp_path: Path, gpus: int, held: int) -> None:
    """Two nodes of four GPUs."""
    pool = {"machine": "g6.12xlarge", "max": 2, "warm": 8}
    found = problems(tmp_path, changed((POOL, pool), (f"{DEMO}/gpus", gpus), (f"{DEMO}/autoscaling/replicas/max", 1)))
    assert f"room for {held} more" in found["pools.l4.warm"]


def test_a_pool_without_a_server_has_nothing_to_keep_room_for(tmp_path: Path) -> None:
    spare = {"machine": "g6.2xlarge", "max": 2, "warm": 1}
    assert problems(tmp_path, changed(("headroom:pools/spare", spare))) == {
        "pools.spare.warm": "no server runs in this pool, so there is nothing to keep room for: leave warm out"
    }


def test_a_server_that_is_wrong_in_itself_is_not_missed_in_its_pool(tmp_path: Path) -> None:
    found = problems(tmp_path, changed((WARM, 1), (f"{DEMO}/gpus", "many")))
    assert set(found) == {"servers.demo.gpus"}


def test_a_server_may_not_be_called_as_the_placeholders_are(tmp_path: Path) -> None:
    demo = yaml.safe_load(GOOD)["config"]["headroom:servers"]["demo"]
    small = demo | {"autoscaling": demo["autoscaling"] | {"replicas": {"max": 1}}}
    found = problems(tmp_path, changed((WARM, 1), (DEMO, small), ("headroom:servers/warm-pool-l4", small)))
    assert found == {"servers.warm-pool-l4": "is what the placeholders of pool l4 are called: choose another name"}
