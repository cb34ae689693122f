"""The day's budget of calls: whatever runs do, and however they end, Spotify is never asked more often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from segue.errors import CallBudgetError, NotFoundError, OwnerNotPremiumError, QuotaExceededError, RateLimitedError
from segue.groups import RECOMMENDATIONS, SPOTIFY_CALLS
from segue.sandbox.address import with_environment
from segue.settings import Settings, load_settings
from segue.spotify import budget as budget_module
from segue.spotify.budget import KEPT_DAYS, Budget, utc_day
from segue.spotify.turns import ENDS_RUN, Turns
from segue.store import FeatureStore, open_store

WHOLE_DAY = 20
"""The budget of most tests."""


def settings_of(var: Path, daily_calls: int = WHOLE_DAY) -> Settings:
    """Return settings with that budget."""
    variables = {"SEGUE_VAR": str(var), "SEGUE_DAILY_CALLS": str(daily_calls)}
    return with_environment(load_settings(), variables)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings with a small budget."""
    return settings_of(tmp_path / "var")


@pytest.fixture
def budget(store: FeatureStore, settings: Settings) -> Budget:
    """Return the budget of a run."""
    return Budget(store, settings)


def listeners(*names: str) -> pd.DataFrame:
    """Return rows of listeners, as far as turns look at them."""
    return pd.DataFrame({"listener_id": names, "display_name": [name.title() for name in names]})


def made(store: FeatureStore, days_ago: dict[str, int]) -> None:
    """Note when a listener's playlist was made."""
    now = datetime.now(timezone.utc)
    rows = [
        {
            "listener_id": listener_id,
            "playlist": "discover",
            "rank": 1,
            "track_id": "0" * 22,
            "score": 1.0,
            "reason": "because",
            "model": "hybrid@1",
            "made_at": now - timedelta(days=days),
            "expires_at": now + timedelta(days=30),
        }
        for listener_id, days in days_ago.items()
    ]
    store.upsert(RECOMMENDATIONS, pd.DataFrame(rows, columns=list(RECOMMENDATIONS.columns)))


def test_the_budget_is_450_calls_unless_set(store: FeatureStore) -> None:
    """Well below the 1,100 calls a day that have been too many."""
    assert Budget(store, load_settings()).left() == 450


def test_calls_are_set_aside_before_they_are_made(store: FeatureStore, settings: Settings, budget: Budget) -> None:
    """A run that is killed between the two leaves its calls counted."""
    budget.reserve("juniper", 6)
    budget.count()
    assert Budget(store, settings).left() == WHOLE_DAY - 6


def test_what_was_not_needed_is_given_back(store: FeatureStore, settings: Settings, budget: Budget) -> None:
    """After a listener only what was made is spent, and it is known whose it was."""
    budget.reserve("juniper", 6)
    for _ in range(4):
        budget.count()
    budget.reserve("theo", 6)
    budget.count()
    budget.settle()
    assert Budget(store, settings).left() == WHOLE_DAY - 5
    assert budget.calls == {"juniper": 4, "theo": 1}


def test_calls_beyond_what_was_set_aside(store: FeatureStore, settings: Settings, budget: Budget) -> None:
    """Attempts that fail need more than planned: they are taken from the day, one by one, to its end."""
    budget.reserve("juniper", 1)
    for _ in range(WHOLE_DAY):
        budget.count()
    assert Budget(store, settings).left() == 0
    for _ in range(2):
        with pytest.raises(
            CallBudgetError, match=r"today's budget of 20 .* run this again tomorrow .* SEGUE_DAILY_CALLS"
        ):
            budget.count()
    budget.settle()
    assert budget.calls.total() == WHOLE_DAY


def test_more_than_is_left_cannot_be_set_aside(store: FeatureStore, settings: Settings, budget: Budget) -> None:
    """Nothing is, then."""
    with pytest.raises(CallBudgetError):
        budget.reserve("juniper", WHOLE_DAY + 1)
    assert Budget(store, settings).left() == WHOLE_DAY


