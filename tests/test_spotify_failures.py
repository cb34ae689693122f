"""What the client does when Spotify does not do as asked: one clear error, another attempt only where safe."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scripted_server import Answer, Script, refusal, serving_script

from segue import errors
from segue.sandbox.address import at_sandbox
from segue.settings import load_settings
from segue.spotify import client as client_module
from segue.spotify.client import SpotifyClient
from segue.spotify.retrying import ATTEMPTS, LONGEST_WAIT

pytest_plugins = ("script_fixture",)

PLAYLIST = "37i9dQZF1DX0XUsuxWHRQd"
PROFILE = Answer(200, json.dumps({"id": "juniper"}))
WRITES: dict[str, Callable[[SpotifyClient], object]] = {
    "create": lambda client: client.create_playlist("Segue", ""),
    "replace": lambda client: client.replace_tracks(PLAYLIST, ["0" * 22]),
    "describe": lambda client: client.describe_playlist(PLAYLIST, "Segue", ""),
    "cover": lambda client: client.set_cover(PLAYLIST, b"jpeg"),
}
every_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (400, refusal("Invalid\ntrack uri", 400), errors.SpotifyError, "status 400: Invalid track uri"),
        (400, "", errors.SpotifyError, "status 400: no reason given"),
        (400, json.dumps({"error": None}), errors.SpotifyError, "no reason given"),
        (400, json.dumps(["odd"]), errors.SpotifyError, "status 400"),
        (401, refusal("The access token expired", 401), errors.AuthorizationExpiredError, "log in again"),
        (403, refusal("Active premium subscription required", 403), errors.OwnerNotPremiumError, "needs an active Pre"),
        (403, "Active premium subscription required", errors.OwnerNotPremiumError, "needs an active Premium"),
        (403, "User not registered in the Developer Dashboard", errors.NotAllowListedError, "add them to the app's"),
        (403, refusal("Insufficient client scope", 403), errors.MissingScopeError, "log in again"),
        (403, refusal("Something new", 403), errors.SpotifyError, r"forbids it \(Something new\)"),
        (403, json.dumps({"error": "Something new"}), errors.SpotifyError, r"forbids it \(Something new\)"),
        (404, refusal("Resource not found", 404), errors.NotFoundError, "does not have it"),
        (429, refusal("API rate limit exceeded", 429), errors.RateLimitedError, "fewer calls; run this again later"),
        (429, "Too many requests", errors.RateLimitedError, "wants fewer calls; run this again later"),
        (429, refusal("Quota", 429, reason="QUOTA_EXCEEDED"), errors.QuotaExceededError, "are used up; .* later"),
        (500, "", errors.UnavailableError, "in trouble"),
        (503, json.dumps({"error": "down"}), errors.UnavailableError, r"in trouble \(status 503\); run this again"),
        (200, "<html>", errors.UnavailableError, "not JSON"),
    ],
)
def test_refusals_say_what_to_do(script: Script, status: int, body: str, kind: type[Exception], says: str) -> None:
    """Each way to fail, whatever the form of the answer, becomes one line that says what to do."""
    script.say(status, body)
    with pytest.raises(kind, match=says) as raised:
        script.client().me()
    assert type(raised.value) is kind
    assert "\n" not in str(raised.value)
    assert "secret-token" not in str(raised.value)


def objects(values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Return JSON objects with the keys of an error, among others."""
    return st.dictionaries(st.sampled_from(["error", "message", "reason", "status"]), values)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | objects(inner)
)


@pytest.mark.parametrize("call", [SpotifyClient.me, WRITES["replace"]], ids=["read", "write"])
def test_every_refusal_is_one_clear_line(call: Callable[[SpotifyClient], object]) -> None:
    """Whatever the status, the body and the header: a `SpotifyError`, on one line, soon."""
    with serving_script() as script:

        @hypothesis_settings(max_examples=60)
        @given(
            status=st.integers(400, 599),
            body=st.text() | objects(JSON).map(json.dumps) | JSON.map(json.dumps),
            wait=st.sampled_from(["0", "7", "-1", "3e9", "soon", "99999999999999999999"]),
        )
        def check(status: int, body: str, wait: str) -> None:
            script.calls.clear()
            script.say(status, body, Retry_After=wait)
            with pytest.raises(errors.SpotifyError, match=r"^could not [^\n]+$"):
                call(script.client())
            assert len(script.calls) <= ATTEMPTS

        check()


