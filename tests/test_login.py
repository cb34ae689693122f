"""Logging in: in the app, on a laptop, and every way in which it does not come to its end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pandas as pd
import pytest
from fastapi import FastAPI
from logging_in import consent, log_in
from serving import serving

from app.accounts.account import account_routes
from app.accounts.auth import auth_routes
from app.accounts.shelf import Shelf
from app.context import Context
from app.security import protect
from inference_pipeline.kept import Kept, read_kept, write_kept
from segue.errors import AuthorizationExpiredError, LoginError, SettingsError
from segue.groups import LISTENERS
from segue.sandbox.address import environment, with_environment
from segue.sandbox.server import Sandbox
from segue.settings import Settings
from segue.spotify.accounts import SCOPES
from segue.spotify.listeners import update_listener
from segue.spotify.login import begin_login, check_redirect_uri, finish_login
from segue.spotify.loopback import LoopbackServer
from segue.spotify.retention import REVOKE_PAGE
from segue.spotify.session import open_session
from segue.spotify.vault import Vault
from segue.store import FeatureStore

pytest_plugins = ("sandbox_fixture",)

LOGIN = "import sys; from segue.console import run; from segue.spotify.cli import login; import typer; "
PROGRAM = LOGIN + "program = typer.Typer(); program.command()(login); run(program)"


@contextmanager
def serving_app(settings: Settings, **changes: str) -> Iterator[str]:
    """Serve the routes where Spotify sends people back to, and return the address."""

    def make(address: str) -> FastAPI:
        redirect = {"SPOTIFY_REDIRECT_URI": f"{address}/auth/callback"}
        context = Context.of(with_environment(settings, redirect | changes))
        app = FastAPI()
        protect(app, context.settings)
        app.include_router(auth_routes(context))
        app.include_router(account_routes(context))
        return app

    with serving(make) as address:
        yield address


@pytest.fixture
def address(sandbox: Sandbox) -> Iterator[str]:
    """Serve the app with the sandbox for its Spotify, and return the app's address."""
    with serving_app(sandbox.settings) as served:
        yield served


@pytest.fixture
def browser(address: str) -> Iterator[httpx.Client]:
    """Return a browser that follows redirects only where it is told to."""
    with httpx.Client(base_url=address, headers={"Origin": address}) as client:
        yield client


def begin(browser: httpx.Client) -> dict[str, str]:
    """Begin a login, and return what Spotify is asked."""
    page = browser.get("/auth/login")
    assert page.status_code == 303
    return {"page": page.headers["Location"], **dict(parse_qsl(urlsplit(page.headers["Location"]).query))}


def agree(asked: dict[str, str], listener: str = "juniper") -> str:
    """Give consent, and return the address where Spotify sends the browser."""
    return str(httpx.get(f"{asked['page']}&listener={listener}").headers["Location"])


def connect(browser: httpx.Client, listener: str = "juniper") -> httpx.Response:
    """Go through a whole login."""
    answer = browser.get(agree(begin(browser), listener))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    return answer


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_nobody_is_asked_for_more_than_is_needed(sandbox: Sandbox) -> None:
    """The page gets the app, the exact redirect, four scopes, the state, and the hash of the verifier alone."""
    login = begin_login(sandbox.settings)
    asked = dict(parse_qsl(urlsplit(login.url).query))
    challenge = urlsafe_b64encode(sha256(login.verifier.encode()).digest()).rstrip(b"=").decode()
    assert asked == {
        "client_id": "segue-sandbox",
        "response_type": "code",
        "redirect_uri": "http://127.0.0.1:7860/auth/callback",
        "scope": "user-top-read user-read-recently-played playlist-modify-private playlist-read-private",
        "state": login.state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    assert not [secret for secret in (login.state, login.verifier) if secret in repr(login)]


@pytest.mark.parametrize(
    ("switch", "scope"), [("SEGUE_COVERS", "ugc-image-upload"), ("SEGUE_SAVED_TRACKS", "user-library-read")]
)
def test_a_feature_asks_for_its_scope_when_it_is_switched_on(sandbox: Sandbox, switch: str, scope: str) -> None:
    """And for no other."""
    url = begin_login(with_environment(sandbox.settings, {switch: "true"})).url
    assert dict(parse_qsl(urlsplit(url).query))["scope"].split() == [*SCOPES, scope]


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("http://localhost:7860/auth/callback", r"refuses .* localhost: set .*=http://127\.0\.0\.1:7860/auth/callback"),
        ("http://segue.example/auth/callback", "it must be https"),
        ("https://segue.example/callback", "must end in /auth/callback"),
        ("https://segue.example/auth/callback?next=x", "must end in /auth/callback"),
    ],
)
def test_a_redirect_that_spotify_would_refuse_is_refused_before(uri: str, message: str) -> None:
    """With what to write instead."""
    with pytest.raises(SettingsError, match=message):
        check_redirect_uri(uri)


