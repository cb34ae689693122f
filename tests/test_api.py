"""The HTTP API, asked over HTTP: what it answers, what it refuses, and in which words."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import schemathesis
from catalogs import track_id, train_small
from fastapi import FastAPI, Response
from hypothesis import HealthCheck, given, settings
from islands import ISLAND, two_islands
from schemathesis import APIOperation, GenerationMode
from starlette.testclient import TestClient

from app.accounts.cookies import set_cookie
from app.api.application import PATH, mount_api
from app.context import Context
from app.security.work import PER_MINUTE
from segue.groups import LISTENERS, RECOMMENDATIONS, TRACKS
from segue.registry import FolderRegistry
from segue.settings import load_settings

NOW = datetime.now(timezone.utc)
UNKNOWN = "x" * 22
OPERATIONS = [
    "GET /search",
    "GET /tracks/{track_id}",
    "GET /tracks/{track_id}/similar",
    "POST /recommendations",
    "GET /me/playlists",
    "GET /status",
]


def context_in(folder: Path, *, limit_rates: bool = False) -> Context:
    """Return the context of an app that keeps everything in a folder."""
    return Context.of(load_settings().model_copy(update={"var": folder, "limit_rates": limit_rates}))


def served(context: Context) -> FastAPI:
    """Return a server with the API where the app has it."""
    server = FastAPI(openapi_url=None)
    mount_api(server, context)
    return server


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """Return an app with a catalog of two islands of taste, a model of it, and two listeners with a playlist each."""
    context = context_in(tmp_path_factory.mktemp("var"))
    tracks = two_islands().astype({"album": object})
    tracks.loc[5, ["title", "artists", "album"]] = ["Holocene", "Bon Iver;Guest", "Bon Iver"]
    tracks.loc[6, "recording_id"] = track_id(5)
    context.store.replace(TRACKS, tracks)
    for name in ("hybrid", "audio", "autoencoder"):
        model = train_small(tracks, name)
        FolderRegistry(context.settings.models_dir).save(name, model.save, {"recall": 0.5}, {})
    for name, number in (("ada", 1), ("bob", 2)):
        consent = {"listener_id": name, "service": "sandbox", "consented_at": NOW, "status": "connected"}
        listed = {"listener_id": name, "playlist": "discover", "rank": 1, "track_id": track_id(number), "score": 0.5}
        made = {"reason": f"Because of {name}", "model": "hybrid@1", "made_at": NOW, "expires_at": NOW + timedelta(1)}
        context.store.upsert(LISTENERS, rows(LISTENERS, {**consent, "scopes": "", "playlists": "{}"}))
        context.store.upsert(RECOMMENDATIONS, rows(RECOMMENDATIONS, {**listed, **made}))
    return context


def rows(group: Any, given: dict[str, Any]) -> pd.DataFrame:
    """Return a row of a group; what is not given is missing."""
    return pd.DataFrame([dict.fromkeys(group.columns) | given], columns=list(group.columns))


@pytest.fixture(scope="module")
def api(context: Context) -> TestClient:
    """Return somebody who asks, and is not logged in."""
    return TestClient(served(context), base_url="http://testserver" + PATH)


def ask(api: TestClient, path: str, **parameters: Any) -> dict[str, Any]:
    """Return the answer to a question that has one."""
    answer = api.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def problem(answer: Any, status: int) -> dict[str, Any]:
    """Return what went wrong, told as RFC 9457 has it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert (told["type"], told["status"]) == ("about:blank", status)
    assert told["title"]
    assert told["detail"].endswith(".")
    return told


def test_a_song_is_found_by_what_is_typed(api: TestClient) -> None:
    """As on the pages."""
    song = {"track_id": track_id(5), "title": "Holocene", "artists": "Bon Iver, Guest", "year": 2015}
    assert ask(api, "/search", q="holo") == {"songs": [song]}
    assert ask(api, "/search", q="no such song at all") == {"songs": []}
    assert len(ask(api, "/search", q="song", limit=3)["songs"]) == 3


def test_a_track_is_what_the_catalog_knows(api: TestClient) -> None:
    """With its features, and the recording that it is."""
    track = ask(api, f"/tracks/{track_id(5)}")
    assert (track["title"], track["album"], track["genres"]) == ("Holocene", "Bon Iver", ["polka"])
    assert track["features"]["tempo"] == 120
    assert track["url"] == f"https://open.spotify.com/track/{track_id(5)}"
    assert ask(api, f"/tracks/{track_id(6)}")["recording_id"] == track_id(5)


@pytest.mark.parametrize("space", ["hybrid", "audio", "genre", "tags", "autoencoder"])
def test_similar_songs_are_near_in_that_space(api: TestClient, space: str) -> None:
    """All from the same island; of another id of a recording those of the recording."""
    found = ask(api, f"/tracks/{track_id(6)}/similar", space=space, limit=5)
    assert found["space"] == space
    assert 0 < len(found["songs"]) <= 5
    for song in found["songs"]:
        assert int(song["track_id"]) < ISLAND
        assert song["genre"] == "polka"
    assert found == ask(api, f"/tracks/{track_id(5)}/similar", space=space, limit=5)


