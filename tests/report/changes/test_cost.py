"""What stacks cost by the month."""

from __future__ import annotations

from headroom.report.changes.cost import Monthly, cost, monthly
from headroom.report.changes.words import more_or_less, priced
from headroom.settings.pool import Capacity
from tests.report.sample import row


def test_the_least_and_the_most_are_the_pools_bounds() -> None:
    assert monthly([row(least=1, most=6), row(least=0, most=1, hourly=2.0)]) == Monthly(730, 6 * 730 + 1460)


def test_spot_nodes_that_others_stand_in_for_cost_at_most_what_those_cost() -> None:
    spot = row(least=1, most=2, capacity=Capacity.SPOT, spot=0.5, falls_back=True)
    assert monthly([spot]) == Monthly(365, 1460)


def test_a_pool_without_a_price_is_named_and_in_no_sum() -> None:
    assert monthly([row(hourly=None)]) == Monthly(0, 0, ("l4",))


def test_now_is_what_runs_at_the_price_of_what_there_was() -> None:
    assert cost([row(hourly=9.0)], [row()], {"l4": 3}).now == 3 * 730


def test_now_is_unknown_where_nobody_could_look() -> None:
    assert cost([row()], [row()], None).now is None


def test_a_difference_is_told_for_both_ends() -> None:
    told = cost([row(least=2, most=5)], [row()], None)
    assert more_or_less(told) == "+$730 at least, -$730 at most"
    assert priced(told) == "$730 to $4,380 → $1,460 to $3,650"


def test_without_a_before_there_is_no_difference() -> None:
    told = cost([row()], None, None)
    assert (more_or_less(told), priced(told)) == ("", "$730 to $4,380")


def test_a_difference_without_all_prices_says_so() -> None:
    told = cost([row(), row(hourly=None)], [row(least=0)], None)
    assert more_or_less(told) == "+$730 at least as far as prices are known"


def test_where_prices_are_from_is_told_with_their_day() -> None:
    assert cost([row()], None, None).sources == ("a list, 2026-11-01",)
    assert cost([row(hourly=None)], None, None).sources == ()
