"""The list of tracks that all pages share: each with a link to Spotify, the reason, and buttons to judge it.

The markup is made here, with every text escaped. The double braces of Gradio's templates escape as well, but what comes
of them is then evaluated as a JavaScript template: a title such as ``${alert(1)}`` would be run.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

import gradio

from app.layout.track_list_style import STYLE

if TYPE_CHECKING:
    from collections.abc import Mapping

LIKE, DISLIKE, TAKE_BACK = "like", "dislike", "take back"
NEVER, ALLOW = "never this artist", "allow this artist"
ACTIONS = (LIKE, DISLIKE, TAKE_BACK, NEVER, ALLOW)
"""What the buttons ask for. Each says what shall be, not what shall change: twice is as good as once."""

AWAY = 'target="_blank" rel="noopener noreferrer"'
ON_LOAD = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  trigger("judge", {track_id: button.closest("li").dataset.track, action: button.dataset.action});
});
"""
LEGEND = (
    '<p class="legend quiet" aria-hidden="true"><span class="icon like"></span>like '
    '<span class="icon dislike"></span>dislike <span class="icon never"></span>never this artist</p>'
)
MADE_UP = (
    '<p class="quiet">These songs are made up, and so are their artists: a catalog to try Segue with. '
    "With real datasets, each title leads to Spotify.</p>"
)
LEADS_TO_SPOTIFY = '<p class="quiet">Choose a title to listen on Spotify.</p>'
SONGS = re.compile(r"^Like (?P<songs>.+? by .+?)(?P<why>: .+)?$", re.DOTALL)
"""How a reason begins that names songs: those are what people look for."""


def track_list(*, actions: bool = False, **layout: Any) -> gradio.HTML:
    """Return a list of tracks, whose value is what `markup` makes.

    Parameters
    ----------
    actions : bool
        Whether its tracks have buttons. Then ``judge`` is an event of it, and its data are ``track_id`` and, as
        ``action``, one of `ACTIONS`. Listen with ``trigger_mode="multiple"``, so that no quick press is lost.
    **layout
        What `gradio.HTML` takes besides, such as ``visible`` and ``elem_id``.
    """
    return gradio.HTML(css_template=STYLE, js_on_load=ON_LOAD if actions else None, apply_default_css=False, **layout)


def markup(shown: Mapping[str, Any], *, actions: bool = False) -> str:
    """Return a list of tracks as HTML, in which every text is escaped.

    Parameters
    ----------
    shown : mapping
        ``title``, ``about`` (a sentence), ``url`` (where the whole list is at Spotify) and ``tracks``, a list of
        mappings with ``rank``, ``track_id``, ``title``, ``artists`` ("A, B"), ``year``, ``url``, ``reason``,
        ``verdict`` ("like", "dislike" or nothing) and ``blocked`` (whether the listener wants no more of its first
        artist). Only ``tracks``, and each one's track_id and title, must be there. Addresses are put in as they are:
        take them from `segue.links`.
    actions : bool
        Whether each track has buttons.
    """
    tracks = shown["tracks"]
    parts = [_heading(shown)]
    if tracks and not any(track.get("url") for track in tracks):
        parts.append(MADE_UP)
    elif tracks and not shown.get("url"):
        parts.append(LEADS_TO_SPOTIFY)
    if actions and tracks:
        parts.append(LEGEND)
    rows = "".join(_row(track, actions=actions) for track in tracks)
    return f'<section class="tracks">{"".join(parts)}<ol>{rows}</ol></section>'


def _heading(shown: Mapping[str, Any]) -> str:
    title, about, url = (_text(shown.get(key)) for key in ("title", "about", "url"))
    parts = [f"<h2>{title}</h2>" if title else "", f"<p>{about}</p>" if about else ""]
    if url:
        parts.append(f'<p><a href="{url}" {AWAY}>Listen on Spotify</a></p>')
    return "".join(parts)


def _row(track: Mapping[str, Any], *, actions: bool) -> str:
    track_id, rank, title, url = (_text(track.get(key)) for key in ("track_id", "rank", "title", "url"))
    name = f'<a href="{url}" aria-label="{title}: listen on Spotify" {AWAY}>{title}</a>' if url else title
    more = "".join(f' <span class="{key}">{_text(track[key])}</span>' for key in ("artists", "year") if track.get(key))
    return (
        f'<li data-track="{track_id}" class="{"blocked" if track.get("blocked") else ""}">'
        f'<span class="rank quiet" aria-hidden="true">{rank}</span>'
        f'<div><p><b>{name}</b>{more}</p><p class="reason">{_reason(track.get("reason") or "")}</p></div>'
        f"{_buttons(track) if actions else ''}</li>"
    )


def _reason(reason: str) -> str:
    found = SONGS.match(reason)
    if found is None:
        return _text(reason)
    return f'Like <span class="seeds">{_text(found["songs"])}</span>{_text(found["why"])}'


def _buttons(track: Mapping[str, Any]) -> str:
    title, artist = _text(track["title"]), _text(first_artist(track)) or "this artist"
    buttons = [_judge(asked, title, pressed=track.get("verdict") == asked) for asked in (LIKE, DISLIKE)]
    # One button at the same place for both: whoever pressed it by keyboard finds themselves on "Undo".
    if track.get("blocked"):
        buttons.append(_button("never", ALLOW, f"Undo: never {artist}", "Undo"))
    else:
        buttons.append(_button("never", NEVER, f"Never {artist}", '<span class="icon"></span>'))
    return f'<div class="actions" role="group" aria-label="What you think of {title}">{"".join(buttons)}</div>'


def _judge(asked: str, title: str, *, pressed: bool) -> str:
    icon = '<span class="icon"></span>'
    state = f'aria-pressed="{"true" if pressed else "false"}"'
    return _button(asked, TAKE_BACK if pressed else asked, f"{asked.title()} {title}", icon, state)


def _button(style: str, action: str, label: str, content: str, state: str = "") -> str:
    attributes = f'class="{style}" data-action="{action}" aria-label="{label}" title="{label}" {state}'
    return f'<button type="button" {attributes}>{content}</button>'


def first_artist(track: Mapping[str, Any]) -> str:
    """Return who is credited first on a track of a list; nobody where that is not known."""
    return str(track.get("artists") or "").partition(", ")[0]


def _text(value: Any) -> str:
    return "" if value is None else escape(str(value))