def test_services_have_budgets_of_their_own(store: FeatureStore, settings: Settings, budget: Budget) -> None:
    """What the sandbox was asked is nothing to Spotify."""
    budget.reserve("juniper", 6)
    elsewhere = with_environment(settings, {"SPOTIFY_ACCOUNTS_URL": "http://127.0.0.1:1"})
    assert Budget(store, elsewhere).left() == WHOLE_DAY


def test_a_new_day_has_a_new_budget(
    store: FeatureStore, settings: Settings, budget: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that goes on past midnight spends the new day's calls from then on."""
    budget.reserve("juniper", WHOLE_DAY)
    budget.count()
    monkeypatch.setattr(budget_module, "utc_day", lambda ago=0: utc_day(ago - 1))
    for _ in range(3):
        budget.count()
    budget.settle()
    assert Budget(store, settings).left() == WHOLE_DAY - 3
    monkeypatch.undo()
    assert Budget(store, settings).left() == WHOLE_DAY - 1


def test_old_days_are_forgotten(
    store: FeatureStore, settings: Settings, budget: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a week, by the next run."""
    budget.reserve("juniper", 6)
    for days, rows in ((KEPT_DAYS, 1), (KEPT_DAYS + 1, 0)):
        monkeypatch.setattr(budget_module, "utc_day", lambda ago=0, days=days: utc_day(ago - days))
        Budget(store, settings)
        assert len(store.read(SPOTIFY_CALLS)) == rows


def test_the_record_is_impersonal(store: FeatureStore, budget: Budget) -> None:
    """Nothing tells whose calls they were: the count outlives a listener who disconnects."""
    budget.reserve("juniper", 6)
    assert "juniper" not in store.read(SPOTIFY_CALLS).to_csv()


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["reserve", "count", "settle", "die"]), st.integers(0, 9)), max_size=40
)


@hypothesis_settings(max_examples=30)
@given(steps=STEPS)
def test_no_call_beyond_the_budget(steps: list[tuple[int, str, int]]) -> None:
    """Whatever three runs do side by side, what is stored covers all calls made, and no more than the day has."""
    with TemporaryDirectory() as folder:
        settings = settings_of(Path(folder))
        store = open_store(settings.store_url)
        runs = [Budget(store, settings) for _ in range(3)]
        calls = 0
        for which, what, n in steps:
            try:
                if what == "reserve":
                    runs[which].reserve("juniper", n)
                elif what == "count":
                    runs[which].count()
                    calls += 1
                elif what == "settle":
                    runs[which].settle()
                else:
                    runs[which] = Budget(store, settings)
            except CallBudgetError:
                assert what in {"reserve", "count"}
            stored = store.read(SPOTIFY_CALLS)["calls"].sum()
            assert calls <= stored <= WHOLE_DAY


def test_runs_at_once_share_the_budget(store: FeatureStore, settings: Settings) -> None:
    """Two runs that reach for the same last call: one gets it."""

    def spend(_: int) -> int:
        budget = Budget(store, settings)
        for calls in count():
            try:
                budget.count()
            except CallBudgetError:
                return calls
        raise AssertionError

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(spend, range(4))) == WHOLE_DAY


def test_oldest_playlists_come_first(store: FeatureStore, budget: Budget) -> None:
    """Whoever never had one before all; as many as fit, and the others wait in the same order."""
    made(store, {"ada": 1, "ben": 3, "dan": 2})
    planned, waiting = budget.plan(listeners("ada", "ben", "cleo", "dan"), lambda _: 8)
    assert list(planned["listener_id"]) == ["cleo", "ben"]
    assert list(waiting["listener_id"]) == ["dan", "ada"]


def test_a_listener_who_needs_too_much_holds_nobody_up(budget: Budget) -> None:
    """Those behind them still have their turn."""
    planned, waiting = budget.plan(
        listeners("ada", "ben"), lambda listener: WHOLE_DAY + 1 if listener["listener_id"] == "ada" else 1
    )
    assert (list(planned["listener_id"]), list(waiting["listener_id"])) == (["ben"], ["ada"])


@hypothesis_settings(max_examples=30)
@given(
    costs=st.lists(st.integers(1, 30), max_size=8),
    ages=st.lists(st.integers(0, 9), min_size=8, max_size=8),
)
def test_plans_fit(costs: list[int], ages: list[int]) -> None:
    """Nobody is lost, nobody is there twice, nobody who would fit waits."""
    with TemporaryDirectory() as folder:
        settings = settings_of(Path(folder))
        store = open_store(settings.store_url)
        cost = {f"listener-{number}": calls for number, calls in enumerate(costs)}
        made(store, dict(zip(list(cost)[::2], ages, strict=False)))
        planned, waiting = Budget(store, settings).plan(listeners(*cost), lambda row: cost[row["listener_id"]])
    left = WHOLE_DAY - sum(cost[listener_id] for listener_id in planned["listener_id"])
    assert left >= 0
    assert sorted([*planned["listener_id"], *waiting["listener_id"]]) == sorted(cost)
    assert all(cost[listener_id] > left for listener_id in waiting["listener_id"])


def test_turns_set_calls_aside_and_give_them_back(store: FeatureStore, settings: Settings, budget: Budget) -> None:
    """During a turn the listener's calls are spent already; after it, only those that were made."""
    for _ in Turns(budget, listeners("ada", "ben"), lambda _: 5):
        assert Budget(store, settings).left() == WHOLE_DAY - budget.calls.total() - 5
        budget.count()
    assert Budget(store, settings).left() == WHOLE_DAY - 2


def test_who_cannot_be_finished_today_is_not_begun(budget: Budget) -> None:
    """What the rest of the night takes is planned for, and left over."""
    turns = Turns(budget, listeners("ada", "ben", "cleo"), lambda _: 4, lambda _: 6)
    assert len(turns) == 2
    assert [turn["listener_id"] for turn in turns] == ["ada", "ben"]
    assert turns.report() == {
        "calls": 0,
        "calls_left": WHOLE_DAY,
        "token_requests": 0,
        "deferred": ["Cleo"],
        "stopped": None,
    }


@pytest.mark.parametrize(
    "error",
    [
        QuotaExceededError("enough", 9),
        RateLimitedError("enough", 99),
        OwnerNotPremiumError("enough"),
        CallBudgetError("enough"),
    ],
)
def test_trouble_of_the_whole_app_ends_the_run(budget: Budget, error: QuotaExceededError) -> None:
    """Everybody who was not finished is named, in the order in which they would have come."""
    turns = Turns(budget, listeners("ada", "ben", "cleo", "dan"), lambda _: 6)
    served = []
    for listener in turns:
        try:
            if listener["listener_id"] == "ben":
                raise error
        except ENDS_RUN as met:
            turns.stop(met)
        else:
            served.append(listener["listener_id"])
    assert served == ["ada"]
    assert (turns.deferred, turns.stopped) == (["Ben", "Cleo", "Dan"], "enough")


def test_trouble_of_one_listener_ends_nothing() -> None:
    """A playlist that is gone, for one."""
    assert not isinstance(NotFoundError("gone"), ENDS_RUN)


def test_calls_that_another_run_has_spent(store: FeatureStore, settings: Settings, budget: Budget) -> None:
    """The plan may be out of date when a listener's turn comes: they are deferred, and the run says why."""
    turns = Turns(budget, listeners("ada", "ben"), lambda _: 10)
    other = Budget(store, settings)
    served = []
    for listener in turns:
        served.append(listener["listener_id"])
        budget.count()
        other.reserve("somebody", 10)
    assert served == ["ada"]
    assert turns.deferred == ["Ben"]
    assert str(turns.stopped).startswith("today's budget of 20 calls of Spotify is spent")
