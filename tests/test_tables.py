"""Reading CSV and Parquet files exactly, and saying where they are broken."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feature_pipeline.tables import column_names, read_table
from segue.errors import InputError

COLUMNS = {"id": pa.string(), "title": pa.string(), "tempo": pa.float64(), "explicit": pa.bool_()}
HEADER = "id,title,tempo,explicit\n"
ROWS = "".join(f"t{number},Título {number},{90 + number / 8},True\n" for number in range(200))


def write(folder: Path, content: str | bytes, name: str = "tracks.csv") -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def complaint(path: Path) -> InputError:
    """Read a broken file and return the error; its message is one line and names the file."""
    with pytest.raises(InputError) as caught:
        read_table(path, COLUMNS)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return caught.value


@pytest.mark.parametrize("title", ["NA", "None", "True", "null", "nan", "0", "-1", "007"])
def test_text_is_never_taken_for_something_else(tmp_path: Path, title: str) -> None:
    """A song may be called "True" or "None": only the empty string is missing."""
    table = read_table(write(tmp_path, f"{HEADER}a,{title},120,True\nb,,120,True\n"), COLUMNS)
    assert table["title"].to_pylist() == [title, None]


def test_numbers_and_flags_in_their_usual_spellings(tmp_path: Path) -> None:
    """Numbers are floats, flags take True, False, 1 and 0, and both may be missing."""
    table = read_table(write(tmp_path, f"{HEADER}a,x,120,True\nb,x,,0\nc,x,NA,1.0\nd,x,1e-3,\n"), COLUMNS)
    assert table["tempo"].to_pylist() == [120.0, None, None, 0.001]
    assert table["explicit"].to_pylist() == [True, False, True, None]


def test_quotes_commas_newlines_and_a_byte_order_mark(tmp_path: Path) -> None:
    """Quoted values may hold anything, and a stray quote inside a value is part of it."""
    content = f'\ufeff{HEADER}a,"one, ""two""\nthree",1,0\n\nb,7" mix,2,1\n'
    table = read_table(write(tmp_path, content), COLUMNS)
    assert table["title"].to_pylist() == ['one, "two"\nthree', '7" mix']
    assert column_names(write(tmp_path, content)) == list(COLUMNS)


def test_only_the_columns_asked_for_in_that_order(tmp_path: Path) -> None:
    """Other columns are not looked at."""
    path = write(tmp_path, "junk,tempo,id\n?,100,a\n")
    assert read_table(path, {"id": pa.string(), "tempo": pa.float64()}).column_names == ["id", "tempo"]


def test_gzip_and_parquet_read_alike(tmp_path: Path) -> None:
    """The same table comes from CSV, gzipped CSV and Parquet; lists in Parquet are joined."""
    plain = read_table(write(tmp_path, HEADER + ROWS), COLUMNS)
    assert read_table(write(tmp_path, gzip.compress((HEADER + ROWS).encode()), "t.csv.gz"), COLUMNS).equals(plain)
    pq.write_table(plain, tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet", COLUMNS).equals(plain)
    lists = pa.table({"genres": [["pop", "rock"], []], "mode": [1, 0], "day": pa.array([0, 1], pa.date32())})
    pq.write_table(lists, tmp_path / "l.parquet")
    read = read_table(tmp_path / "l.parquet", {"genres": pa.string(), "mode": pa.bool_(), "day": pa.string()})
    assert read.to_pydict() == {
        "genres": ["pop;rock", None],
        "mode": [True, False],
        "day": ["1970-01-01", "1970-01-02"],
    }


def test_a_missing_column_is_named_with_what_there_is(tmp_path: Path) -> None:
    """A renamed column is found at once by who reads the message."""
    error = complaint(write(tmp_path, (HEADER + ROWS).replace("tempo", "bpm")))
    assert error.column == "tempo"
    assert "bpm" in str(error)


def test_a_column_twice(tmp_path: Path) -> None:
    """Which of two columns of one name is meant cannot be known."""
    error = complaint(write(tmp_path, "id,title,tempo,explicit,tempo\na,b,1,1,2\n"))
    assert error.column == "tempo"
    assert "more than once" in str(error)


@pytest.mark.parametrize(
    ("content", "said"), [("", "empty"), ("\n\n", "empty"), (HEADER, "no rows")], ids=["nothing", "blank", "header"]
)
def test_an_empty_file(tmp_path: Path, content: str, said: str) -> None:
    """A failed download is often an empty file."""
    assert said in str(complaint(write(tmp_path, content)))


def test_a_value_of_another_type(tmp_path: Path) -> None:
    """The row is counted from the first line after the header, a value with line breaks as one row."""
    error = complaint(write(tmp_path, f'{HEADER}a,"x\ny",1,1\nb,x,2,1\nc,x,abc,1\n'))
    assert (error.column, error.row) == ("tempo", 3)
    assert "'abc' is not a number" in str(error)
    error = complaint(write(tmp_path, f"{HEADER}a,x,1,maybe\n"))
    assert (error.column, error.row) == ("explicit", 1)


def test_a_value_of_another_type_in_parquet(tmp_path: Path) -> None:
    """Parquet files can hold numbers as text too."""
    columns = {"id": ["a", "b"], "title": ["x", "y"], "tempo": ["1.5", "abc"], "explicit": [True, None]}
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    error = complaint(tmp_path / "t.parquet")
    assert (error.column, error.row) == ("tempo", 2)


@pytest.mark.parametrize("cut", [3, 9, 14])
def test_a_row_cut_short(tmp_path: Path, cut: int) -> None:
    """A download that broke off ends in the middle of a row."""
    error = complaint(write(tmp_path, (HEADER + ROWS).encode()[: -len(b"t199,T") - 9 - cut]))
    assert error.row in {199, 200}
    assert "cut short" in str(error)


def test_a_quote_never_closed(tmp_path: Path) -> None:
    """Arrow would take the rest of the file for one title."""
    lines = (HEADER + ROWS).splitlines(keepends=True)
    lines[100] = 't99,"never closed,1,True\n'
    error = complaint(write(tmp_path, "".join(lines)))
    assert error.row == 100
    assert "quotes" in str(error)


def test_latin_1_is_found_by_row_and_column(tmp_path: Path) -> None:
    """Text in another encoding is not guessed at."""
    error = complaint(write(tmp_path, f"{HEADER}a,x,1,1\nb,Café,2,1\n".encode("latin-1")))
    assert (error.column, error.row) == ("title", 2)
    assert "UTF-8" in str(error)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16(tmp_path: Path, encoding: str) -> None:
    """What Excel saves as "Unicode text"."""
    assert "UTF-16" in str(complaint(write(tmp_path, (HEADER + ROWS).encode(encoding))))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_compressed_files_cut_short(tmp_path: Path, share: float) -> None:
    """Half a gzip or Parquet file is no file."""
    packed = gzip.compress((HEADER + ROWS).encode())
    assert "cut short" in str(complaint(write(tmp_path, packed[: int(len(packed) * share)], "t.csv.gz")))
    pq.write_table(read_table(write(tmp_path, HEADER + ROWS), COLUMNS), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    assert "cut short" in str(complaint(write(tmp_path, whole[: int(len(whole) * share)], "t.parquet")))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The operating system's reason is passed on."""
    assert "No such file" in str(complaint(tmp_path / "nowhere.csv"))


def test_a_real_file_cut_in_the_middle(tmp_path: Path, shared_data: Path) -> None:
    """The first 150,000 bytes of a real dataset: the last row is named."""
    with (shared_data / "maharshipandya_dataset.csv").open("rb") as file:
        head = file.read(150_000)
    path = write(tmp_path, head)
    with pytest.raises(InputError) as caught:
        read_table(path, {"track_id": pa.string(), "tempo": pa.float64()})
    assert caught.value.row == head.count(b"\n")
