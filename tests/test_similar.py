"""Songs like a song."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from catalogs import made_up_tracks, store_and_train, track_id, vectors_of
from typer.testing import CliRunner

from inference_pipeline.cli import program
from inference_pipeline.lookup import find_recording
from inference_pipeline.similar import similar_recordings
from segue.errors import InputError
from segue.models.blend import Blend
from segue.models.catalog import Catalog, read_catalog
from segue.store import FeatureStore

NAMED = {
    0: ("Holocene", "Bon Iver", 70),
    1: ("Holocene - Remastered 2020", "Bon Iver", 10),
    2: ("Holocene (Live)", "Bon Iver;Sean Carey", 30),
    3: ("Holocene", "Nobody", 5),
    4: ("Hey Jude", "The Beatles", 80),
    5: ("Café del Mar", "Energy 52", None),
    6: ("Re: Stacks", "Bon Iver", 60),
    7: ("Re: Stacks - Live", "Bon Iver", 50),
}
Trained = tuple[Catalog, Blend]


@pytest.fixture
def trained(store: FeatureStore) -> Trained:
    """Return a catalog in which a few songs have names and versions, all of which sound nearly alike."""
    tracks = made_up_tracks(40)
    sound = tracks.columns[tracks.columns.get_loc("danceability") :].drop("source")
    for number, (title, artists, popularity) in NAMED.items():
        tracks.loc[number, ["title", "artists", "popularity"]] = [title, artists, popularity]
        tracks.loc[number, sound] = tracks.loc[0, sound]
    tracks.loc[1, "recording_id"] = track_id(0)
    return store_and_train(store, tracks)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Holocene", 0),  # the most popular of two recordings with this title
        ("  hOLOCENE ", 0),
        ("Holocene - Bon Iver", 0),
        ("Holocene Nobody", 3),
        ("Nobody - Holocene", 3),
        ("Holocene - 2011 Remaster", 0),
        ("Holocene (Live)", 2),
        ("hey jude the beatles", 4),
        ("Hey Jude - Beatles", 4),
        ("cafe del mar", 5),
        (track_id(6), 6),
        (track_id(1), 0),  # an id of the recording that another id stands for
        (f"spotify:track:{track_id(6)}", 6),
        (f"https://open.spotify.com/track/{track_id(6)}?si=abc", 6),
        (f"https://open.spotify.com/intl-de/track/{track_id(6)}", 6),
    ],
)
def test_a_song_is_found_by_whatever_names_it(trained: Trained, text: str, number: int) -> None:
    """A title, with its artist where need be, an id, a link."""
    assert find_recording(trained[0], text) == track_id(number)


def test_a_misspelled_title_gets_suggestions(trained: Trained) -> None:
    """One line, with what is spelled most alike."""
    with pytest.raises(InputError, match=r"no track called 'Holocen'; did you mean Holocene by Bon Iver") as caught:
        find_recording(trained[0], "Holocen")
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="no track called 'qqqq'; check the spelling"):
        find_recording(trained[0], "qqqq")
    with pytest.raises(InputError, match="is not in the catalog"):
        find_recording(trained[0], f"spotify:track:{track_id(999)}")


def test_a_songs_other_versions_never_show_up(trained: Trained) -> None:
    """Nor two versions of any other song, although nothing sounds more alike."""
    catalog, model = trained
    found = similar_recordings(model, catalog, track_id(0), 10)
    assert len(found) == 10
    assert not {track_id(0), track_id(1), track_id(2)} & set(found.index)
    assert found["title"].str.startswith("Re: Stacks").sum() == 1
    assert track_id(3) in found.index  # the same title by somebody else is another song
    assert found["similarity"].is_monotonic_decreasing


def test_neighbors_are_the_nearest_in_the_space(trained: Trained) -> None:
    """With the cosine that the vectors have."""
    catalog, model = trained
    vectors = vectors_of(model)
    found = similar_recordings(model, catalog, track_id(20), 8)
    cosines = pd.Series(vectors @ vectors[model.rows([track_id(20)])[0]], index=model.track_ids)
    assert found["similarity"].to_numpy() == pytest.approx(cosines[found.index].to_numpy(), abs=1e-5)
    nearer = cosines[cosines > found["similarity"].min() + 1e-5].index.difference([track_id(20), *found.index])
    assert set(nearer) <= {track_id(number) for number in NAMED}


def test_every_song_is_found_when_that_many_are_asked_for(trained: Trained) -> None:
    """One version of each, whatever k is."""
    catalog, model = trained
    found = similar_recordings(model, catalog, track_id(0), 1000)
    songs = 40 - 1 - 1 - 1 - 1  # itself, its other id, its live version, and one of two versions of another song
    assert len(found) == songs


def test_a_space_without_vectors_is_one_clear_line(store: FeatureStore) -> None:
    """Nothing is like anything by its year alone."""
    catalog, model = store_and_train(store, made_up_tracks(20), "era")
    with pytest.raises(InputError, match="has no vectors: choose"):
        similar_recordings(model, catalog, track_id(0), 3)


def test_a_song_newer_than_the_model_is_one_clear_line(trained: Trained, store: FeatureStore) -> None:
    """It says what to do."""
    from segue.groups import TRACKS

    store.replace(TRACKS, made_up_tracks(41))
    with pytest.raises(InputError, match="run `segue train`"):
        similar_recordings(trained[1], read_catalog(store), track_id(40), 5)


def test_the_command_prints_a_table_or_json(trained: Trained) -> None:  # noqa: ARG001 - what it reads
    """Rank, title, artists, similarity, genres and a link."""
    shown = CliRunner().invoke(program, ["similar", "Hey Jude", "--space", "audio", "--k", "3"])
    assert shown.exit_code == 0
    assert "Like Hey Jude by The Beatles (audio@1)" in shown.stdout
    assert shown.stdout.count("open.spotify.com/track/") == 3
    report = json.loads(
        CliRunner().invoke(program, ["similar", "Hey Jude", "--space", "audio", "--k", "3", "--json"]).stdout
    )
    assert report["song"]["track_id"] == track_id(4)
    assert [set(row) for row in report["similar"]] == [
        {"track_id", "title", "artists", "similarity", "genres", "url"}
    ] * 3
