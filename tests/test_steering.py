"""What listeners wish and say: kept for them alone, at once, and never half."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from accounts import accounts
from catalogs import made_up_tracks, store_and_train
from hypothesis import given
from hypothesis import strategies as st
from listening import NOW

from app.choices import FEWEST, approaches_of
from app.layout.track_list import ALLOW, DISLIKE, LIKE, NEVER, TAKE_BACK
from app.playlists.opinions import judge
from app.playlists.steering import change_wishes, wishes_of, wishes_or_defaults
from app.playlists.steering_form import FieldError, wishes_from
from app.playlists.steering_panel import offered
from inference_pipeline.wishes import Wishes
from segue.errors import InputError
from segue.groups import DTYPES, FEEDBACK, LISTENERS, RECOMMENDATIONS, TRACKS
from segue.settings import Settings, load_settings

if TYPE_CHECKING:
    from segue.store import FeatureStore

SONG, OTHER = "0" * 21 + "A", "0" * 21 + "B"
GENRES = ["folk", "folk rock", "jazz"]
EVERYTHING = {"hybrid", "audio", "autoencoder"}


def rows(group: Any, *given: dict[str, Any]) -> pd.DataFrame:
    """Return rows of a group; what is not given is missing."""
    return pd.DataFrame([dict.fromkeys(group.columns) | row for row in given], columns=list(group.columns))


@pytest.fixture
def settings(store: FeatureStore) -> Settings:
    """Return the settings of an installation where Ada and Bea are connected, each with the same song on a playlist."""
    store.upsert(LISTENERS, accounts("Ada", "Bea"))
    song = {"track_id": SONG, "recording_id": SONG, "title": "Hyperballad", "artists": "Björk;Guest", "source": "data"}
    store.upsert(TRACKS, rows(TRACKS, song))
    made = {"playlist": "discover", "rank": 1, "track_id": SONG, "score": 0.5, "reason": "Like x", "model": "hybrid@1"}
    times = {"made_at": NOW, "expires_at": NOW + timedelta(days=1)}
    store.upsert(
        RECOMMENDATIONS, rows(RECOMMENDATIONS, *({"listener_id": who, **made, **times} for who in ("ada", "bea")))
    )
    return load_settings()


def form(**given: Any) -> dict[str, Any]:
    """Return a filled form: the defaults, but for what is given."""
    defaults = Wishes().model_dump()
    as_sent = {name: list(value) if isinstance(value, frozenset | tuple) else value for name, value in defaults.items()}
    return {**as_sent, "mood": "", **given}


def test_who_has_said_nothing_has_the_defaults(store: FeatureStore, settings: Settings) -> None:
    """And so has, for the page, whoever has settings that cannot be used."""
    assert settings.spotify_service == "spotify"
    assert wishes_of(store, "ada") == Wishes()
    store.update(LISTENERS, {"listener_id": "ada"}, {"settings": '{"mood": "grumpy"}'})
    with pytest.raises(InputError, match="mood"):
        wishes_of(store, "ada")
    assert wishes_or_defaults(store, "ada") == Wishes()


def test_a_change_is_kept_for_that_listener_alone(store: FeatureStore, settings: Settings) -> None:
    """Nothing else of theirs is touched, and nobody else's."""
    before = store.read(LISTENERS).set_index("listener_id")
    change_wishes(store, settings, "ada", lambda wishes: wishes.model_copy(update={"length": 20}))
    after = store.read(LISTENERS).set_index("listener_id")
    assert wishes_of(store, "ada").length == 20
    assert after.loc["ada", "settings"] == '{"length":20}'
    pd.testing.assert_frame_equal(before.drop(columns="settings"), after.drop(columns="settings"))
    assert wishes_of(store, "bea") == Wishes()


def test_who_has_left_stays_away(store: FeatureStore, settings: Settings) -> None:
    """A page that was open when they disconnected brings nobody back."""
    change_wishes(store, settings, "cleo", lambda wishes: wishes.model_copy(update={"length": 20}))
    assert set(store.read(LISTENERS)["listener_id"]) == {"ada", "bea"}