def test_a_page_of_html_is_not_quoted(script: Script) -> None:
    """A gateway's error page says nothing to a listener."""
    script.say(418, "<html>" + "x" * 5000, Content_Type="text/html")
    with pytest.raises(errors.SpotifyError, match=r"refused \(status 418: no reason given\)"):
        script.client().me()


@pytest.mark.parametrize(
    ("wait", "says"),
    [
        ("50000", "in 14 hours"),
        ("7200", "in 2 hours"),
        ("7199", "in 120 minutes"),
        ("61", "in 61 seconds"),
        ("150", "in 3 minutes"),
        ("Fri, 13 Nov 2026 07:28:00 GMT", "later"),
    ],
)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (refusal("Too many", 429), errors.RateLimitedError),
        (refusal("Quota", 429, reason="QUOTA_EXCEEDED"), errors.QuotaExceededError),
    ],
)
def test_a_long_wait_is_passed_on(script: Script, wait: str, says: str, body: str, kind: type[Exception]) -> None:
    """Nobody sleeps through a long wait: the error says when to come again, in words and in seconds."""
    script.say(429, body, Retry_After=wait)
    with pytest.raises(kind, match=says) as raised:
        script.client().top_tracks("long_term")
    assert getattr(raised.value, "wait") == (int(wait) if wait.isdecimal() else None)  # noqa: B009 - either class has it
    assert (len(script.calls), script.slept) == (1, [])


def test_a_used_up_quota_is_left_alone(script: Script) -> None:
    """However short the wait: each further call would make it longer."""
    script.say(429, refusal("Quota", 429, reason="QUOTA_EXCEEDED"), Retry_After="1")
    with pytest.raises(errors.QuotaExceededError):
        script.client().me()
    assert len(script.calls) == 1


@pytest.mark.parametrize("trouble", [Answer(500), Answer(503, "<html>"), Answer(0)], ids=["500", "503", "dropped"])
def test_reads_outlast_trouble(script: Script, trouble: Answer) -> None:
    """A read is tried again after a growing, bounded wait, and every attempt counts as a call."""
    counted: list[int] = []
    script.answers = [trouble, trouble, PROFILE]
    assert script.client(count=lambda: counted.append(1)).me() == {"id": "juniper"}
    assert len(script.calls) == len(counted) == 3
    first, second = script.slept
    assert 0.5 <= first <= 1 <= second <= 1.5


def test_reads_give_up(script: Script) -> None:
    """Trouble that lasts is told after a few attempts and a few seconds."""
    script.say(502)
    with pytest.raises(errors.UnavailableError, match="could not read the top tracks"):
        script.client().top_tracks("short_term")
    assert len(script.calls) == ATTEMPTS
    assert sum(script.slept) < 30


def test_a_later_page_is_read_again_by_itself(script: Script) -> None:
    """Trouble in the middle of a list does not read the list from its start again."""
    following = f"http://127.0.0.1:{script.port}/v1/more"
    script.answers = [
        Answer(200, json.dumps({"items": [], "next": following})),
        Answer(502),
        Answer(200, json.dumps({"items": [], "next": None})),
    ]
    assert script.client().playlist_entries(PLAYLIST) == []
    assert script.calls == [f"GET /v1/playlists/{PLAYLIST}/items", "GET /v1/more", "GET /v1/more"]


