"""The sandbox goes wrong where, when and as it is told to."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from sandbox_api import Api, new_playlist, uris

from segue.errors import AuthorizationExpiredError, InputError
from segue.sandbox.calls import Call
from segue.sandbox.faults import (
    AccessExpired,
    Dropped,
    Empty,
    ErrorPage,
    InvalidGrant,
    NotPremium,
    NotRegistered,
    QuotaExceeded,
    RateLimited,
    RotatedToken,
    Slow,
    Unavailable,
)
from segue.sandbox.plan import Faults, Plan, load_plan
from segue.sandbox.rules import Rule
from segue.sandbox.server import Sandbox
from segue.spotify.accounts import SCOPES, refresh

pytest_plugins = ("sandbox_fixture",)

WRITES = "PUT /v1/playlists/*/items"
ME = Call("GET /v1/me", "GET /me", "juniper")


def statuses(api: Api, count: int, path: str = "/me") -> list[int]:
    """Make the same call several times and return how it was answered."""
    return [api("GET", path).status_code for _ in range(count)]


# When


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({}, [503, 503, 503, 503, 503, 503]),
        ({"nth": 2}, [200, 503, 200, 200, 200, 200]),
        ({"every": 2}, [200, 503, 200, 503, 200, 503]),
        ({"every": 2, "times": 2}, [200, 503, 200, 503, 200, 200]),
        ({"times": 1}, [503, 200, 200, 200, 200, 200]),
        ({"probability": 0}, [200, 200, 200, 200, 200, 200]),
        ({"probability": 1}, [503, 503, 503, 503, 503, 503]),
    ],
)
def test_when_a_fault_happens(sandbox: Sandbox, api: Api, when: dict[str, Any], expected: list[int]) -> None:
    """On every call that fits, or on those that the rule names, at most so many times."""
    sandbox.service.faults.add(Unavailable(calls="GET /v1/me", **when))
    assert statuses(api, 6) == expected
    assert len(sandbox.service.faults.applied) == expected.count(503)


@pytest.mark.parametrize(
    ("calls", "hit"),
    [
        ("* /v1/**", {"GET /v1/me", "PUT /v1/playlists/x", "PUT /v1/playlists/x/items"}),
        ("* /**", {"GET /v1/me", "PUT /v1/playlists/x", "PUT /v1/playlists/x/items", "POST /api/token"}),
        ("PUT /v1/playlists/*", {"PUT /v1/playlists/x"}),
        ("PUT /v1/playlists/*/items", {"PUT /v1/playlists/x/items"}),
        ("PUT /v1/playlists/**", {"PUT /v1/playlists/x", "PUT /v1/playlists/x/items"}),
        ("GET /v1/m", set()),
    ],
)
def test_which_calls_a_rule_is_about(calls: str, hit: set[str]) -> None:
    """A star stands for a method or one part of a path, two for all the rest."""
    every = ("GET /v1/me", "PUT /v1/playlists/x", "PUT /v1/playlists/x/items", "POST /api/token")
    rule = Unavailable(calls=calls)
    assert {each for each in every if rule.fits(Call(each))} == hit


def test_a_rule_may_be_about_one_listener(connected: Sandbox) -> None:
    """Their Web API calls and their refreshes fail, nobody else's."""
    connected.service.faults.add(NotPremium(listener="marcus"), InvalidGrant(listener="marcus"))
    assert statuses(Api(connected, "marcus"), 1) == [403]
    assert statuses(Api(connected, "juniper"), 1) == [200]
    tokens = {grant.user_id: token for token, grant in connected.service.state.read().refresh_tokens.items()}
    assert refresh(connected.settings, tokens["juniper"]).access_token
    with pytest.raises(AuthorizationExpiredError):
        refresh(connected.settings, tokens["marcus"])
    connected.service.faults.clear()
    with pytest.raises(AuthorizationExpiredError):
        refresh(connected.settings, tokens["marcus"])


def test_the_first_rule_that_is_due_happens(sandbox: Sandbox, api: Api) -> None:
    """All rules count, one happens."""
    sandbox.service.faults.add(Unavailable(status=500, nth=2), Unavailable(status=502, nth=2), Unavailable(nth=3))
    assert statuses(api, 4) == [200, 500, 503, 200]
    assert [(rule.nth, call) for rule, call in sandbox.service.faults.applied] == [(2, "GET /v1/me"), (3, "GET /v1/me")]


@given(seed=st.integers(), chance=st.floats(0, 1))
def test_chance_is_the_same_for_the_same_seed(seed: int, chance: float) -> None:
    """What happens to a listener's nth call depends on the seed alone, and not on what others do meanwhile."""

    def happens(others: int) -> list[bool]:
        faults = Faults()
        faults.follow(Plan(seed=seed, rules=[Unavailable(probability=chance)]))
        found = []
        for _ in range(20):
            for _ in range(others):
                faults.due(Call("GET /v1/me", "GET /me", "marcus"))
            found.append(faults.due(ME) is not None)
        return found

    assert happens(0) == happens(2)


