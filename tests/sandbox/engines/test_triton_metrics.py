"""The simulator shows the series that the real Triton was recorded to show, but for differences that are named here."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.catalog.engines.model import spelled
from headroom.catalog.engines.triton import TRITON
from headroom.sandbox.engines.core import Station
from headroom.sandbox.engines.exposition import Family, read, written
from headroom.sandbox.engines.triton_metrics import CpuGauges, Served, families
from tests.evidence import Proof

RECORDED = Path(__file__).parent / "recorded" / "triton-2.51.0.txt"

ONLY_SIMULATED = {
    "nv_model_load_duration_secs": "newer than the recorded 2.51.0; the simulator is a 2.59.0, which has it",
}


def simulated() -> dict[str, Family]:
    return read(written(families([Served("sleeper", Station(1, 0.1))], CpuGauges())))


def shape(family: Family) -> tuple[str, str, list[dict[str, str]]]:
    """Type, help and the labels of every series, values left out."""
    return family.type, family.help, sorted((dict(labels) for labels, _ in family.samples), key=str)


@pytest.mark.proves("engine simulators: Triton's series", Proof.RECORDED)
def test_every_recorded_family_is_simulated_with_its_type_help_and_labels() -> None:
    recorded, ours = read(RECORDED.read_text()), simulated()
    assert recorded
    assert {name: shape(ours[name]) for name in recorded} == {name: shape(family) for name, family in recorded.items()}


def test_what_is_simulated_beyond_the_recording_is_named_with_its_reason() -> None:
    assert simulated().keys() - read(RECORDED.read_text()).keys() == ONLY_SIMULATED.keys()


def test_the_catalogs_metrics_have_the_recorded_types_and_labels() -> None:
    recorded = read(RECORDED.read_text())
    catalog = {metric.name: metric for metric in TRITON.oldest.metrics if metric.name in recorded}
    assert catalog
    for name, metric in catalog.items():
        assert recorded[name].type == metric.type.value.lower(), name
        assert set(recorded[name].samples[0][0]) == set(metric.labels), name


@pytest.mark.parametrize("release", [(24, 1), (24, 2), (24, 10), (24, 11), (25, 6)], ids=spelled)
def test_the_catalog_and_the_simulator_agree_on_what_a_release_exports(release: tuple[int, int]) -> None:
    shown = families([Served("am", Station(1, 0.1), gpu="GPU-0")], CpuGauges(), release)
    assert {family.name for family in shown} == {metric.name for metric in TRITON.at(release).metrics}


def test_durations_are_cumulative_microseconds_and_the_queue_is_a_gauge() -> None:
    station = Station(1, 0.1)
    station.requests, station.waited, station.served = 4, 0.5, 0.4
    found = {name: family.samples[0][1] for name, family in read(written(families([Served("sleeper", station)]))).items()}
    assert found["nv_inference_queue_duration_us"] == 500_000
    assert found["nv_inference_compute_infer_duration_us"] == 400_000
    assert found["nv_inference_request_duration_us"] == 900_000
    assert found["nv_inference_request_success"] == 4
    assert found["nv_inference_pending_request_count"] == 0


class Waiting:
    """One request, not yet begun."""

    requests, waiting = 0, 1
    waited = served = 0.0


GPU = "GPU-0e9fdafb-5adb-91cd-26a8-308d34357efc"


def of_a_gpu(release: tuple[int, int]) -> dict[str, Family]:
    station = Station(1, 0.1)
    station.requests, station.waited = 4, 0.5
    return read(written(families([Served("am", station, gpu=GPU)], release=release)))


def test_a_model_on_a_gpu_has_a_twin_series_without_it_that_stays_0() -> None:
    assert of_a_gpu((25, 6))["nv_inference_request_success"].samples == (
        ({"model": "am", "version": "1"}, 0),
        ({"gpu_uuid": GPU, "model": "am", "version": "1"}, 4),
    )


def test_pending_requests_are_the_twins_alone() -> None:
    samples = read(written(families([Served("am", Waiting(), gpu=GPU)])))["nv_inference_pending_request_count"].samples
    assert [value for _, value in samples] == [1, 0]


def test_an_old_release_shows_neither_twins_nor_pending_requests() -> None:
    old = of_a_gpu((21, 5))
    assert "nv_inference_pending_request_count" not in old
    assert old["nv_inference_request_failure"].samples == (({"gpu_uuid": GPU, "model": "am", "version": "1"}, 0),)
    assert old["nv_inference_request_success"].samples == (({"gpu_uuid": GPU, "model": "am", "version": "1"}, 4),)
