from __future__ import annotations

from fractions import Fraction
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from services.coverage import metrics
from services.coverage.config import load
from services.coverage.metrics import Figures, Rate

RULES = load()
whole = st.integers(0, 5_000)


@given(st.integers(0, 2_000), st.integers(0, 2_000), st.integers(0, 100))
def test_the_missing_dossiers_are_the_fewest_that_reach_the_target(a: int, b: int, percent: int) -> None:
    rate = Rate(min(a, b), b)
    more = rate.missing(percent)
    assert more == max(0, ceil(Fraction(percent * b, 100)) - rate.num)
    if b:
        assert Rate(rate.num + more, b).reaches(percent)
        assert more == 0 or not Rate(rate.num + more - 1, b).reaches(percent)


def test_a_target_is_compared_by_whole_numbers_not_by_a_rounded_rate() -> None:
    almost = Rate(79_999, 100_000)
    assert str(almost.percent) == "80.00"
    assert almost.reaches(80) is False


def test_nothing_to_measure_is_not_zero() -> None:
    assert Rate(0, 0).value is None
    assert Rate(0, 0).reaches(80) is None
    assert metrics.total(metrics.scores(Figures(), RULES.profiles, RULES.profiles.profiles["default"])) is None


@given(st.lists(st.one_of(st.none(), st.fractions(0, 22)), max_size=30))
def test_ranks_share_places_and_skip_the_next(values: list[Fraction | None]) -> None:
    places = metrics.ranks(dict(enumerate(values)))
    for key, value in enumerate(values):
        expected = None if value is None else 1 + sum(v is not None and v > value for v in values)
        assert places[key] == expected


def test_points_reach_the_maximum_at_the_cap() -> None:
    assert metrics.points_of(Rate(80, 100), 2, 80) == 2
    assert metrics.points_of(Rate(40, 100), 2, 80) == 1
    assert metrics.points_of(Rate(80, 100), 4) == Fraction(16, 5)


def test_profiles_differ_only_where_they_say() -> None:
    f = Figures({"received": 10, "needs_result": 10, "i41": 5, "i42": 4, "reused": 2, "has_component": 8, "i44": 1})
    points = {
        name: {s.id: s.points for s in metrics.scores(f, RULES.profiles, profile)}
        for name, profile in RULES.profiles.profiles.items()
    }
    assert points["default"]["4.2"] == Fraction(8, 5)
    assert points["docx2025"]["4.2"] == 2
    assert points["default"]["4.3"] == points["docx2025"]["4.3"] == Fraction(1, 2)
    assert points["portal_compat"]["4.3"] == 2


def test_the_group_is_worth_22_points() -> None:
    assert RULES.profiles.group_max == 22


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6))
def test_two_decimals_round_halves_away_from_zero(num: int, den: int) -> None:
    shown = metrics.two_decimals(Fraction(num, den))
    assert abs(Fraction(shown) - Fraction(num, den)) <= Fraction(1, 200)


def test_half_a_hundredth_rounds_up() -> None:
    assert str(metrics.two_decimals(Fraction(5, 1000))) == "0.01"


@given(whole, whole)
def test_mending_a_cause_never_costs_points(received: int, failing: int) -> None:
    n = min(received, failing)
    f = Figures({"received": received, "needs_result": received, "c1": n, "c1_42": n // 2, "c5": n, "c5_44": n})
    for check in metrics.CHECK_CODES:
        assert metrics.gain(f, check, RULES.profiles, RULES.profiles.profiles["default"]) >= 0
