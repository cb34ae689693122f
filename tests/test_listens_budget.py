"""Fetching what listeners play when Spotify is in trouble, or the day's calls are few."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from feature_pipeline.cli import program
from segue.groups import LISTENERS, LISTENS, SPOTIFY_CALLS
from segue.sandbox.address import CLIENT_ID, CLIENT_SECRET, environment
from segue.sandbox.exchange import Exchange
from segue.sandbox.faults import (
    AccessExpired,
    Dropped,
    NotPremium,
    NotRegistered,
    QuotaExceeded,
    RateLimited,
    Rule,
    Unavailable,
)
from segue.sandbox.people import PEOPLE
from segue.sandbox.server import Sandbox
from segue.settings import load_settings
from segue.spotify.vault import Vault
from segue.store import FeatureStore

pytest_plugins = ("sandbox_fixture",)

NAMES = {person.account_id: person.name for person in PEOPLE}
EVERYBODY = sorted(NAMES)
"""In the order of their turns, while nobody has a playlist."""


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds that would have been waited."""
    seconds: list[float] = []
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=seconds.append))
    return seconds


def run(sandbox: Sandbox, *rules: Rule, **variables: str) -> Result:
    """Run `segue listens` while this goes wrong."""
    sandbox.service.faults.add(*rules)
    sandbox.service.requests.clear()
    return CliRunner().invoke(program, ["listens", "--json"], env=environment(sandbox.port) | variables)


def web_calls(sandbox: Sandbox) -> int:
    """Return how many calls of the Web API came in."""
    return sum(call.operation is not None for call in sandbox.service.requests)


def fetched(store: FeatureStore) -> set[str]:
    """Return the names of those whose listens are there."""
    return set(store.read(LISTENS)["listener_id"].map(NAMES))


def report_of(result: Result) -> dict[str, Any]:
    """Return what the command printed."""
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_a_quota_that_is_used_up_ends_the_run_at_once(store: FeatureStore, connected: Sandbox) -> None:
    """Not one call more; whoever was done stays done, the others are named, and the status tells."""
    result = run(connected, QuotaExceeded(nth=6, retry_after=50_000))
    report = report_of(result)
    assert result.exit_code == 1
    assert web_calls(connected) == report["calls"] == 6
    assert fetched(store) == {NAMES[EVERYBODY[0]]}
    assert report["deferred"] == [NAMES[listener_id] for listener_id in EVERYBODY[1:]]
    assert "calls at Spotify are used up" in report["stopped"]
    assert "in 14 hours" in report["stopped"]
    assert f"stopped: {report['stopped']}" in result.stderr
    assert f"deferred to a later run: {', '.join(report['deferred'])}" in result.stderr


def test_whom_spotify_has_shut_out_makes_no_call_before_the_time_is_over(
    store: FeatureStore, connected: Sandbox
) -> None:
    """Neither the next step of the same night nor a later run: nothing is asked, and everybody is deferred."""
    run(connected, QuotaExceeded(nth=1, retry_after=50_000))
    connected.service.faults.clear()
    connected.service.requests.clear()
    again = run(connected)
    assert (again.exit_code, len(connected.service.requests)) == (1, 0)
    assert report_of(again)["stopped"] == "Spotify takes no calls of this app for now: run this again in 14 hours"
    assert len(report_of(again)["deferred"]) == len(PEOPLE)
    rows = store.read(SPOTIFY_CALLS)
    store.upsert(SPOTIFY_CALLS, rows.assign(shut_until=rows["shut_until"] - pd.Timedelta(seconds=50_000)))
    assert run(connected).exit_code == 0


@pytest.mark.parametrize(
    ("rule", "calls"), [(RateLimited(retry_after=60), 1), (NotPremium(), 1), (RateLimited(retry_after=5), 4)]
)
def test_what_stops_everybody_ends_the_run(connected: Sandbox, rule: Rule, calls: int) -> None:
    """A rate limit that is long or stays, an owner without Premium: each further call would meet it, too."""
    result = run(connected, rule)
    assert (result.exit_code, web_calls(connected)) == (1, calls)
    assert len(report_of(result)["deferred"]) == len(PEOPLE)


def test_short_trouble_is_outlasted(store: FeatureStore, connected: Sandbox, slept: list[float]) -> None:
    """Everybody is fetched, each attempt is counted, and what Spotify wanted to be waited for was waited for."""
    result = run(connected, RateLimited(every=7, retry_after=3), Unavailable(every=5), Dropped(every=9))
    assert (result.exit_code, fetched(store)) == (0, set(NAMES.values()))
    report = report_of(result)
    assert report["calls"] == web_calls(connected) > 4 * len(PEOPLE)
    assert report["calls_left"] == 450 - report["calls"]
    assert len(slept) == report["calls"] - 4 * len(PEOPLE)
    assert 3 in slept