@every_write
@pytest.mark.parametrize("trouble", [500, 502, 0], ids=["500", "502", "dropped"])
def test_writes_are_never_repeated(script: Script, write: Callable[[SpotifyClient], object], trouble: int) -> None:
    """A write without a clear answer may have happened: it is sent once, and the error says so."""
    script.say(trouble)
    with pytest.raises(errors.AmbiguousWriteError, match="for certain"):
        write(script.client())
    assert len(script.calls) == 1


@every_write
def test_silence_after_a_write_is_ambiguous(
    script: Script, write: Callable[[SpotifyClient], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that takes a write and never answers may have done it."""
    monkeypatch.setattr(client_module, "TIMEOUT", (1, 0.1))
    script.go.clear()
    with pytest.raises(errors.AmbiguousWriteError, match="did not answer in time"):
        write(script.client())


def test_a_creation_without_an_id_is_ambiguous(script: Script) -> None:
    """The playlist is there, but nobody knows which it is."""
    script.say(201)
    with pytest.raises(errors.AmbiguousWriteError, match="without its id"):
        script.client().create_playlist("Segue", "")


def test_a_write_without_a_snapshot_has_happened(script: Script) -> None:
    """A success with an empty body is a success."""
    script.say(200, "")
    assert script.client().replace_tracks(PLAYLIST, []) is None


@every_write
@pytest.mark.parametrize("wait", [0, 1, LONGEST_WAIT])
def test_a_short_rate_limit_is_waited_for(script: Script, write: Callable[[SpotifyClient], object], wait: int) -> None:
    """A call that was refused for its pace has not happened, even a write: it is made again when Spotify said."""
    done = Answer(200, json.dumps({"id": PLAYLIST, "snapshot_id": "a"}))
    script.answers = [Answer(429, refusal("Too many", 429), {"Retry-After": str(wait)}), done]
    write(script.client())
    assert script.slept == [max(wait, 1)]
    assert script.calls[0] == script.calls[1]
    assert script.bodies[0] == script.bodies[1]


def test_a_rate_limit_that_stays_ends_the_run(script: Script) -> None:
    """A few short waits, and no more."""
    script.say(429, refusal("Too many", 429), Retry_After="5")
    with pytest.raises(errors.RateLimitedError, match="in 5 seconds"):
        script.client().me()
    assert script.slept == [5] * (ATTEMPTS - 1)


def test_a_fresh_token_is_fetched_once(script: Script) -> None:
    """An access token that ended in the middle of a run is replaced, and the new one is kept."""
    script.answers = [Answer(401), PROFILE]
    client = script.client(refresh=lambda: "fresh")
    assert client.me() == client.me() == {"id": "juniper"}
    assert script.tokens == ["secret-token", "fresh", "fresh"]


def test_a_login_that_is_over(script: Script) -> None:
    """Where the fresh token is refused too, the listener must log in again."""
    script.say(401)
    with pytest.raises(errors.AuthorizationExpiredError, match="log in again"):
        script.client(refresh=lambda: "fresh").me()
    assert script.tokens == ["secret-token", "fresh"]


def test_a_call_that_may_not_be_made_is_not_made(script: Script) -> None:
    """What `count` raises comes out as it is, and Spotify hears nothing."""

    def count() -> None:
        raise errors.CallBudgetError("spent")

    with pytest.raises(errors.CallBudgetError, match="spent"):
        script.client(count=count).me()
    assert script.calls == []


def test_silence_is_bounded(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts and never answers is given up on."""
    monkeypatch.setattr(client_module, "TIMEOUT", (1, 0.1))
    script.go.clear()
    with pytest.raises(errors.UnavailableError, match="did not answer in time"):
        script.client().me()


@pytest.mark.parametrize("call", [SpotifyClient.me, WRITES["create"]], ids=["read", "write"])
def test_nobody_there(call: Callable[[SpotifyClient], object]) -> None:
    """A server that is gone is reported as that; what never reached it has not happened."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    client = SpotifyClient("token", at_sandbox(load_settings(), port), sleep=lambda _: None)
    with pytest.raises(errors.UnavailableError, match="cannot be reached"):
        call(client)
