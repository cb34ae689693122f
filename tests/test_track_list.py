"""The list of tracks: what it says of each, what its buttons ask for, and that no title is more than text."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.layout.track_list import ACTIONS, ALLOW, DISLIKE, LIKE, NEVER, TAKE_BACK, first_artist, markup, track_list

SONG = {
    "rank": 3,
    "track_id": "A" * 22,
    "title": "Holocene",
    "artists": "Bon Iver, A Guest",
    "year": 2011,
    "url": "https://open.spotify.com/track/" + "A" * 22,
    "reason": "Like Re: Stacks by Bon Iver and Blue by Joni Mitchell: same genre: folk; quiet",
}


class Reader(HTMLParser):
    """Reads a page as a browser does: its elements with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """All text."""
        return "".join(self.words)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of each element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


def read(*tracks: dict[str, Any], actions: bool = False, **shown: str) -> Reader:
    """Read a list of tracks."""
    return Reader(markup({**shown, "tracks": tracks}, actions=actions))


def test_a_track_is_named_and_leads_to_spotify() -> None:
    """The link's name begins with what is seen of it, as voice control needs."""
    page = read(SONG)
    assert "3Holocene Bon Iver, A Guest 2011" in page.text
    (link,) = page.all("a")
    assert link["href"] == SONG["url"]
    assert link["aria-label"] == "Holocene: listen on Spotify"
    assert link["rel"] == "noopener noreferrer"


def test_a_list_that_leads_nowhere_says_that_it_is_made_up() -> None:
    """Nobody looks for its songs at Spotify in vain; a list with a link among its tracks is a real one."""
    made_up = read(SONG | {"url": ""})
    assert "These songs are made up" in made_up.text
    assert not made_up.all("a")
    for real in (read(SONG, SONG | {"url": ""}), read()):
        assert "made up" not in real.text
    assert "Choose a title to listen on Spotify." in read(SONG).text


def test_the_songs_that_led_to_a_track_stand_out() -> None:
    """A colon in the name of one does not cut it short."""
    assert (
        'Like <span class="seeds">Re: Stacks by Bon Iver and Blue by Joni Mitchell</span>: same genre: folk; quiet'
        in markup({"tracks": [SONG]})
    )


def test_a_reason_without_songs_stays_as_it_is() -> None:
    """There is nothing to make stand out."""
    assert "The best of what was left" in read(SONG | {"reason": "The best of what was left"}).text
    assert "seeds" not in markup({"tracks": [SONG | {"reason": "The best of what was left"}]})


def test_what_is_not_known_is_left_out() -> None:
    """A made-up track leads nowhere; nobody reads "None"."""
    page = read({"track_id": "B" * 22, "title": "Unknown"})
    assert page.all("a") == []
    assert "None" not in page.text
    assert "listen on Spotify" not in page.text


def test_the_list_itself_leads_to_spotify() -> None:
    """With what Spotify's rules ask to be said."""
    page = read(SONG, title="Segue Discover", about="New artists.", url="https://open.spotify.com/playlist/x")
    assert page.text.startswith("Segue DiscoverNew artists.Listen on Spotify")
    assert page.all("a")[0]["href"] == "https://open.spotify.com/playlist/x"


def test_without_actions_there_are_no_buttons() -> None:
    """What belongs to somebody else can only be looked at."""
    assert read(SONG).all("button") == []


@pytest.mark.parametrize(
    ("said", "actions", "pressed"),
    [
        ({}, [LIKE, DISLIKE, NEVER], ["false", "false", None]),
        ({"verdict": LIKE}, [TAKE_BACK, DISLIKE, NEVER], ["true", "false", None]),
        ({"verdict": DISLIKE}, [LIKE, TAKE_BACK, NEVER], ["false", "true", None]),
        ({"blocked": True}, [LIKE, DISLIKE, ALLOW], ["false", "false", None]),
    ],
)
def test_buttons_show_what_was_said_and_take_it_back(
    said: dict[str, Any], actions: list[str], pressed: list[str | None]
) -> None:
    """Each asks for a state, so that pressing it twice in haste does what pressing it once does."""
    buttons = read(SONG | said, actions=True).all("button")
    assert [button["data-action"] for button in buttons] == actions
    assert [button.get("aria-pressed") for button in buttons] == pressed
    assert {button["type"] for button in buttons} == {"button"}
    assert set(actions) <= set(ACTIONS)


def test_buttons_say_of_what_and_whom() -> None:
    """Fifty buttons called "Like" are no help to who cannot see."""
    names = [button["aria-label"] for button in read(SONG, actions=True).all("button")]
    assert names == ["Like Holocene", "Dislike Holocene", "Never Bon Iver"]
    assert read(SONG | {"blocked": True}, actions=True).all("button")[2]["aria-label"] == "Undo: never Bon Iver"
    assert first_artist({"artists": ""}) == ""


@given(st.text(alphabet=st.sampled_from("<>&\"'`${}=\\/ img src=x onerror"), max_size=40))
def test_whatever_a_title_holds_is_shown_as_text(text: str) -> None:
    """It adds no element and no attribute, and is read as it was written."""
    hostile = {
        "rank": 1,
        "track_id": "C" * 22,
        "title": text,
        "artists": text,
        "reason": f"Like {text} by {text}: {text}",
    }
    plain = hostile | {"title": "t", "artists": "a", "reason": "Like s by b: w"}
    page, expected = read(hostile, actions=True), read(plain, actions=True)
    assert [(tag, set(given)) for tag, given in page.elements if tag != "span"] == [
        (tag, set(given)) for tag, given in expected.elements if tag != "span"
    ]
    assert text in page.text


def test_no_template_is_evaluated_over_the_markup() -> None:
    """Gradio would run what its templates make of a title: the value goes in as it is."""
    shown = track_list(actions=True, value=markup({"tracks": [SONG | {"title": "${alert(1)} {{x}}"}]}))
    assert shown.get_config()["html_template"] == "${value}"
    assert "${alert(1)} {{x}}" in shown.get_config()["value"]
