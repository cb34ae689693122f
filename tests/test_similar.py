"""Songs like a song."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from catalogs import made_up_tracks, store_and_train, track_id, vectors_of
from typer.testing import CliRunner

from inference_pipeline.cli import program
from inference_pipeline.library import Library
from inference_pipeline.lookup import find_recordings
from inference_pipeline.resemblance import with_resemblance
from inference_pipeline.similar import similar_recordings
from inference_pipeline.sound import NAMES, audible
from segue.errors import InputError
from segue.groups import TRACKS
from segue.models.blend import Blend
from segue.models.catalog import LABELS, Catalog, read_catalog
from segue.models.songs import song_graph
from segue.models.spaces.audio import FEATURES
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
    assert find_recordings(trained[0], text)[0] == track_id(number)


def test_a_misspelled_title_gets_suggestions(trained: Trained) -> None:
    """One line, with what is spelled most alike."""
    with pytest.raises(InputError, match=r"no track called 'Holocen'; did you mean Holocene by Bon Iver") as caught:
        find_recordings(trained[0], "Holocen")
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="no track called 'qqqq'; check the spelling"):
        find_recordings(trained[0], "qqqq")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (track_id(999), "is not in the catalog"),
        (f"spotify:track:{track_id(999)}", "is not in the catalog"),
        (f"https://open.spotify.com/album/{track_id(6)}", "is a link to an album: give one such as"),
        (f"https://open.spotify.com/intl-de/artist/{track_id(6)}", "is a link to an artist: give"),
        (f"open.spotify.com/playlist/{track_id(6)}", "is a link to a playlist: give"),
        (f"spotify:album:{track_id(6)}", "is a link to an album: give"),
        ("https://open.spotify.com/track/short", "is no link to a track"),
    ],
)
def test_what_names_no_track_of_the_catalog_is_one_clear_line(trained: Trained, text: str, message: str) -> None:
    """An id that nobody knows, a link to something else."""
    with pytest.raises(InputError, match=message) as caught:
        find_recordings(trained[0], text)
    assert "\n" not in str(caught.value)


def test_a_songs_other_versions_never_show_up(trained: Trained) -> None:
    """Nor two versions of any other song, although nothing sounds more alike."""
    catalog, model = trained
    found = similar_recordings(Library(model, catalog), track_id(0), 10)
    assert len(found) == 10
    assert not {track_id(0), track_id(1), track_id(2)} & set(found.index)
    assert found["title"].str.startswith("Re: Stacks").sum() == 1
    assert track_id(3) in found.index  # the same title by somebody else is another song
    assert found["similarity"].is_monotonic_decreasing


def test_neighbors_are_the_nearest_in_the_space(trained: Trained) -> None:
    """With the cosine that the vectors have."""
    catalog, model = trained
    vectors = vectors_of(model)
    found = similar_recordings(Library(model, catalog), track_id(20), 8)
    cosines = pd.Series(vectors @ vectors[model.rows([track_id(20)])[0]], index=model.track_ids)
    assert found["similarity"].to_numpy() == pytest.approx(cosines[found.index].to_numpy(), abs=1e-5)
    nearer = cosines[cosines > found["similarity"].min() + 1e-5].index.difference([track_id(20), *found.index])
    assert set(nearer) <= {track_id(number) for number in NAMED}


def test_every_song_is_found_when_that_many_are_asked_for(trained: Trained) -> None:
    """One version of each, whatever k is."""
    catalog, model = trained
    found = similar_recordings(Library(model, catalog), track_id(0), 1000)
    songs = 40 - 1 - 1 - 1 - 1  # itself, its other id, its live version, and one of two versions of another song
    assert len(found) == songs


@pytest.fixture
def crowded(store: FeatureStore) -> Trained:
    """Return a catalog in which what is nearest to each song is by its own artist, who has a lot, and a guest."""
    tracks = made_up_tracks(90)
    tracks["artists"] = [f"Artist {number // 30};Guest {number // 45}" for number in range(90)]
    return store_and_train(store, tracks, "artist")


@pytest.mark.parametrize("per_artist", [1, 2, 7])
def test_no_artist_has_more_than_their_share(crowded: Trained, per_artist: int) -> None:
    """Guests and the artist of the song count too; the nearest of each stay, as many as there are."""
    catalog, model = crowded
    found = similar_recordings(Library(model, catalog), track_id(0), 10, per_artist)
    shares = found["artists"].str.split(";").explode().value_counts()
    assert shares.max() == per_artist
    nearest = similar_recordings(Library(model, catalog), track_id(0), 89)
    assert found.index[:per_artist].tolist() == nearest.index[:per_artist].tolist()
    assert found["similarity"].is_monotonic_decreasing


def test_whom_the_title_alone_names_counts_as_well(store: FeatureStore) -> None:
    """A guest on every song has no more than their share of the list."""
    tracks = made_up_tracks(30)
    tracks["title"] = [f"Song {number} (feat. Ann)" if number else "Song" for number in range(30)]
    catalog, model = store_and_train(store, tracks)
    assert len(similar_recordings(Library(model, catalog), track_id(0), 10, 2)) == 2


def test_the_graph_and_comparing_with_all_agree_on_shares(store: FeatureStore) -> None:
    """Where the graph is too short to fill them, the rest of the catalog does; what it holds comes first."""
    catalog, model = store_and_train(store, made_up_tracks(120), "audio")
    deep, short = (replace(model, graph=song_graph(model, np.arange(120), depth)) for depth in (60, 4))
    assert model.graph is None
    for number in range(0, 120, 7):
        lists = [similar_recordings(Library(one, catalog), track_id(number), 12, 1) for one in (model, deep, short)]
        assert lists[0].index.tolist() == lists[1].index.tolist() == lists[2].index.tolist()
        assert lists[0]["artists"].is_unique


def test_a_space_without_vectors_is_one_clear_line(store: FeatureStore) -> None:
    """Nothing is like anything by its year alone."""
    catalog, model = store_and_train(store, made_up_tracks(20), "era")
    with pytest.raises(InputError, match="has no vectors: choose"):
        similar_recordings(Library(model, catalog), track_id(0), 3)


LATER = [*LABELS, "source", *FEATURES]


def arrive(store: FeatureStore, tracks: pd.DataFrame, like: int) -> Catalog:
    """Return the catalog with one more song, which sounds like another and is called what the next one is."""
    later = tracks.iloc[[like]].assign(track_id=track_id(999), recording_id=track_id(999), source="test")
    later[["title", "artists"]] = tracks.loc[like + 1, ["title", "artists"]].to_numpy()
    store.upsert(TRACKS, later)
    return read_catalog(store, LATER)


@pytest.mark.parametrize("space", ["audio", "hybrid"])
def test_a_song_newer_than_the_model_is_compared_by_its_sound(store: FeatureStore, space: str) -> None:
    """It has the place that it would have had in training, and the same neighbors as what sounds like it."""
    tracks = made_up_tracks(300)
    model = store_and_train(store, tracks, space)[1]
    library = Library(model, arrive(store, tracks, 20))
    found = similar_recordings(library, track_id(999), 12)
    vectors = vectors_of(model)
    cosines = pd.Series(vectors @ vectors[20], index=model.track_ids)
    # The next one is a version of the same song.
    nearest = cosines.drop(track_id(21)).nlargest(12)
    assert found.index.tolist() == nearest.index.tolist()
    assert found.index[0] == track_id(20)
    assert found["similarity"].to_numpy() == pytest.approx(nearest.to_numpy(), abs=1e-2)
    told = with_resemblance(model, library.catalog, library.audible, track_id(999), found.head(1))
    itself = with_resemblance(model, library.catalog, library.audible, track_id(20), found.head(1))
    assert told["sound"].tolist() == itself["sound"].tolist() != [""]


def test_the_command_says_that_a_song_is_newer_than_the_model(store: FeatureStore) -> None:
    """And what to do about it."""
    tracks = made_up_tracks(60)
    store_and_train(store, tracks)
    arrive(store, tracks, 20)
    shown = CliRunner().invoke(program, ["similar", track_id(999), "--space", "audio", "--k", "3"])
    assert shown.exit_code == 0
    assert "came after the model was trained: until `segue train`" in " ".join(shown.stderr.split())
    assert "Song 20 by Artist 6" in shown.stdout
    assert "came after" not in CliRunner().invoke(program, ["similar", "Song 20", "--space", "audio"]).stderr


def test_a_newer_song_that_cannot_be_placed_is_one_clear_line(store: FeatureStore) -> None:
    """Where nothing is known of its sound, or the model has no place for a sound."""
    tracks = made_up_tracks(60)
    for space, later in (("genre", tracks), ("audio", tracks.assign(**dict.fromkeys(FEATURES, np.float32("nan"))))):
        model = store_and_train(store, tracks, space)[1]
        with pytest.raises(InputError, match=r"came after .* was trained: .*`segue train`"):
            similar_recordings(Library(model, arrive(store, later, 20)), track_id(999), 5)


def test_a_resemblance_is_what_both_have(trained: Trained) -> None:
    """A genre that both have, the artists' too; of sounds only what is true of both."""
    catalog, model = trained
    tracks = catalog.tracks.copy()
    tracks[["genres", "artist_genres"]] = ["polka;ska", "folk"]
    tracks.loc[track_id(7), ["genres", "artist_genres"]] = ["jazz;ska", "folk;polka"]
    tracks.loc[track_id(9), ["genres", "artist_genres"]] = ["jazz;blues", None]
    tracks.loc[track_id(10), ["genres", "artist_genres"]] = ["jazz", "opera;folk"]
    tracks.loc[track_id(11), ["genres", "artist_genres"]] = None
    catalog = Catalog(tracks)
    told = with_resemblance(
        model, catalog, audible(model, catalog), track_id(6), tracks.loc[list(map(track_id, (7, 9, 10, 11)))]
    )
    assert told["genre"].tolist() == ["ska", "jazz", "folk", ""]
    assert set(told["sound"].iloc[0].split(" and ")) <= set(NAMES)
    assert told["sound"].iloc[0]  # the two sound exactly alike