def test_calls_at_once_are_each_counted_once() -> None:
    """Every tenth of 4,000 calls by eight threads is 400."""
    faults = Faults()
    faults.add(Unavailable(every=10))
    with ThreadPoolExecutor(8) as pool:
        hit = [fault for fault in pool.map(faults.due, [ME] * 4_000) if fault]
    assert len(hit) == len(faults.applied) == 400


# What


@pytest.mark.parametrize(
    ("rule", "status", "message"),
    [
        (RateLimited(), 429, "API rate limit exceeded"),
        (QuotaExceeded(), 429, "Quota exceeded"),
        (Unavailable(status=500), 500, "Service unavailable"),
        (AccessExpired(), 401, "The access token expired"),
        (NotPremium(), 403, "Active premium subscription required for the owner of the app."),
    ],
)
def test_refusals_are_error_objects(sandbox: Sandbox, api: Api, rule: Rule, status: int, message: str) -> None:
    """Status and message are those of Spotify, and the object repeats the status."""
    sandbox.service.faults.add(rule)
    answer = api("GET", "/me")
    assert answer.status_code == status
    assert answer.json()["error"].items() >= {"status": status, "message": message}.items()


def test_the_two_limits_differ(sandbox: Sandbox, api: Api) -> None:
    """The rate limit gives no reason and a short wait, the quota its reason and hours."""
    sandbox.service.faults.add(RateLimited(nth=1, retry_after=2), QuotaExceeded(nth=2))
    rate, quota = api("GET", "/me"), api("GET", "/me")
    assert (rate.headers["Retry-After"], rate.json()["error"].get("reason")) == ("2", None)
    assert (quota.headers["Retry-After"], quota.json()["error"]["reason"]) == ("50000", "QUOTA_EXCEEDED")


def test_a_listener_who_is_not_registered_is_told_in_plain_text(sandbox: Sandbox, api: Api) -> None:
    """The one refusal that is no JSON."""
    sandbox.service.faults.add(NotRegistered())
    answer = api("GET", "/me")
    assert (answer.status_code, answer.text) == (403, "User not registered in the Developer Dashboard")
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_an_expired_access_token_stays_expired(sandbox: Sandbox, api: Api) -> None:
    """To try again does not help; another token does."""
    sandbox.service.faults.add(AccessExpired(nth=1))
    assert statuses(api, 2) == [401, 401]
    assert statuses(Api(sandbox), 1) == [200]


@pytest.mark.parametrize("after_effect", [True, False])
@pytest.mark.parametrize("fault", [Unavailable, ErrorPage, Dropped])
def test_a_write_that_fails_may_have_happened(
    sandbox: Sandbox,
    api: Api,
    catalog: pd.DataFrame,
    fault: Callable[..., Rule],
    *,
    after_effect: bool,
) -> None:
    """The answer is the same whether the write took effect or not."""
    playlist_id = new_playlist(api)
    sandbox.service.faults.add(fault(calls=WRITES, after_effect=after_effect))
    try:
        answer = api("PUT", f"/playlists/{playlist_id}/items", json={"uris": uris(catalog, 3)})
    except requests.ConnectionError:
        assert fault is Dropped
    else:
        assert answer.status_code in {502, 503}
        assert ("<!doctype html>" in answer.text) == (fault is ErrorPage)
    written = list(catalog["track_id"][:3]) if after_effect else []
    assert sandbox.service.track_ids(playlist_id) == written


def test_a_kept_connection_may_be_dropped(sandbox: Sandbox, api: Api) -> None:
    """Between two calls of one session, too; the next one connects anew."""
    sandbox.service.faults.add(Dropped(nth=2))
    with requests.Session() as session:
        session.headers.update(api.headers)
        assert session.get(f"{api.base}/me", timeout=20).ok
        with pytest.raises(requests.ConnectionError):
            session.get(f"{api.base}/me", timeout=20)
        assert session.get(f"{api.base}/me", timeout=20).ok


def test_a_slow_write_happens_before_its_answer(sandbox: Sandbox, api: Api, catalog: pd.DataFrame) -> None:
    """Who does not wait finds it done; who waits gets the answer."""
    path = f"/playlists/{new_playlist(api)}/items"
    sandbox.service.faults.add(Slow(calls=WRITES, seconds=3600, nth=1), Slow(calls=WRITES, seconds=0.01))
    with pytest.raises(requests.ReadTimeout):
        requests.put(api.base + path, headers=api.headers, json={"uris": uris(catalog, 3)}, timeout=0.3)
    assert any(api("GET", path).json()["total"] == 3 for _ in range(1_000))
    assert "snapshot_id" in api("PUT", path, json={"uris": []}).json()
    assert api("GET", path).json()["total"] == 0


@pytest.mark.parametrize("status", [200, 202, 204])
def test_an_answer_may_be_empty(sandbox: Sandbox, api: Api, catalog: pd.DataFrame, status: int) -> None:
    """The write happened, and nothing is said about it."""
    playlist_id = new_playlist(api)
    sandbox.service.faults.add(Empty(status=status))
    answer = api("PUT", f"/playlists/{playlist_id}/items", json={"uris": uris(catalog, 3)})
    assert (answer.status_code, answer.content) == (status, b"")
    assert len(sandbox.service.track_ids(playlist_id)) == 3


