"""How measurements are judged and written down. What they come to is measured by `make bench` and tested by nobody."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT

from benchmarks import document
from benchmarks.__main__ import TOPICS
from benchmarks.document import DOCUMENT, HEAD, Section, measure, page, write
from benchmarks.machine import surroundings
from benchmarks.measure import Ratio, compare, cpu_seconds, short
from segue.errors import SettingsError


@pytest.mark.parametrize(("ours", "verdict"), [(2.0, "goal"), (2.5, "goal"), (4.0, "floor"), (4.1, "missed")])
def test_what_takes_at_most_so_much_longer_is_judged_by_its_bounds(ours: float, verdict: str) -> None:
    """Less is better, and a bound itself still holds."""
    ratio = Ratio("a task", "another way", ours, 1.0, floor=4, goal=2.5)
    assert ratio.verdict == verdict
    assert ratio.row[5:7] == ("≤ 4×", "≤ 2.5×")


@pytest.mark.parametrize(("ours", "verdict"), [(0.05, "goal"), (0.1, "floor"), (0.2, "missed")])
def test_what_is_so_many_times_faster_is_judged_the_other_way_round(ours: float, verdict: str) -> None:
    """More is better there, and the table says which it is."""
    ratio = Ratio("a task", "another way", ours, 1.0, floor=8, goal=20, faster=True)
    assert ratio.verdict == verdict
    assert ratio.row[4:7] == (f"{short(1 / ours)}× faster", "≥ 8×", "≥ 20×")


def test_without_bounds_nothing_is_judged() -> None:
    """A ratio may be told for its own sake."""
    assert Ratio("a task", "another way", 1.0, 2.0).row[4:] == ("0.5×", "", "", "")


def test_numbers_have_three_digits_that_count() -> None:
    """Microseconds and hours are equally readable."""
    assert [short(value) for value in (0.0012345, 0.3, 2.5, 123.4, 98765.0)] == [
        "0.00123",
        "0.3",
        "2.5",
        "123",
        "98,800",
    ]


def test_both_sides_take_turns_and_their_medians_count() -> None:
    """One slow round says nothing of either."""
    now = 0.0
    order = []
    lasting = {"ours": [1.0, 9.0, 2.0], "theirs": [4.0, 4.0, 40.0]}

    def run(side: str) -> None:
        nonlocal now
        order.append(side)
        now += lasting[side].pop(0)

    ratio = compare(
        "a", lambda: run("ours"), "b", lambda: run("theirs"), rounds=3, clock=lambda: now, unit="MB", goal=1
    )
    assert order == ["ours", "theirs"] * 3
    assert (ratio.ours, ratio.theirs, ratio.unit, ratio.verdict) == (2.0, 4.0, "MB", "goal")


def test_the_clock_counts_the_processes_that_were_waited_for() -> None:
    """A program started by the benchmark costs what it costs, though this process only waits for it."""
    before = cpu_seconds()
    program = "import time\nwhile time.process_time() < 0.2: pass"
    subprocess.run([sys.executable, "-c", program], check=True)
    assert cpu_seconds() - before >= 0.2


def test_the_page_says_what_was_measured_on_what() -> None:
    """Machine, versions and commit stand above a table for each topic, and what could not be measured is said."""
    done = Section("merge", "Merging.", [Ratio("merge a|b", "reading", 1.0, 2.0, goal=4, note="recall 1.0")])
    text = page([done, Section("store", "Storing.", missing="there is no disk")], surroundings())
    assert "\n- numpy: " in text
    assert "\n- commit: " in text
    assert "\n| merge a/b (recall 1.0) | reading | 1 CPU s | 2 CPU s | 0.5× |  | ≤ 4× | goal |\n" in text
    assert "\n## store\n\nStoring.\n\nNot measured here: there is no disk.\n" in text


@pytest.mark.parametrize(
    ("error", "missing", "failed"),
    [
        (SettingsError("SEGUE_DATA_DIR is not set"), "SEGUE_DATA_DIR is not set", False),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero", True),
    ],
)
def test_a_topic_that_cannot_go_on_keeps_what_it_has(
    error: Exception, missing: str, failed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a folder of data is missing, or something fails, the page says so, and has the rows that there are."""

    def ratios() -> Iterator[Ratio]:
        yield Ratio("a", "b", 1.0, 2.0)
        raise error

    topic = ModuleType("benchmarks.short_one", "A topic.")
    topic.ratios = ratios  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "benchmarks.short_one", topic)
    section = measure("short_one")
    assert [ratio.task for ratio in section.ratios] == ["a"]
    assert (section.about, section.missing, section.failed) == ("A topic.", missing, failed)


def test_writing_that_fails_leaves_the_page_as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The page is written aside and renamed."""
    there = tmp_path / "benchmarks.md"
    there.write_text("as it was")
    monkeypatch.setattr(document, "DOCUMENT", there)
    with pytest.raises(UnicodeEncodeError):
        write([Section("broken", "\udcff")], {})
    assert there.read_text() == "as it was"
    write([Section("whole", "Words.")], {})
    assert "## whole" in there.read_text()
    assert list(tmp_path.iterdir()) == [there]


def test_a_topic_that_does_not_exist_is_wrong_use() -> None:
    """The answer names those that do, and nothing is measured or written."""
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks", "speed"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 2
    assert "there is no topic 'speed': name some of startup" in told.stderr


def tasks(topic: ast.Module) -> Iterator[re.Pattern[str]]:
    """Yield what each row of a topic begins with: whatever is filled in at run time may be anything."""
    for call in ast.walk(topic):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"compare", "Ratio"}:
            task = call.args[0]
            parts = task.values if isinstance(task, ast.JoinedStr) else [task]
            texts = (re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in parts)
            yield re.compile("".join(texts) + r"(?: \(.+\))?")


@pytest.mark.parametrize("name", TOPICS)
def test_the_page_has_every_row_of_the_code_and_no_other(name: str) -> None:
    """`make bench` has been run since the last change of what is compared."""
    topic = ast.parse((ROOT / "benchmarks" / f"{name}.py").read_text(encoding="utf-8"))
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text.startswith(HEAD)
    section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert ast.get_docstring(topic) in section
    assert "Not measured" not in section
    rows = re.findall(r"^\| ((?!task|---).+?) \|", section, re.MULTILINE)
    wanted = list(tasks(topic))
    assert wanted
    assert [pattern.pattern for pattern in wanted if not any(map(pattern.fullmatch, rows))] == []
    assert [row for row in rows if not any(pattern.fullmatch(row) for pattern in wanted)] == []


def test_the_page_has_no_topic_that_is_gone() -> None:
    """And those that there are in their order."""
    assert re.findall(r"^## (\w+)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE) == list(TOPICS)


def test_the_readme_leads_to_the_page() -> None:
    """What is claimed there can be looked up."""
    assert "(docs/benchmarks.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