def test_changes_at_once_are_all_kept(store: FeatureStore, settings: Settings) -> None:
    """From two browsers of theirs, or by pressing "never this artist" in haste."""

    def block(name: str) -> Wishes:
        return change_wishes(
            store,
            settings,
            "ada",
            lambda wishes: wishes.model_copy(update={"blocked_artists": wishes.blocked_artists | {name}}),
        )

    names = [f"Band {number}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(block, names))
    assert wishes_of(store, "ada").blocked_artists == set(names)


def test_a_form_becomes_wishes() -> None:
    """All of it, and the defaults where nothing was filled in."""
    assert wishes_from(form(), GENRES, EVERYTHING) == Wishes()
    given = form(mood="calm", only_genres=["folk"], decades=[1980], length=30, familiarity="mostly new", explicit=False)
    wishes = wishes_from(given, GENRES, EVERYTHING)
    assert (wishes.mood, wishes.only_genres, wishes.decades) == ("calm", {"folk"}, {1980})
    assert (wishes.length, wishes.familiarity, wishes.explicit) == (30, "mostly new", False)


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"playlists": []}, "playlists", "at least one"),
        ({"playlists": ["polka"]}, "playlists", "from the list"),
        ({"only_genres": ["folc rock"]}, "only_genres", "did you mean “folk rock”"),
        ({"no_genres": ["x" * 30]}, "no_genres", "Choose from the list"),
        ({"only_genres": ["jazz"], "no_genres": ["jazz"]}, "no_genres", "at once"),
        ({"length": 9}, "length", "greater than or equal to 10"),
        ({"length": 101}, "length", "less than or equal to 100"),
        ({"decades": [1985]}, "decades", "multiple of 10"),
        ({"mood": "grumpy"}, "mood", "calm"),
        ({"blocked_artists": ["x" * 300]}, "blocked_artists", "200 characters"),
        ({"blocked_artists": [f"Band {number}" for number in range(301)]}, "blocked_artists", "300 names"),
        ({"blocked_artists": [{"$ne": 1}]}, "blocked_artists", "from the list"),
        ({"approach": "audio"}, "approach", "not there"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(wrong: dict[str, Any], field: str, says: str) -> None:
    """People read it beside the field."""
    with pytest.raises(FieldError) as raised:
        wishes_from(form(**wrong), GENRES, {"hybrid"})
    assert raised.value.field == field
    assert says in raised.value.message


def test_there_is_to_choose_what_the_catalog_has_in_numbers(store: FeatureStore) -> None:
    """And what was chosen before; where one model alone is trained, there is nothing to go by."""
    years = pd.Series([1985] * FEWEST + [1995] * (FEWEST - 1) + [2005] * FEWEST, dtype=DTYPES["integer"])
    catalog, _ = store_and_train(store, made_up_tracks(len(years)).assign(year=years), "hybrid")
    approaches = approaches_of(load_settings())
    decades, genres, *_, approach = offered(catalog, approaches, [1930, "x"], "hybrid")
    assert [year for _, year in decades["choices"]] == [1930, 1980, 2000]
    assert genres["choices"] == ["jazz", "rock"]
    assert approach["choices"] == [("Everything Segue knows", "hybrid")]
    assert (decades["visible"], approach["visible"]) == (True, False)
    # Theirs is not there any more: they must choose another one.
    assert offered(catalog, approaches, None, "audio")[-1]["visible"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(Wishes.model_fields)), ANYTHING)
def test_whatever_is_sent_is_wishes_or_wrong(field: str, value: Any) -> None:
    """Nothing that a visitor sends is an error of ours, and nothing unusable is kept."""
    try:
        wishes = wishes_from(form(**{field: value}), GENRES, EVERYTHING)
    except FieldError as error:
        wishes, named = Wishes(), error.field
    else:
        named = field
    assert named in Wishes.model_fields
    assert Wishes.model_validate_json(wishes.model_dump_json()) == wishes


def verdicts(store: FeatureStore) -> dict[str, str]:
    """Return what each listener said of the song."""
    said = store.read(FEEDBACK, where={"track_id": SONG})
    return dict(zip(said["listener_id"], said["verdict"], strict=True))


def test_an_opinion_is_kept_at_once_and_can_be_taken_back(store: FeatureStore, settings: Settings) -> None:
    """The last word counts; the other listener has not said a thing."""
    assert "Hyperballad" in judge(store, settings, "ada", SONG, LIKE)
    assert verdicts(store) == {"ada": "like"}
    judge(store, settings, "ada", SONG, DISLIKE)
    judge(store, settings, "ada", SONG, DISLIKE)
    assert verdicts(store) == {"ada": "dislike"}
    judge(store, settings, "bea", SONG, TAKE_BACK)
    assert verdicts(store) == {"ada": "dislike"}
    judge(store, settings, "ada", SONG, TAKE_BACK)
    assert verdicts(store) == {}


def test_an_artist_is_blocked_and_let_in_again(store: FeatureStore, settings: Settings) -> None:
    """However their name was spelled when they were blocked; other wishes stay."""
    change_wishes(store, settings, "ada", lambda _: Wishes(length=20, blocked_artists=frozenset({"bjork", "Other"})))
    assert "Björk" in judge(store, settings, "ada", SONG, NEVER)
    assert wishes_of(store, "ada") == Wishes(length=20, blocked_artists=frozenset({"Björk", "Other"}))
    judge(store, settings, "ada", SONG, ALLOW)
    assert wishes_of(store, "ada") == Wishes(length=20, blocked_artists=frozenset({"Other"}))
    assert wishes_of(store, "bea") == Wishes()


@pytest.mark.parametrize(
    ("track_id", "action"),
    [(OTHER, LIKE), (None, LIKE), ([SONG], LIKE), ({"a": 1}, LIKE), (SONG, "explode"), (SONG, None), (SONG, [LIKE])],
)
def test_what_is_on_no_playlist_of_theirs_cannot_be_judged(
    store: FeatureStore, settings: Settings, track_id: object, action: object
) -> None:
    """The browser may send anything; nothing is written then."""
    with pytest.raises(InputError):
        judge(store, settings, "ada", track_id, action)
    assert store.read(FEEDBACK).empty
    assert wishes_of(store, "ada") == Wishes()