@pytest.mark.parametrize(
    "uri", [f"{origin}/auth/callback" for origin in ("https://a.example", "http://127.0.0.1:1", "http://[::1]:1")]
)
def test_redirects_that_spotify_takes_are_taken(uri: str) -> None:
    """HTTPS anywhere, HTTP on the loopback interface."""
    check_redirect_uri(uri)


def test_a_login_in_the_app_connects_a_listener(store: FeatureStore, browser: httpx.Client) -> None:
    """They see their name and until when; the granted scopes are stored."""
    assert "Log in with Spotify" in browser.get("/account").text
    connect(browser)
    page = browser.get("/account").text
    ends = store.read(LISTENERS)["consented_at"].iloc[0] + pd.DateOffset(months=6)
    assert "Juniper Vale" in page
    assert f"until {ends:%d %B %Y}" in page
    assert store.read(LISTENERS)["scopes"].tolist() == [" ".join(SCOPES)]


def test_cookies_hold_nothing_and_no_script_gets_them(browser: httpx.Client) -> None:
    """Neither who it is nor what proves the login; a cookie that was tampered with is nobody's."""
    begun = browser.get("/auth/login")
    asked = dict(parse_qsl(urlsplit(begun.headers["Location"]).query))
    ended = browser.get(agree({"page": begun.headers["Location"]}))
    for cookie in (begun.headers["Set-Cookie"], ended.headers["Set-Cookie"]):
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        assert "juniper" not in cookie
        assert asked["state"] not in cookie
    session = browser.cookies["segue_session"]
    browser.cookies.set("segue_session", f"{'B' if session[20] == 'A' else 'A'}".join((session[:20], session[21:])))
    assert "Log in with Spotify" in browser.get("/account").text


def test_a_login_cookie_is_no_session(browser: httpx.Client) -> None:
    """Each is signed for what it is."""
    begin(browser)
    browser.cookies.set("segue_session", browser.cookies["segue_login"])
    assert "Log in with Spotify" in browser.get("/account").text


def test_denied_consent_is_a_page_that_says_so(store: FeatureStore, browser: httpx.Client) -> None:
    """Nothing is connected, and the login is over."""
    asked = begin(browser)
    answer = browser.get(httpx.get(f"{asked['page']}&deny=true").headers["Location"])
    assert answer.status_code == 400
    assert "Consent was denied: nothing was connected" in answer.text
    assert store.read(LISTENERS).empty
    assert "finished before" in browser.get(agree(asked)).text


def test_an_answer_with_another_state_is_refused(store: FeatureStore, browser: httpx.Client) -> None:
    """As is one without; each ends the login that was begun."""
    for state in ("another", ""):
        asked = begin(browser)
        redirect = agree(asked).replace(asked["state"], state)
        answer = browser.get(redirect)
        assert answer.status_code == 400
        assert "does not belong to the login that was begun here" in answer.text
    assert store.read(LISTENERS).empty


def test_an_answer_works_in_the_browser_that_asked_and_once(address: str, browser: httpx.Client) -> None:
    """Neither somebody else's consent nor an old one logs anybody in."""
    redirect = agree(begin(browser))
    with httpx.Client(base_url=address) as stranger:
        refused = stranger.get(redirect)
        assert (refused.status_code, "finished before" in refused.text) == (400, True)
        assert "Log in with Spotify" in stranger.get("/account").text
    assert browser.get(redirect).status_code == 303
    again = browser.get(redirect)
    assert (again.status_code, "finished before" in again.text) == (400, True)


