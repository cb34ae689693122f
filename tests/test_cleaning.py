"""The faults of real datasets, and what becomes of them."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feature_pipeline.cleaning import clean_number, clean_text, clean_year
from feature_pipeline.credits import split_credits
from feature_pipeline.labels import tidy_labels, unpack_lists
from feature_pipeline.reading import SourceTracks, read_source
from feature_pipeline.recognition import recognize


def cleaned(*texts: str) -> list[str | None]:
    """Clean some texts."""
    return clean_text(pa.array(texts), Counter()).to_pylist()


def read(paths: list[Path]) -> tuple[SourceTracks, pd.DataFrame]:
    """Read a dataset; its frame is indexed by track id."""
    ((source, files),) = recognize(paths).taken
    tracks = read_source(source, files)
    return tracks, tracks.table.to_pandas().set_index("track_id")


@pytest.fixture(scope="module")
def maharshipandya(shared_data: Path) -> tuple[SourceTracks, pd.DataFrame]:
    """Return the largest real dataset, cleaned."""
    return read([shared_data / "maharshipandya_dataset.csv"])


@pytest.fixture(scope="module")
def raw(shared_data: Path) -> dict[str, dict[str, str]]:
    """Return the first row of each track of the same file as it stands there, read by Python's own reader."""
    with (shared_data / "maharshipandya_dataset.csv").open(encoding="utf-8", newline="") as file:
        rows: dict[str, dict[str, str]] = {}
        for line in csv.DictReader(file):
            rows.setdefault(line["track_id"], line)
        return rows


def test_one_row_per_track_with_all_its_genres(maharshipandya: tuple[SourceTracks, pd.DataFrame]) -> None:
    """114,000 rows are 89,741 tracks: one row per genre, and 450 exact repeats."""
    tracks, frame = maharshipandya
    assert tracks.rows == 114_000
    assert len(frame) == frame.index.nunique() == 89_741
    assert +tracks.dropped == {"exact repeat": 450, "same track again": 23_809}
    assert frame["genres"].str.split(";").map(len).max() == 9
    assert frame["genres"].str.split(";").map(lambda genres: genres == sorted(set(genres))).all()


def test_the_highest_popularity_of_a_track_is_kept(
    maharshipandya: tuple[SourceTracks, pd.DataFrame], shared_data: Path
) -> None:
    """Within an id only popularity differs: for 720 ids, by up to 44 points."""
    raw = pd.read_csv(shared_data / "maharshipandya_dataset.csv", usecols=["track_id", "popularity"])
    by_id = raw.groupby("track_id")["popularity"]
    assert ((by_id.max() - by_id.min()) > 0).sum() == 720
    assert (by_id.max() - by_id.min()).max() == 44
    pd.testing.assert_series_equal(
        maharshipandya[1]["popularity"].sort_index(),
        by_id.max().astype(float),
        check_names=False,
        check_index_type=False,
    )


def test_failed_analyses_are_missing(
    maharshipandya: tuple[SourceTracks, pd.DataFrame], raw: dict[str, dict[str, str]]
) -> None:
    """A tempo, valence or bar of exactly 0 is what Spotify's analysis says when it failed."""
    tracks, frame = maharshipandya
    for feature, failed in (("tempo", 157), ("valence", 176), ("time_signature", 162), ("danceability", 157)):
        assert tracks.repaired[f"{feature}: analysis failed"] == failed
        zero = {track_id for track_id, line in raw.items() if float(line[feature]) == 0}
        assert set(frame.index[frame[feature].isna()]) == zero


def test_the_null_row(maharshipandya: tuple[SourceTracks, pd.DataFrame]) -> None:
    """One track has neither title nor artist nor album nor length; it stays, to enrich others."""
    null = maharshipandya[1].loc["1kR4gIb7nGxHPI3D2ifs59"]
    assert null[["title", "artists", "album", "duration_ms"]].isna().all()
    assert null["energy"] == 0.583
    assert maharshipandya[0].repaired["duration_ms: out of range"] == 1


def test_unusual_but_true_values_stay(maharshipandya: tuple[SourceTracks, pd.DataFrame]) -> None:
    """Very short and long tracks, loudness above 0 dB, talk and unpopular tracks are no errors."""
    frame = maharshipandya[1]
    assert (frame["duration_ms"] < 30_000).sum() == 14
    assert frame["duration_ms"].max() == 5_237_295
    assert (frame["loudness"] > 0).sum() == 68
    assert (frame["speechiness"] > 0.66).sum() == 868
    assert (frame["popularity"] == 0).mean() == pytest.approx(0.105, abs=0.001)