def test_a_song_that_came_after_the_model_is_near_what_sounds_like_it(tmp_path: Path) -> None:
    """In the hybrid, too; of any other space there is nothing yet."""
    context, tracks = context_in(tmp_path), two_islands()
    later = tracks["track_id"] == track_id(5)
    FolderRegistry(context.settings.models_dir).save("hybrid", train_small(tracks[~later], "hybrid").save, {}, {})
    context.store.replace(TRACKS, tracks)
    with TestClient(served(context), base_url="http://testserver" + PATH) as api:
        for space, there in (("hybrid", True), ("audio", True), ("genre", False)):
            found = ask(api, f"/tracks/{track_id(5)}/similar", space=space, limit=5)["songs"]
            assert bool(found) == there
            assert all(int(song["track_id"]) < ISLAND for song in found)


def test_a_space_that_the_model_does_not_have_has_no_songs(api: TestClient) -> None:
    """Without playlists nothing is known of what is on them together."""
    assert ask(api, f"/tracks/{track_id(5)}/similar", space="colisten")["songs"] == []


def test_recommendations_say_why(api: TestClient) -> None:
    """From ids, links and songs that are disliked; no more than asked for."""
    seeds = [f"https://open.spotify.com/track/{track_id(1)}?si=1", {"track": track_id(70), "preference": -0.5}, UNKNOWN]
    answer = api.post("/recommendations", json={"seeds": seeds, "limit": 7.0, "decades": [2010]})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["model"], found["matched"], found["unknown"]) == ("hybrid@1", 2, [UNKNOWN])
    assert [track["rank"] for track in found["tracks"]] == list(range(1, 8))
    assert {track["year"] for track in found["tracks"]} == {2015} or "other decades" in found["widened"]
    assert all(track["reason"] for track in found["tracks"])
    assert not {track["track_id"] for track in found["tracks"]} & {track_id(1), track_id(70)}


def test_who_is_logged_in_has_their_own_playlists(api: TestClient, context: Context) -> None:
    """And nobody else's: whose they are is said by the cookie alone."""
    for name, number in (("ada", 1), ("bob", 2)):
        response = Response()
        set_cookie(context.settings, response, "segue_session", context.sessions.begin(name), 60)
        sealed = response.headers["set-cookie"].partition("=")[2].partition(";")[0]
        answer = api.get("/me/playlists", params={"listener_id": "ada"}, headers={"Cookie": f"segue_session={sealed}"})
        assert answer.headers["cache-control"] == "private, no-store"
        (playlist,) = answer.json()["playlists"]
        assert playlist["name"] == "discover"
        assert [(track["track_id"], track["reason"]) for track in playlist["tracks"]] == [
            (track_id(number), f"Because of {name}")
        ]


@pytest.mark.parametrize("cookie", ["", "segue_session=made-up", "segue_session=ada"])
def test_without_a_session_there_are_none(api: TestClient, cookie: str) -> None:
    """It says how to begin one."""
    told = problem(api.get("/me/playlists", headers={"Cookie": cookie}), 401)
    assert "log in" in told["detail"].lower()


def test_the_status_is_about_nobody(api: TestClient) -> None:
    """What there is, and how good it is."""
    status = ask(api, "/status")
    assert status["tracks"] == 2 * ISLAND
    assert {"audio@1", "autoencoder@1", "hybrid@1"} == {model["label"] for model in status["models"]}
    assert all(model["metrics"] == {"recall": 0.5} for model in status["models"])
    assert "ada" not in str(status)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/tracks/{UNKNOWN}", 404),
        (f"/tracks/{UNKNOWN}/similar", 404),
        ("/nowhere", 404),
        ("/tracks/short", 422),
        ("/tracks/line%0Afeed/similar", 422),
        ("/search", 422),
        ("/search?q=x&limit=51", 422),
        (f"/search?q={'x' * 201}", 422),
        (f"/tracks/{track_id(5)}/similar?space=outer", 422),
        ("/recommendations", 405),
    ],
)
def test_what_cannot_be_answered_is_told(api: TestClient, path: str, status: int) -> None:
    """In the same form, whatever it is."""
    problem(api.get(path), status)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "body.seeds"),
        ({"seeds": []}, "body.seeds"),
        ({"seeds": [track_id(1)] * 101}, "body.seeds"),
        ({"seeds": ["https://open.spotify.com/album/" + UNKNOWN]}, "body.seeds.0"),
        ({"seeds": [{"track": UNKNOWN, "preference": 2}]}, "body.seeds.0"),
        ({"seeds": [UNKNOWN], "limit": 101}, "body.limit"),
        ({"seeds": [UNKNOWN], "limit": "10"}, "body.limit"),
        ({"seeds": [UNKNOWN], "decades": [1985]}, "body.decades.0"),
        ({"seeds": [UNKNOWN], "only_genres": ["x" * 101]}, "body.only_genres.0"),
        ({"seeds": [UNKNOWN], "polka": True}, "body.polka"),
    ],
)
def test_what_is_wrong_with_a_request_is_said_where_it_is(api: TestClient, body: dict[str, Any], where: str) -> None:
    """The value itself is not repeated."""
    told = problem(api.post("/recommendations", json=body), 422)
    assert any(fault["where"].startswith(where) for fault in told["errors"])
    assert UNKNOWN not in str(told)