def test_a_code_of_another_login_is_refused(store: FeatureStore, browser: httpx.Client) -> None:
    """Whoever gets hold of a code cannot use it: it belongs to a verifier (PKCE), and one attempt spends it."""
    stolen = dict(parse_qsl(urlsplit(agree(begin(browser))).query))["code"]
    for _ in range(2):
        answer = browser.get("/auth/callback", params={"code": stolen, "state": begin(browser)["state"]})
        assert answer.status_code == 400
        assert "did not take the code of this login" in answer.text
    assert store.read(LISTENERS).empty


def test_spotify_in_trouble_is_a_bad_gateway(sandbox: Sandbox) -> None:
    """And a page that says to try again."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    with serving_app(sandbox.settings, SPOTIFY_ACCOUNTS_URL=nowhere) as address, httpx.Client(base_url=address) as it:
        asked = begin(it)
        answer = it.get("/auth/callback", params={"code": "code", "state": asked["state"]})
    assert answer.status_code == 502
    assert "Spotify cannot be reached" in answer.text


def test_a_wrong_redirect_is_said_before_anybody_leaves(sandbox: Sandbox) -> None:
    """At localhost, and at another address than the one the visitor is at."""
    for redirect, said in (
        ("http://localhost:7860/auth/callback", "Spotify refuses redirect URIs at localhost"),
        ("http://127.0.0.1:1/auth/callback", "leads to 127.0.0.1:1: open http://127.0.0.1:1/account"),
    ):
        with serving_app(sandbox.settings, SPOTIFY_REDIRECT_URI=redirect) as address:
            page = httpx.get(f"{address}/auth/login")
        assert (page.status_code, said in page.text) == (503, True)


def test_no_address_leads_elsewhere(browser: httpx.Client, sandbox: Sandbox) -> None:
    """Whatever a link to the login carries, it leads to Spotify and back to the account."""
    page = browser.get("/auth/login?next=https://evil.example&redirect_uri=https://evil.example").headers["Location"]
    assert page.startswith(f"{sandbox.settings.spotify_accounts_url}/authorize?")
    assert "evil" not in page
    redirect = agree({"page": page})
    assert browser.get(f"{redirect}&next=https://evil.example").headers["Location"] == "/account"


def test_what_is_said_is_shown_as_text(store: FeatureStore, browser: httpx.Client) -> None:
    """Whatever a name holds; no page may be framed, kept, or run scripts."""
    connect(browser)
    update_listener(store, "sandbox-juniper", display_name="<script>alert(1)</script>")
    page = browser.get("/account")
    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "strict-origin")


def test_everybody_sees_their_own_account(address: str, browser: httpx.Client) -> None:
    """Two who are logged in at once do not see each other."""
    connect(browser)
    with httpx.Client(base_url=address) as other:
        connect(other, "theo")
        assert "Theo Marchetti" in other.get("/account").text
        assert "Juniper" not in other.get("/account").text
    assert "Juniper Vale" in browser.get("/account").text


def test_consent_that_ends_soon_and_missing_scopes_are_shown(store: FeatureStore, browser: httpx.Client) -> None:
    """With a way to log in again; so is a consent that has ended."""
    connect(browser)
    given = pd.Timestamp.now("UTC") - pd.DateOffset(months=6) + timedelta(days=5, hours=1)
    update_listener(store, "sandbox-juniper", consented_at=given, scopes="user-top-read")
    page = browser.get("/account").text
    assert "consent ends in 5 day(s)" in page
    assert 'href="/auth/login"' in page
    assert "Not granted: user-read-recently-played, playlist-modify-private" in page
    update_listener(store, "sandbox-juniper", status="reconnect", token=None)
    assert "log in again to keep your playlists fresh" in browser.get("/account").text


def test_logging_out_ends_the_session_and_nothing_else(store: FeatureStore, browser: httpx.Client) -> None:
    """The old cookie opens nothing any more; another website cannot do it."""
    connect(browser)
    session = browser.cookies["segue_session"]
    assert browser.post("/auth/logout", headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.get("/auth/logout").status_code == 405
    assert browser.post("/auth/logout").headers["Location"] == "/account"
    browser.cookies.set("segue_session", session)
    assert "Log in with Spotify" in browser.get("/account").text
    assert len(store.read(LISTENERS)) == 1


def origin_sent(page: httpx.Response) -> str:
    """Return the Origin of a form on the page that is posted to where the page is from (Fetch Standard, 3.2)."""
    parts = urlsplit(str(page.url))
    return "null" if page.headers["Referrer-Policy"] == "no-referrer" else f"{parts.scheme}://{parts.netloc}"


@pytest.mark.parametrize("button", ["/auth/logout", "/auth/disconnect", "/account/bring-back/discover"])
def test_the_buttons_work_with_what_a_browser_sends(browser: httpx.Client, button: str) -> None:
    """The policy that the page is sent with decides about the origin that its forms show."""
    connect(browser)
    answer = browser.post(button, headers={"Origin": origin_sent(browser.get("/account"))})
    assert answer.status_code in {200, 303}


def test_disconnecting_asks_once_and_says_what_will_go(store: FeatureStore, browser: httpx.Client) -> None:
    """On a page that needs no script; whoever is not logged in is sent to log in."""
    assert browser.get("/auth/disconnect").headers["Location"] == "/account"
    connect(browser)
    assert 'href="/auth/disconnect"' in browser.get("/account").text
    page = browser.get("/auth/disconnect").text
    for said in ("Your login with Spotify", "Browsers in which you are logged in: 1", "stay in Spotify"):
        assert said in page
    assert 'action="/auth/disconnect"' in page
    assert len(store.read(LISTENERS)) == 1


def test_disconnecting_in_the_app_deletes_the_visitor_and_nobody_else(
    store: FeatureStore, sandbox: Sandbox, browser: httpx.Client
) -> None:
    """Only by a click on the app's own page; it is shown where to withdraw access."""
    log_in(store, sandbox.settings, "theo")
    connect(browser)
    for origin in ("https://evil.example", "null", ""):
        assert browser.post("/auth/disconnect", headers={"Origin": origin}).status_code == 403
    assert len(store.read(LISTENERS)) == 2
    assert REVOKE_PAGE in browser.post("/auth/disconnect").text
    assert store.read(LISTENERS)["listener_id"].tolist() == ["sandbox-theo"]
    assert "Log in with Spotify" in browser.get("/account").text
    assert browser.post("/auth/disconnect").status_code == 303
    assert len(store.read(LISTENERS)) == 1