def test_titles_that_look_like_something_else(maharshipandya: tuple[SourceTracks, pd.DataFrame]) -> None:
    """Four tracks are called "True", and three artists' names begin with a bracket."""
    frame = maharshipandya[1]
    assert (frame["title"] == "True").sum() == 4
    bracketed = set(frame["artists"][frame["artists"].str.startswith("[") == True])  # noqa: E712 - missing is not False
    assert bracketed == {"[Alexandros]", "[bsd.u]", "[:SITD:];Dennis Schober"}


def test_names_are_in_one_form_without_what_cannot_be_seen(
    maharshipandya: tuple[SourceTracks, pd.DataFrame], raw: dict[str, dict[str, str]]
) -> None:
    """85 different titles are not in NFC and six hold invisible characters, before and not after."""

    def faults(texts: set[str]) -> tuple[int, int, int]:
        composed = sum(not unicodedata.is_normalized("NFC", text) for text in texts)
        invisible = sum(any(unicodedata.category(sign) in {"Cf", "Cc"} for sign in text) for text in texts)
        return composed, invisible, sum(text != text.strip() for text in texts)

    frame = maharshipandya[1]
    assert faults({line["track_name"] for line in raw.values()}) == (85, 7, 0)
    assert faults({name for line in raw.values() for name in line["artists"].split(";")})[2] == 1
    for column in ("title", "artists", "album"):
        assert faults(set(frame[column].dropna())) == (0, 0, 0)
    assert not (frame["title"].isin(["", "nan", "None"])).any()


def test_mojibake_is_repaired_and_nothing_else(
    maharshipandya: tuple[SourceTracks, pd.DataFrame], raw: dict[str, dict[str, str]]
) -> None:
    """Two real titles are mojibake; every other title differs at most in form and invisible characters."""
    titles = maharshipandya[1]["title"]
    assert (titles == "Pa´Pelusa").any()
    assert (titles == "Pa´l recuerdo").any()

    def visible(text: str) -> str:
        return "".join(sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) != "Cf")

    changed = {
        line["track_name"]
        for track_id, line in raw.items()
        if line["track_name"] and visible(line["track_name"]) != titles[track_id]
    }
    assert {title for title in changed if "\x82" not in title} == {"PaÂ´Pelusa", "PaÂ´l recuerdo"}


def test_text_in_all_its_forms() -> None:
    """Each repair on its own."""
    assert cleaned(" Terra ", "Friday Night\u202c\u202c", "Numb Grief\u200b-\u200bstricken") == [
        "Terra",
        "Friday Night",
        "Numb Grief-stricken",
    ]
    assert cleaned("Café", "SeÃ±orita", "Line\nbreak", "\u200b", "") == ["Café", "Señorita", "Line break", None, None]
    assert cleaned("\u00a0x\u3000", "All This Love (feat. Harlœ)", "ÆØÅ", "“Émile”") == [
        "x",
        "All This Love (feat. Harlœ)",
        "ÆØÅ",
        "“Émile”",
    ]


@given(st.lists(st.text(), max_size=5))
def test_cleaning_text_twice_is_cleaning_it_once(texts: list[str]) -> None:
    """What is clean stays as it is."""
    once = clean_text(pa.array(texts, pa.string()), Counter())
    counts: Counter[str] = Counter()
    assert clean_text(once, counts).equals(once)
    assert not +counts


@given(st.lists(st.floats() | st.none(), min_size=1, max_size=20))
def test_numbers_are_in_range_or_missing(values: list[float | None]) -> None:
    """Whatever a file holds, energy is from 0 to 1, and each value lost is counted."""
    counts: Counter[str] = Counter()
    result = clean_number("energy", pa.array(values, pa.float64()), counts).to_pylist()
    finite = [value for value in values if value is not None and abs(value) < float("inf")]
    kept = [value for value in result if value is not None]
    assert kept == [value for value in finite if 0 <= value <= 1]
    assert counts["energy: out of range"] == len(finite) - len(kept)


def test_years() -> None:
    """Years stand alone or in dates; impossible ones are missing."""
    texts = ["1969-09-26", "1922", "2014-01-01 00:00:00 UTC", "2019.0", "0", "9999", "soon", None]
    counts: Counter[str] = Counter()
    assert clean_year(pa.array(texts), counts).to_pylist() == [1969, 1922, 2014, 2019, None, None, None, None]
    assert counts["year: out of range"] == 2