def test_a_refresh_may_bring_a_new_refresh_token(sandbox: Sandbox) -> None:
    """By default it brings none; where the fault is due, a new one, and the old one is dead."""
    old = sandbox.service.grant_refresh("juniper", " ".join(SCOPES))
    sandbox.service.faults.add(RotatedToken(nth=2))
    assert refresh(sandbox.settings, old).refresh_token is None
    new = refresh(sandbox.settings, old).refresh_token
    assert new not in {None, old}
    with pytest.raises(AuthorizationExpiredError):
        refresh(sandbox.settings, old)


@pytest.mark.parametrize(
    ("rule", "status", "body"),
    [
        (Unavailable(calls="POST /api/token"), 503, "Service unavailable"),
        (ErrorPage(calls="POST /api/token"), 502, "<!doctype html>"),
        (InvalidGrant(), 400, '"error":"invalid_grant"'),
    ],
)
def test_the_token_endpoint_fails_in_its_own_ways(sandbox: Sandbox, rule: Rule, status: int, body: str) -> None:
    """With an error object, with a page, and with the end of the consent."""
    sandbox.service.faults.add(rule)
    form = {"grant_type": "refresh_token", "refresh_token": sandbox.service.grant_refresh("juniper", "")}
    answer = requests.post(f"http://127.0.0.1:{sandbox.port}/api/token", data=form, timeout=20)
    assert answer.status_code == status
    assert body in answer.text


def test_a_storm_leaves_what_took_effect_and_nothing_else(
    sandbox: Sandbox, api: Api, catalog: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    """Of 200 appends by eight callers at once each is there once, or never, as its fault says; the server is well."""
    playlist_id = new_playlist(api)
    often = {"calls": "POST /v1/playlists/*/items", "probability": 0.1}
    before = [kind(**often) for kind in (RateLimited, QuotaExceeded, Unavailable, ErrorPage, Dropped)]
    after = [kind(**often, after_effect=True) for kind in (Unavailable, ErrorPage, Dropped)]
    plan = Plan(seed=7, rules=[*before, *after, Slow(**often, seconds=0.001), Empty(**often)])
    sandbox.service.faults.follow(plan)

    def append(uri: str) -> None:
        with suppress(requests.ConnectionError):
            api("POST", f"/playlists/{playlist_id}/items", json={"uris": [uri]})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, uris(catalog, 200)))
    happened = Counter(rule for rule, _ in sandbox.service.faults.applied)
    assert happened.keys() == set(plan.rules)
    lost = sum(happened[rule] for rule in before)
    held = sandbox.service.track_ids(playlist_id)
    assert len(held) == len(set(held)) == 200 - lost
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


# Plans


EXAMPLE = Path(__file__).parent.parent / "docs" / "faults.toml"


def test_the_example_plan_shows_every_fault() -> None:
    """docs/faults.toml can be read, and leaves no kind of fault out."""
    shown = Counter(rule.fault for rule in load_plan(EXAMPLE).rules)
    kinds = [kind for kind in Rule.__subclasses__() if kind.__module__ == Unavailable.__module__]
    assert set(shown) == {kind.model_fields["fault"].default for kind in kinds}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules = [", "is no TOML: "),
        ("seed = 'x'", "seed: Input should be a valid integer"),
        ("[[rules]]", "rule 1: Unable to extract tag using discriminator 'fault'"),
        ("[[rules]]\nfault = 'fire'", "rule 1: Input tag 'fire' found"),
        ("[[rules]]\nfault = 'slow'", "rule 1: seconds: Field required"),
        ("[[rules]]\nfault = 'dropped'\nnth = 0", "rule 1: nth: Input should be greater than 0"),
        ("[[rules]]\nfault = 'dropped'\nnth = 1\nevery = 1", "rule 1: give one of nth, every and probability"),
        ("[[rules]]\nfault = 'dropped'\nlistener = 'nobody'", "rule 1: listener: no such listener; there are juniper"),
        ("[[rules]]\nfault = 'dropped'\n[[rules]]\nfault = 'dropped'\nwhen = 1", "rule 2: when: Extra inputs"),
        ("[[rules]]\nfault = 'dropped'\ncalls = '/v1/me'", "rule 1: calls: String should match"),
        ("[[rules]]\nfault = 'rotated-token'\ncalls = 'token'", "rule 1: calls: String should match"),
    ],
)
def test_a_bad_plan_is_one_clear_line(tmp_path: Path, text: str, says: str) -> None:
    """The file, the rule and the field are named."""
    path = tmp_path / "plan.toml"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        load_plan(path)
    assert str(raised.value).startswith(f"{path}: {says}")
    assert "\n" not in str(raised.value)


def test_a_plan_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    """A missing file, a folder, and a file of other bytes."""
    with pytest.raises(InputError, match="cannot be read: No such file"):
        load_plan(tmp_path / "missing.toml")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        load_plan(tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(InputError, match="is no TOML"):
        load_plan(tmp_path / "bytes.toml")
