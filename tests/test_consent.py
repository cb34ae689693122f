"""How long consent lasts, and who is warned."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from accounts import accounts
from hypothesis import given
from hypothesis import strategies as st

from inference_pipeline.summary import print_served
from segue.spotify.consent import ConsentWarning, consent_ends, consent_warnings

GIVEN = datetime(2026, 5, 22, 12, tzinfo=timezone.utc)
ENDS = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


def warned(before: timedelta) -> list[ConsentWarning]:
    """Return who is warned that long before a consent ends."""
    return consent_warnings(accounts("Ada").assign(consented_at=GIVEN), ENDS - before)


def test_consent_lasts_six_calendar_months() -> None:
    """From the day it was given; where the sixth month is shorter, to its last day."""
    assert consent_ends(GIVEN) == ENDS
    assert consent_ends(datetime(2026, 8, 31, tzinfo=timezone.utc)) == datetime(2027, 2, 28, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("before", "said", "urgent"),
    [
        (timedelta(days=30), "ends in 30 days (22 November 2026)", False),
        (timedelta(days=7, seconds=1), "ends in 7 days", False),
        (timedelta(days=7), "ends in 7 days", True),
        (timedelta(days=1), "ends in 1 day (", True),
        (timedelta(hours=3), "ends today", True),
        (timedelta(days=-2), "has ended", True),
    ],
    ids=["month", "week and a second", "week", "day", "today", "over"],
)
def test_a_warning_says_how_much_time_is_left(before: timedelta, said: str, urgent: bool) -> None:
    """From 30 days on; from 7 days on it is urgent."""
    (warning,) = warned(before)
    assert f"Ada: consent {said}" in warning.message
    assert "log in again with `segue login`" in warning.message
    assert warning.urgent == urgent
    assert warning.ends_on == ENDS.date()


@given(st.timedeltas(min_value=timedelta(days=30, seconds=1), max_value=timedelta(days=184)))
def test_nobody_is_warned_earlier(before: timedelta) -> None:
    """More than 30 days before the end there is nothing to say."""
    assert warned(before) == []


def test_the_nearest_end_comes_first_and_only_of_the_connected() -> None:
    """Who must log in again already is told so elsewhere."""
    listeners = accounts("Ada", "Bea", "Cy").assign(
        consented_at=[GIVEN + timedelta(days=5), GIVEN, GIVEN], status=["connected", "connected", "reconnect"]
    )
    assert [warning.listener for warning in consent_warnings(listeners, ENDS - timedelta(days=9))] == ["Bea", "Ada"]


def test_the_report_of_playlists_says_whose_consent_ends(capsys: pytest.CaptureFixture[str]) -> None:
    """As a note for people, and in full for machines."""
    warnings = warned(timedelta(days=3))
    turns = {"calls": 0, "calls_of": {}, "deferred": [], "earlier": [], "stopped": None}
    print_served([], "hybrid@1", turns, warnings, as_json=False)
    assert warnings[0].message in capsys.readouterr().err
    print_served([], "hybrid@1", turns, warnings, as_json=True)
    (said,) = json.loads(capsys.readouterr().out)["consent"]
    assert (said["listener"], said["days"], said["ends_on"]) == ("Ada", 3, "2026-11-22")