def test_lists_and_names_that_look_like_lists() -> None:
    """A Python list has quotes inside its brackets; a name in brackets, or with commas, has not."""
    texts = [
        "['A', \"B's\", 'C, D & E']",
        "[]",
        "[Alexandros]",
        "[:SITD:]",
        "Tyler, The Creator",
        r"['AC\\DC', 'é\'s']",
    ]
    assert unpack_lists(pa.array(texts)).to_pylist() == [
        "A;B's;C, D & E",
        "",
        "[Alexandros]",
        "[:SITD:]",
        "Tyler, The Creator",
        r"AC\DC;é's",
    ]
    assert tidy_labels(pa.array(["A ; B", "uchuu;", ";;A", None])).to_pylist() == ["A;B", "uchuu", "A", None]


@given(st.lists(st.lists(st.text(min_size=1), min_size=1, max_size=4), min_size=1, max_size=4))
def test_any_list_of_names_is_unpacked(lists: list[list[str]]) -> None:
    """The names come out as they went in, but for the separator itself, a quote at a comma and line breaks."""
    printed = [repr([name.replace(";", "").replace("', ", "").replace('", ', "") for name in names]) for names in lists]
    expected = [
        ";".join(name.replace(";", "").replace("', ", "").replace('", ', "") for name in names) for names in lists
    ]
    assert unpack_lists(pa.array(printed)).to_pylist() == expected


def test_credits_of_the_charts() -> None:
    """The word "Featuring" separates; "&" and the like do where the first name is known from elsewhere."""
    credited = {
        "Simon & Garfunkel": "Simon & Garfunkel",
        "Earth, Wind & Fire": "Earth, Wind & Fire",
        "Nelly": "Nelly",
        "Nelly & Christina Aguilera": "Nelly;Christina Aguilera",
        "Nelly, P. Diddy & Murphy Lee": "Nelly;P. Diddy & Murphy Lee",
        "Usher Featuring will.i.am": "Usher;will.i.am",
        "BLACKstreet (Featuring Dr. Dre)": "BLACKstreet;Dr. Dre",
        "Toby Keith Duet With Willie Nelson": "Toby Keith;Willie Nelson",
        "Usher x Nelly": "Usher;Nelly",
        "The Swell Season (Glen Hansard)": "The Swell Season (Glen Hansard)",
    }
    assert split_credits(pa.array(credited)).to_pylist() == list(credited.values())


def test_credits_agree_with_other_datasets(
    shared_data: Path, maharshipandya: tuple[SourceTracks, pd.DataFrame]
) -> None:
    """Of the tracks credited to several artists, five in six get the first artist that Spotify names."""
    _, hits = read(sorted(shared_data.glob("hit_predictor_*.csv")))
    both = hits.join(maharshipandya[1]["artists"].str.split(";").str[0].rename("first"), how="inner").dropna()
    first = both["artists"].str.split(";").str[0]
    several = both["artists"].str.contains(";")
    assert several.sum() > 150
    assert (first == both["first"])[several].mean() > 5 / 6


def test_no_hit_lacks_its_name_and_no_percentile_is_invented(shared_data: Path) -> None:
    """The hit predictor has neither popularity nor album; six decades hold 40,560 tracks."""
    tracks, hits = read(sorted(shared_data.glob("hit_predictor_*.csv")))
    assert (tracks.rows, len(hits)) == (41_106, 40_560)
    assert hits[["title", "artists"]].notna().all().all()
    assert not {"popularity", "popularity_percentile", "album"} & set(hits.columns)


def test_tidytuesday(shared_data: Path, tmp_path: Path) -> None:
    """Rows of playlists become tracks; R's "NA" means missing where title, artist and album have it at once."""
    tracks, songs = read([shared_data / "tidytuesday_spotify_songs.csv"])
    assert (tracks.rows, len(songs), songs["title"].notna().sum()) == (32_833, 28_356, 28_352)
    assert "time_signature" not in songs.columns
    assert "genres" not in songs.columns
    lines = (shared_data / "tidytuesday_spotify_songs.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    nameless = next(line for line in lines if line.split(",")[1:3] == ["", ""])
    with_na = ",".join("NA" if field == "" else field for field in nameless.split(","))
    called_na = lines[1].replace(lines[1].split(",")[1], "NA")
    (tmp_path / "songs.csv").write_text(lines[0] + with_na + called_na, encoding="utf-8")
    _, songs = read([tmp_path / "songs.csv"])
    assert songs["title"].isna().to_dict() == {nameless[:22]: True, lines[1][:22]: False}
    assert songs.loc[nameless[:22], ["artists", "album"]].isna().all()


def test_percentiles_are_the_share_less_popular(maharshipandya: tuple[SourceTracks, pd.DataFrame]) -> None:
    """The least popular have 0; the share below grows with popularity."""
    frame = maharshipandya[1].dropna(subset=["popularity"])
    expected = (frame["popularity"].rank(method="min") - 1) / len(frame)
    pd.testing.assert_series_equal(frame["popularity_percentile"], expected, check_names=False)