def test_disconnecting_ends_every_session_of_the_visitor(address: str, browser: httpx.Client) -> None:
    """In all their browsers, also for the time after they have connected again; nobody else's."""
    connect(browser)
    with httpx.Client(base_url=address) as elsewhere, httpx.Client(base_url=address) as other:
        connect(elsewhere)
        connect(other, "theo")
        browser.post("/auth/disconnect")
        connect(browser)
        assert "Log in with Spotify" in elsewhere.get("/account").text
        assert "Theo Marchetti" in other.get("/account").text
    assert "Juniper Vale" in browser.get("/account").text


def test_the_app_s_own_pages_are_known_behind_a_proxy(sandbox: Sandbox) -> None:
    """There the app is asked for by another name than visitors know it by; SPOTIFY_REDIRECT_URI has theirs."""
    redirect = "https://segue.example/auth/callback"
    with serving_app(sandbox.settings, SPOTIFY_REDIRECT_URI=redirect) as address:
        posted = {
            origin: httpx.post(f"{address}/auth/logout", headers={"Origin": origin}).status_code
            for origin in ("https://segue.example", address, "https://evil.example", "null")
        }
    assert list(posted.values()) == [303, 303, 403, 403]


def test_a_removed_playlist_is_brought_back_in_the_app(store: FeatureStore, browser: httpx.Client) -> None:
    """By its owner, with a click on the app's own page; the next night makes it again."""
    connect(browser)
    (listener_id,) = store.read(LISTENERS)["listener_id"]
    write_kept(store, listener_id, "discover", Kept(id="0" * 22, removed_at=datetime.now(timezone.utc)))
    assert "Bring Segue Discover back" in browser.get("/account").text
    there = "/account/bring-back/discover"
    assert browser.post(there, headers={"Origin": "https://evil.example"}).status_code == 403
    for _ in range(2):
        assert browser.post(there).headers["Location"] == "/account"
    assert browser.post("/account/bring-back/polka").headers["Location"] == "/account"
    assert "Bring Segue Discover back" not in browser.get("/account").text
    assert read_kept(store, listener_id) == {"discover": Kept(id="0" * 22, brought_back=True)}