def test_the_command_prints_a_table_or_json(trained: Trained) -> None:  # noqa: ARG001 - what it reads
    """What a song is called, who made it and when, how near it is and in what; ids and links are for machines."""
    asked = ["similar", "Hey Jude", "--space", "audio", "--k", "3"]
    shown = CliRunner().invoke(program, asked)
    assert shown.exit_code == 0
    assert "Like Hey Jude by The Beatles (audio@1)" in shown.stdout
    assert shown.stdout.count("│ 0.") + shown.stdout.count("│ 1.") == 3
    assert shown.stdout.count(" by ") == 1 + 3
    report = json.loads(CliRunner().invoke(program, [*asked, "--json"]).stdout)
    assert report["song"]["track_id"] == track_id(4)
    columns = {"track_id", "title", "artists", "year", "similarity", "genres", "genre", "sound", "url"}
    assert [set(row) for row in report["similar"]] == [columns] * 3
    assert all(row["url"].endswith(row["track_id"]) for row in report["similar"])


def test_tracks_without_a_name_go_by_their_id(store: FeatureStore) -> None:
    """They stand in no other's way, can be asked for, and are songs of their own."""
    tracks = made_up_tracks(40)
    tracks.loc[20:, ["title", "artists"]] = None
    store_and_train(store, tracks)
    for asked, name in (("Song 3", "Song 3 by Artist 1"), (track_id(30), track_id(30))):
        arguments = ["similar", asked, "--space", "audio", "--k", "39", "--per-artist", "39"]
        shown = CliRunner().invoke(program, arguments)
        assert f"Like {name} (audio@1)" in shown.stdout
        titles = [
            row["title"] for row in json.loads(CliRunner().invoke(program, [*arguments, "--json"]).stdout)["similar"]
        ]
        assert len(set(titles)) == 39
        assert set(titles) >= set(map(track_id, range(31, 40)))
    store.replace(TRACKS, tracks.assign(artists=None))
    with pytest.raises(InputError, match="did you mean Song 1, or"):
        find_recordings(read_catalog(store), "Sonk 1")


def test_whoever_names_a_title_of_several_hears_of_the_others(trained: Trained) -> None:  # noqa: ARG001 - what it reads
    """The most popular one is meant; with its artist there is nothing to choose."""
    shown = CliRunner().invoke(program, ["similar", " Holocene", "--space", "audio"])
    assert "Like Holocene by Bon Iver" in shown.stdout
    assert "'Holocene' is also by Nobody: add the artist to mean another one" in shown.stderr
    assert "also by" not in CliRunner().invoke(program, ["similar", "Holocene Nobody", "--space", "audio"]).stderr