def test_trouble_of_one_listener_is_theirs(store: FeatureStore, connected: Sandbox) -> None:
    """Who is not among the app's users is told so; all others are fetched."""
    result = run(connected, NotRegistered(listener="theo"))
    assert result.exit_code == 1
    (failed,) = report_of(result)["failed"]
    assert failed["listener"] == "Theo Marchetti"
    assert "add them to the app's users in its Developer Dashboard" in failed["error"]
    assert fetched(store) == set(NAMES.values()) - {"Theo Marchetti"}


def test_an_access_token_that_ends_is_replaced(store: FeatureStore, connected: Sandbox) -> None:
    """In the middle of a listener: one more request to the accounts service, and one more call."""
    result = run(connected, AccessExpired(nth=2))
    report = report_of(result)
    assert (result.exit_code, fetched(store)) == (0, set(NAMES.values()))
    assert report["token_requests"] == len(PEOPLE) + 1
    assert report["calls"] == web_calls(connected) == 4 * len(PEOPLE) + 1


def test_few_calls_go_to_those_who_waited_longest(store: FeatureStore, connected: Sandbox) -> None:
    """Ten calls do a listener's whole night, so 25 do two listeners; the others wait, and that is no failure."""
    result = run(connected, SEGUE_DAILY_CALLS="25")
    report = report_of(result)
    assert result.exit_code == 0
    assert fetched(store) == {NAMES[listener_id] for listener_id in EVERYBODY[:2]}
    assert report["deferred"] == [NAMES[listener_id] for listener_id in EVERYBODY[2:]]
    assert (report["calls"], report["calls_left"], report["stopped"]) == (8, 17, None)


def test_no_call_beyond_the_budget(store: FeatureStore, connected: Sandbox) -> None:
    """Trouble makes calls that nobody planned: when the day's are spent, the run ends, and so does the next one."""
    rules = [Unavailable(nth=attempt) for attempt in (1, 2, 3, 5, 6, 7, 9, 10, 11)]
    first = run(connected, *rules, SEGUE_DAILY_CALLS="11")
    assert (first.exit_code, web_calls(connected)) == (1, 11)
    assert report_of(first)["stopped"].startswith("today's budget of 11 calls of Spotify is spent")
    connected.service.faults.clear()
    second = run(connected, SEGUE_DAILY_CALLS="11")
    assert (second.exit_code, web_calls(connected)) == (0, 0)
    assert len(report_of(second)["deferred"]) == len(PEOPLE)
    assert store.read(SPOTIFY_CALLS)["calls"].sum() == 11


class Meanwhile(Rule):
    """Not a fault: something happens while a call is under way."""

    fault: str = "meanwhile"
    happens: Callable[[], None]

    async def __call__(self, exchange: Exchange) -> None:
        """Let it happen."""
        self.happens()
        await exchange.go_on()


def test_a_killed_run_has_spent_its_calls(store: FeatureStore, connected: Sandbox) -> None:
    """All that it made, and what was set aside for the listener it was at; the next run goes on from there."""
    connected.service.requests.clear()
    surroundings = os.environ | environment(connected.port)
    process = subprocess.Popen([sys.executable, "-m", "segue", "listens"], env=surroundings)
    connected.service.faults.add(Meanwhile(nth=6, happens=process.kill))
    assert process.wait() == -signal.SIGKILL
    assert web_calls(connected) == 6
    assert store.read(SPOTIFY_CALLS)["calls"].sum() == 8
    report = report_of(run(connected))
    assert (report["calls"], report["calls_left"]) == (4 * len(PEOPLE), 450 - 8 - 4 * len(PEOPLE))


@pytest.mark.parametrize("trouble", [False, True])
def test_nothing_secret_is_logged(
    store: FeatureStore, connected: Sandbox, every_log: pytest.LogCaptureFixture, *, trouble: bool
) -> None:
    """Whatever every library logs at every level, and whatever goes wrong: no token, no secret, nobody's music."""
    service = connected.service
    service.rotates_refresh_tokens = True
    before = service.state.read().model_copy(deep=True)
    rules = (AccessExpired(nth=3), Unavailable(every=4), RateLimited(every=6), NotRegistered(listener="theo"))
    result = run(connected, *(rules if trouble else ()))
    assert "/v1/me/top/tracks" in every_log.text
    after, vault = service.state.read(), Vault(load_settings())
    stored = store.read(LISTENERS)["token"].dropna()
    secrets = {token for memory in (before, after) for token in (*memory.access_tokens, *memory.refresh_tokens)}
    secrets |= {CLIENT_SECRET, base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()}
    secrets |= {*stored, *map(vault.decrypt, stored)}
    assert len(secrets) > 4 * len(PEOPLE)
    seen = every_log.text + result.output
    assert [secret for secret in secrets if secret in seen] == []
    titles = set(store.read(LISTENS)["title"])
    assert [title for title in titles if title in seen] == []