def test_a_removed_playlist_of_a_kind_that_is_no_more_is_not_offered(
    store: FeatureStore, browser: httpx.Client
) -> None:
    """The page is there all the same."""
    connect(browser)
    (listener_id,) = store.read(LISTENERS)["listener_id"]
    write_kept(store, listener_id, "polka", Kept(id="0" * 22, removed_at=datetime.now(timezone.utc)))
    page = browser.get("/account")
    assert page.status_code == 200
    assert "polka" not in page.text


def test_what_a_shelf_keeps_it_keeps_for_its_time_and_no_longer() -> None:
    """A value can be taken once; more than there is room for push out the oldest."""
    now = [0.0]
    shelf: Shelf[str] = Shelf(600, 2, lambda: now[0])
    first = shelf.put("first")
    assert [shelf.take(first), shelf.take(first), shelf.take(None), shelf.take("guess")] == ["first", None, None, None]
    second, third = shelf.put("second"), shelf.put("third")
    now[0] = 599.9
    assert shelf.take(second) == "second"
    now[0] = 600
    assert shelf.take(third) is None
    keys = [shelf.put(str(number)) for number in range(3)]
    assert [shelf.take(key) for key in keys] == [None, "1", "2"]


@contextmanager
def at_the_terminal(sandbox: Sandbox, port: int, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `segue login`, and return it with the first line that it shows, which ends in an address."""
    redirect = {"SPOTIFY_REDIRECT_URI": f"http://127.0.0.1:{port}/auth/callback"}
    surroundings = {**os.environ, **environment(sandbox.port), **redirect}
    command = [sys.executable, "-c", PROGRAM, "--no-browser", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=surroundings, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stderr is not None
        try:
            yield process, process.stderr.readline()
        finally:
            process.kill()


def test_a_login_at_the_terminal_connects_a_listener(store: FeatureStore, sandbox: Sandbox) -> None:
    """It waits for the redirect on the loopback interface, takes no other address for it, and says until when."""
    port = free_port()
    with at_the_terminal(sandbox, port, "--listener", "juniper") as (process, said):
        assert httpx.get(f"http://127.0.0.1:{port}/favicon.ico").status_code == 404
        shown = httpx.get(said.split()[-1], follow_redirects=True)
        output, errors = process.communicate()
    assert (shown.status_code, "go back to the terminal" in shown.text) == (200, True)
    ends = store.read(LISTENERS)["consented_at"].iloc[0] + pd.DateOffset(months=6)
    assert (process.returncode, output, errors) == (0, f"Juniper Vale is connected until {ends:%d %B %Y}\n", "")


def test_what_belongs_to_another_login_ends_none_at_the_terminal(store: FeatureStore, sandbox: Sandbox) -> None:
    """It is refused, and the listener can still log in."""
    port = free_port()
    with at_the_terminal(sandbox, port) as (process, said):
        for query in ("", "?code=made-up&state=another", "?error=access_denied"):
            assert httpx.get(f"http://127.0.0.1:{port}/auth/callback{query}").status_code == 400
        httpx.get(f"{said.split()[-1]}&listener=juniper", follow_redirects=True)
        process.communicate()
    assert process.returncode == 0
    assert len(store.read(LISTENERS)) == 1


def test_an_answer_that_comes_twice_is_finished_once() -> None:
    """A browser that sends it twice, also at once, is told twice that it is connected; so is who waits."""
    finished = []

    def finish(answer: Mapping[str, str]) -> str:
        if finished:
            raise LoginError("this code was used before")
        finished.append(answer["code"])
        return "juniper"

    callback = f"http://127.0.0.1:{free_port()}/auth/callback"
    with LoopbackServer(callback, finish) as server, ThreadPoolExecutor(3) as pool:
        serving = pool.submit(server.serve_forever)
        shown = list(pool.map(httpx.get, [f"{callback}?code=x"] * 2))
        server.shutdown()
        serving.result()
    assert [page.status_code for page in shown] == [200, 200]
    assert [server.ended.get(), server.ended.get()] == ["juniper", "juniper"]
    assert finished == ["x"]


def test_denied_consent_is_one_line_at_the_terminal(store: FeatureStore, sandbox: Sandbox) -> None:
    """And a page in the browser."""
    port = free_port()
    with at_the_terminal(sandbox, port) as (process, said):
        shown = httpx.get(f"{said.split()[-1]}&deny=true", follow_redirects=True)
        output, errors = process.communicate()
    assert (shown.status_code, "consent was denied" in shown.text) == (400, True)
    assert (process.returncode, output) == (1, "")
    assert errors == "error: consent was denied: nothing was connected; log in anew to decide otherwise\n"
    assert store.read(LISTENERS).empty


def test_a_port_that_is_taken_is_one_line_at_the_terminal(sandbox: Sandbox) -> None:
    """The app may be running there: it can log people in as well."""
    with at_the_terminal(sandbox, sandbox.port) as (process, said):
        assert process.wait() == 1
    assert said.startswith(f"error: port {sandbox.port} of SPOTIFY_REDIRECT_URI cannot be used")
    assert said.endswith("if `segue app` runs there, log in at its page /account\n")


def test_nobody_is_waited_for_forever(sandbox: Sandbox) -> None:
    """One line says so in the end."""
    with at_the_terminal(sandbox, free_port(), "--wait", "1") as (process, _):
        _, errors = process.communicate()
    assert (process.returncode, errors) == (1, "error: nobody logged in within 1 seconds: run this again\n")


def test_every_way_to_fail_has_a_line_of_its_own(store: FeatureStore, sandbox: Sandbox) -> None:
    """Without the app around it: another login's answer, no code, a code of another login."""
    login, answer = consent(sandbox.settings)
    for changed, message in (
        ({"state": "another"}, "does not belong to the login"),
        ({"code": ""}, "without consent"),
        ({"error": "server_error"}, "without consent"),
    ):
        with pytest.raises(LoginError, match=message):
            finish_login(store, sandbox.settings, login, {**answer, **changed})
    with pytest.raises(AuthorizationExpiredError, match="did not take the code"):
        finish_login(store, sandbox.settings, login, {**answer, "code": "made up"})
    assert store.read(LISTENERS).empty


def test_nothing_secret_reaches_a_log(
    store: FeatureStore, sandbox: Sandbox, browser: httpx.Client, every_log: pytest.LogCaptureFixture
) -> None:
    """At any level: no code, no verifier, no token, no client secret, in a login and in refreshes."""
    sandbox.service.rotates_refresh_tokens = True
    redirect = agree(begin(browser))
    assert browser.get(redirect).status_code == 303
    login, answer = consent(sandbox.settings)
    finish_login(store, sandbox.settings, login, answer)
    open_session(store, sandbox.settings, store.read(LISTENERS).iloc[0]).me()
    memory = sandbox.service.state.read()
    secrets = [dict(parse_qsl(urlsplit(redirect).query))["code"], answer["code"], login.verifier, "nothing-to-hide"]
    secrets += [*memory.access_tokens, *memory.refresh_tokens, *browser.cookies.values()]
    secrets.append(Vault(sandbox.settings).decrypt(store.read(LISTENERS)["token"].iloc[0]))
    # The browser of this test is httpx, which logs where it goes.
    ours = [record for record in every_log.records if record.name.partition(".")[0] not in {"httpx", "httpcore"}]
    logged = "\n".join(record.getMessage() for record in ours)
    assert "/api/token" in logged
    assert not [secret for secret in secrets if secret in logged]


def test_nothing_secret_is_printed_by_the_whole_app(store: FeatureStore, sandbox: Sandbox, tmp_path: Path) -> None:
    """Served as `segue app` serves it, with every logger at DEBUG, while somebody logs in."""
    port = free_port()
    redirect = {"SPOTIFY_REDIRECT_URI": f"http://127.0.0.1:{port}/auth/callback"}
    surroundings = {**os.environ, **environment(sandbox.port), **redirect}
    code = "import logging; logging.basicConfig(level=logging.DEBUG); from app.cli import program; program()"
    command = [sys.executable, "-c", code, "--port", str(port)]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, env=surroundings, stdout=log, stderr=log) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=httpx.HTTPTransport(retries=10)) as browser,
    ):
        answer = agree(begin(browser))
        assert browser.get(answer).status_code == 303
        assert "Juniper Vale" in browser.get("/account").text
        process.terminate()
    logged = (tmp_path / "log").read_text()
    assert "/api/token" in logged
    memory = sandbox.service.state.read()
    secrets = [dict(parse_qsl(urlsplit(answer).query))["code"], *memory.access_tokens, *memory.refresh_tokens]
    secrets += ["nothing-to-hide", "code_verifier", *browser.cookies.values()]
    assert not [secret for secret in secrets if secret in logged]
    assert len(store.read(LISTENERS)) == 1