def test_songs_that_lead_nowhere_are_told_apart_from_a_wrong_request(api: TestClient) -> None:
    """None that is known, and none that is liked."""
    told = problem(api.post("/recommendations", json={"seeds": [UNKNOWN]}), 404)
    assert told["detail"] == "None of these songs is in the catalog: try others."
    disliked = {"seeds": [{"track": track_id(1), "preference": -1}]}
    assert "that you like" in problem(api.post("/recommendations", json=disliked), 404)["detail"]


def test_whoever_asks_for_too_much_is_told_when_to_ask_again(context: Context) -> None:
    """In a header that programs obey; what costs nothing is answered all the same."""
    limited = context_in(context.settings.var, limit_rates=True)
    api = TestClient(served(limited), base_url="http://testserver" + PATH)
    body = {"seeds": [track_id(5)], "limit": 1}
    answers = [api.post("/recommendations", json=body) for _ in range(PER_MINUTE + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    problem(answers[-1], 429)
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert ask(api, "/search", q="holo")["songs"]


def test_before_the_first_night_it_is_said_that_there_is_nothing_yet(tmp_path: Path) -> None:
    """It is no fault of who asks."""
    api = TestClient(served(context_in(tmp_path)), base_url="http://testserver" + PATH)
    for path in ("/search?q=x", f"/tracks/{UNKNOWN}", f"/tracks/{UNKNOWN}/similar"):
        problem(api.get(path), 503)
    problem(api.post("/recommendations", json={"seeds": [UNKNOWN]}), 503)
    assert ask(api, "/status")["tracks"] == 0


def test_a_model_that_nobody_trained_is_not_there(context: Context, tmp_path: Path) -> None:
    """That is no trouble of the server: the usual one recommends."""
    bare = context_in(tmp_path)
    bare.store.replace(TRACKS, context.store.read(TRACKS))
    shutil.copytree(context.settings.models_dir / "hybrid", bare.settings.models_dir / "hybrid")
    api = TestClient(served(bare), base_url="http://testserver" + PATH)
    problem(api.get(f"/tracks/{track_id(5)}/similar?space=autoencoder"), 404)
    told = problem(api.post("/recommendations", json={"seeds": [track_id(5)], "approach": "audio"}), 404)
    assert told["detail"] == "There is no model 'audio' here: choose 'hybrid'."
    assert ask(api, f"/tracks/{track_id(5)}/similar")["songs"]


def test_an_unexpected_error_says_nothing_of_what_happened(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of the program nor of who asked."""

    def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("app.api.own.read_status", fail)
    api = TestClient(served(context), base_url="http://testserver" + PATH, raise_server_exceptions=False)
    assert "secret" not in str(problem(api.get("/status"), 500))


def test_the_documentation_needs_no_other_server(api: TestClient) -> None:
    """Its scripts and its style come from here."""
    page = api.get("/docs").text
    assert "Segue" in page
    assert "https://" not in page
    for piece in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert api.get(f"/static-offline-docs/{piece}").status_code == 200


def test_every_operation_says_what_it_does(api: TestClient) -> None:
    """With a summary, a description, and each error in the form that it comes in."""
    described = ask(api, "/openapi.json")
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    assert len(operations) == 6
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        refused = {code: answer for code, answer in operation["responses"].items() if int(code) >= 400}
        assert all([*answer["content"]] == ["application/problem+json"] for answer in refused.values())


def operations_of(context: Context) -> dict[str, APIOperation]:
    """Return the operations that the API describes, as schemathesis reads them."""
    described = schemathesis.openapi.from_asgi(f"{PATH}/openapi.json", served(context))
    return {each.ok().label: each.ok() for each in described.get_all_operations()}


@pytest.mark.parametrize(
    ("name", "mode"),
    # The status is asked for without anything that could be wrong.
    [
        (name, mode)
        for name in OPERATIONS
        for mode in GenerationMode
        if (name, mode.value) != ("GET /status", "negative")
    ],
)
def test_whatever_is_sent_the_answer_is_what_the_description_says(
    context: Context, name: str, mode: GenerationMode
) -> None:
    """Every check of schemathesis: no 5xx, nothing that is not described, nothing wrong taken for right."""
    operation = operations_of(context)[name]
    for case in operation.schema.iter_coverage_cases(
        operation, generation_modes=[mode], generation_config=operation.schema.config.generation
    ):
        case.call_and_validate()

    @given(operation.as_strategy(mode))
    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    def fuzz(case: schemathesis.Case) -> None:
        case.call_and_validate()

    fuzz()


def test_nothing_that_is_described_goes_unasked(context: Context) -> None:
    """The names above are all there are."""
    assert [*operations_of(context)] == OPERATIONS
