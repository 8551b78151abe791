"""Durations, shares and quantities: what may be written, and what is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.catalog.signals import CPU, KV_CACHE_USAGE, MEMORY, QUEUE_COMPUTE_RATIO, QUEUE_TIME, REQUESTS_WAITING, Signal
from headroom.settings.base import seconds
from headroom.settings.targets import target_value
from tests.settings.stack_files import DEMO, accepted, changed, problems


@pytest.mark.parametrize(("written", "read"), [("30s", 30), ("1.5m", 90), ("1h", 3600), ("2000ms", 2), (45, 45), (45.0, 45), ("0s", 0)])
def test_a_duration_is_a_number_with_a_unit_or_bare_seconds(tmp_path: Path, written: Any, read: float) -> None:
    assert accepted(tmp_path, changed((f"{DEMO}/drain", written))).servers["demo"].drain == read


@pytest.mark.parametrize("written", ["30", "30 s", "s", "-5s", "1h30m", "30S", "٣s"])
def test_text_that_is_no_duration_is_answered_with_the_forms(tmp_path: Path, written: str) -> None:
    found = problems(tmp_path, changed((f"{DEMO}/drain", written)))
    assert found == {"servers.demo.drain": "a duration is a number and a unit: 500ms, 15s, 10m or 1h"}


@pytest.mark.parametrize("written", [".nan", ".inf", "2024-11-11"])
def test_a_number_that_is_no_time_is_no_duration(tmp_path: Path, written: str) -> None:
    text = changed((f"{DEMO}/drain", "DRAIN")).replace("DRAIN", written)
    assert set(problems(tmp_path, text)) == {"servers.demo.drain"}


@given(st.integers(min_value=0, max_value=10_000_000))
def test_milliseconds_are_exact(number: int) -> None:
    assert seconds(f"{number}ms") * 1000 == number


@pytest.mark.parametrize(
    ("signal", "written", "read"),
    [
        (QUEUE_TIME, "200ms", 0.2),
        (QUEUE_TIME, "2s", 2),
        (QUEUE_TIME, "0.5s", 0.5),
        (REQUESTS_WAITING, "2", 2),
        (QUEUE_COMPUTE_RATIO, "60%", 0.6),
        (QUEUE_COMPUTE_RATIO, "1.5", 1.5),
        (QUEUE_COMPUTE_RATIO, "150%", 1.5),
    ],
)
def test_a_target_is_read_in_its_signals_unit(signal: Signal, written: str, read: float) -> None:
    assert target_value(signal, written) == read


@pytest.mark.parametrize(("written", "read"), [(2, "2"), (0.5, "0.5"), ("60%", "60%")])
def test_a_target_may_be_a_number_or_text_in_the_file(tmp_path: Path, written: Any, read: str) -> None:
    stack = accepted(tmp_path, changed((f"{DEMO}/autoscaling/signals", {"queue-compute-ratio": written})))
    assert stack.servers["demo"].autoscaling.signals == {"queue-compute-ratio": read}


@pytest.mark.parametrize(
    ("signal", "written", "form"),
    [
        ("queue-time", "60%", "a duration in ms or s, such as 500ms or 2s"),
        ("queue-time", "soon", "a duration in ms or s, such as 500ms or 2s"),
        ("queue-time", "200", "a duration in ms or s, such as 500ms or 2s"),
        ("queue-time", "200m", "a duration in ms or s, such as 500ms or 2s"),
        ("queue-time", "1h", "a duration in ms or s, such as 500ms or 2s"),
        ("queue-time", "nan", "a duration in ms or s, such as 500ms or 2s"),
        ("requests-waiting", "2s", "a number of requests such as 2"),
        ("requests-waiting", "nan", "a number of requests such as 2"),
        ("requests-waiting", "inf", "a number of requests such as 2"),
        ("queue-compute-ratio", "2s", "a share such as 60% or 0.6"),
        ("queue-compute-ratio", "%", "a share such as 60% or 0.6"),
    ],
)
def test_a_target_in_another_unit_is_answered_with_its_own(tmp_path: Path, signal: str, written: str, form: str) -> None:
    found = problems(tmp_path, changed((f"{DEMO}/autoscaling/signals", {signal: written})))
    assert found == {f"servers.demo.autoscaling.signals.{signal}": f"must be {form}"}


@pytest.mark.parametrize(
    ("signal", "written"), [("queue-time", 0), ("queue-time", "0ms"), ("requests-waiting", -1), ("queue-time", "-0.5")]
)
def test_a_target_is_more_than_zero(tmp_path: Path, signal: str, written: Any) -> None:
    (message,) = problems(tmp_path, changed((f"{DEMO}/autoscaling/signals", {signal: written}))).values()
    assert message.startswith(("must be more than 0", "must be a duration"))


@pytest.mark.parametrize(
    ("signal", "written", "least"),
    [
        ("queue-time", "0.000001ms", "1ms"),
        ("requests-waiting", "0.0009", "0.001"),
        ("queue-compute-ratio", "0.05%", "0.1%"),
        ("cpu", "0.4%", "1%"),
        ("memory", "0.009", "1%"),
    ],
)
def test_a_target_is_large_enough_to_be_meant_and_to_be_written(tmp_path: Path, signal: str, written: str, least: str) -> None:
    found = problems(tmp_path, changed((f"{DEMO}/autoscaling/signals", {signal: written})))
    assert found == {f"servers.demo.autoscaling.signals.{signal}": f"must be at least {least}"}


@pytest.mark.parametrize(("signal", "written", "read"), [(QUEUE_TIME, "1ms", 0.001), (REQUESTS_WAITING, "0.001", 0.001), (CPU, "1%", 0.01)])
def test_the_least_target_is_allowed(signal: Signal, written: str, read: float) -> None:
    assert target_value(signal, written) == read


@pytest.mark.parametrize(("signal", "written"), [("cpu", 70), ("cpu", "70"), ("memory", 80)])
def test_percents_without_their_sign_are_not_taken_for_shares(tmp_path: Path, signal: str, written: Any) -> None:
    found = problems(tmp_path, changed((f"{DEMO}/autoscaling/signals", {signal: written})))
    assert found == {f"servers.demo.autoscaling.signals.{signal}": f"{written} is {written}00 %; write {written}%"}


@pytest.mark.parametrize(("written", "read"), [("1.5", 1.5), ("5", 5), ("700%", 7)])
def test_cpu_may_be_held_above_what_is_requested(written: str, read: float) -> None:
    assert target_value(CPU, written) == read


@pytest.mark.parametrize("signal", [MEMORY, KV_CACHE_USAGE], ids=lambda signal: signal.name)
@pytest.mark.parametrize("written", ["91%", "0.95", "100%", "101%"])
def test_a_target_that_a_signal_never_exceeds_by_the_autoscalers_tolerance_is_refused(signal: Signal, written: str) -> None:
    with pytest.raises(ValueError, match=f"can never be exceeded: {signal.name} is at most 1, .* write 90% or less"):
        target_value(signal, written)


@pytest.mark.parametrize("signal", [MEMORY, KV_CACHE_USAGE], ids=lambda signal: signal.name)
def test_the_highest_target_below_that_is_allowed(signal: Signal) -> None:
    assert target_value(signal, "90%") == 0.9


@pytest.mark.parametrize(("written", "read"), [(2, "2"), (1.5, "1.5"), ("500m", "500m"), ("0.25", "0.25")])
def test_cpu_is_a_number_or_thousandths(tmp_path: Path, written: Any, read: str) -> None:
    assert accepted(tmp_path, changed((f"{DEMO}/resources/cpu", written))).servers["demo"].resources.cpu == read


@pytest.mark.parametrize("written", ["2 cores", "-1", "1.5m", "2Gi", "0x2"])
def test_cpu_in_another_form_is_answered_with_the_allowed_ones(tmp_path: Path, written: str) -> None:
    assert problems(tmp_path, changed((f"{DEMO}/resources/cpu", written))) == {
        "servers.demo.resources.cpu": "must be a number of CPUs such as 2, 1.5 or 500m"
    }


@pytest.mark.parametrize("written", ["512Mi", "8Gi", "1.5Gi", "16G"])
def test_memory_has_a_unit(tmp_path: Path, written: str) -> None:
    assert accepted(tmp_path, changed((f"{DEMO}/resources/memory", written))).servers["demo"].resources.memory == written


@pytest.mark.parametrize("written", ["8", "8GB", "8Gib", "8 Gi", "500m", "-8Gi"])
def test_memory_in_another_form_is_answered_with_the_allowed_ones(tmp_path: Path, written: str) -> None:
    assert problems(tmp_path, changed((f"{DEMO}/resources/memory", written))) == {
        "servers.demo.resources.memory": "must be an amount of memory with its unit such as 512Mi or 32Gi"
    }


@pytest.mark.parametrize(("resource", "written"), [("cpu", "0"), ("cpu", "0m"), ("cpu", 0), ("memory", "0Gi"), ("memory", "0.0Mi")])
def test_nothing_is_no_request(tmp_path: Path, resource: str, written: Any) -> None:
    found = problems(tmp_path, changed((f"{DEMO}/resources/{resource}", written)))
    assert found == {f"servers.demo.resources.{resource}": "must be more than 0"}
