"""The page of a listener's playlists; for whoever is not logged in, that of the made-up listeners'."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import gradio

from app.layout.event_data import sent
from app.layout.track_list import track_list
from app.playlists import notices, tabs
from app.playlists.demo import demo_listeners, is_demo
from app.playlists.heard import STYLE as HEARD_STYLE
from app.playlists.heard import heard
from app.playlists.kept_playlists import removed_titles
from app.playlists.opinions import judge
from app.playlists.pictures_panel import PicturesPanel
from app.playlists.refreshing import Refreshing
from app.playlists.steering import wishes_or_defaults
from app.playlists.steering_panel import SteeringPanel
from app.playlists.view import View, view_of
from app.wording import sentence
from inference_pipeline.kept import bring_back
from segue.errors import InputError
from segue.spotify.account import account_of

if TYPE_CHECKING:
    from app.context import Context

VISITORS = """Log in with Spotify, and Segue keeps a few playlists in your account, fresh every night. Each song comes
with the reason why it is there, and you say what you want more of, less of, or never again.
"""
DEMO = "Or look at somebody else's first: these listeners are made up, what Segue chose for them is not."
NOBODY_YET = "No playlist has been made yet: `segue sandbox -- segue nightly` makes some for made-up listeners."
LOGGED_OUT = "You are not logged in any more. Log in again, and go on."
SAID = '<p class="said" role="status">${value}</p>'
SAID_STYLE = """
.said { position: fixed; z-index: 5; left: 50%; bottom: 1rem; transform: translateX(-50%); box-sizing: border-box;
  width: max-content; max-width: calc(100vw - 2rem); margin: 0; padding: .6rem 1.1rem; border-radius: var(--radius);
  background: var(--ink); color: var(--paper); pointer-events: none; animation: leave 7s forwards; }
.said:empty { display: none; }
@keyframes leave { 90% { opacity: 1; visibility: visible; } to { opacity: 0; visibility: hidden; } }
"""
SAID_ON_LOAD = """
watch("value", () => {
  const said = element.querySelector(".said");
  said.style.animation = "none";
  void said.offsetHeight;
  said.style.animation = "";
});
"""
"""What is said again stays as long again."""
QUIETLY: dict[str, Any] = {"queue": False, "show_progress": "hidden"}
# The made-up listeners are not among the choices that Gradio knows of; who may be looked at is decided by `who`.
UNSEEN = {**QUIETLY, "preprocess": False}
"""Answered by the request that asks, which has the cookie: nothing of a listener's goes through Gradio's queue."""


def build(context: Context, page: gradio.Blocks) -> None:
    """Build the page over the playlists in the store, which is read anew for every event."""
    PlaylistsPage(context, page)


class PlaylistsPage:
    """The parts of the page, and what each event does; who asks is found out anew for every event."""

    def __init__(self, context: Context, page: gradio.Blocks) -> None:
        self.context, self.store = context, context.store
        self.tabs = _html(css_template=tabs.STYLE, js_on_load=tabs.ON_LOAD, render=False)
        self.opened = gradio.Textbox(visible=False, render=False)
        self.tracks = track_list(actions=True, elem_id="tracks", render=False)
        shown = [self.tabs, self.opened, self.tracks]

        _html("<h1>Your playlists</h1>")
        with gradio.Column(visible=False) as self.for_visitors:
            gradio.Markdown(VISITORS)
            # In a window of its own where the app is in the frame of a Space: inside of it nobody can log in.
            space = context.settings.space_host
            gradio.Button(
                "Log in with Spotify",
                variant="primary",
                link=f"https://{space}/auth/login" if space else "/auth/login",
                link_target="_blank" if space else "_self",
                size="md",
                scale=0,
            )
            self.demo = gradio.Radio(label=DEMO, interactive=True, elem_id="listener", visible=False)
            self.nobody = gradio.Markdown(NOBODY_YET, visible=False)
        self.notices = _html(css_template=notices.STYLE, js_on_load=notices.ON_LOAD)
        with gradio.Column(visible=False) as self.for_listeners:
            self.refreshing = Refreshing(context, shown)
        self.steering = SteeringPanel(context)
        self.pictures = PicturesPanel(context, self.who, self.demo)
        with gradio.Accordion("What Spotify told Segue", open=False) as self.heard_part:
            self.heard = _html(css_template=HEARD_STYLE)
        for part in shown:
            part.render()  # type: ignore[no-untyped-call] # Gradio's, without annotations
        self.said = _html(html_template=SAID, css_template=SAID_STYLE, js_on_load=SAID_ON_LOAD, elem_id="said")
        self.listen(page, shown)

    def listen(self, page: gradio.Blocks, shown: list[Any]) -> None:
        """Say which event does what."""
        groups = [self.for_visitors, self.for_listeners, self.steering.part, self.demo, self.nobody]
        page.load(self.open_playlists, None, [*groups, *shown, self.notices, *self.refreshing.parts], **QUIETLY)
        self.demo.input(self.choose_listener, self.demo, [*shown, self.pictures.part, self.heard_part], **UNSEEN)
        self.tabs.choose(self.choose_playlist, self.demo, shown, **UNSEEN)
        blocked = self.steering.blocked
        judged = [*shown, self.said, *blocked]
        self.tracks.judge(self.judge_track, [self.opened, *blocked], judged, trigger_mode="multiple", **UNSEEN)
        self.notices.bring_back(self.bring_playlist_back, None, [self.notices, self.said], **QUIETLY)
        self.heard_part.expand(self.tell_what_was_heard, self.demo, self.heard, **UNSEEN)

    def who(self, demo: object, request: gradio.Request) -> str | None:
        """Return whose playlists a request may see: its listener's own, or those of a demo listener it names."""
        listener_id = self.context.listener_of(request)
        return str(demo) if listener_id is None and is_demo(self.store, demo) else listener_id

    def open_playlists(self, request: gradio.Request) -> list[Any]:
        """Show what is there for whoever opens the page."""
        listener_id = self.context.listener_of(request)
        own = listener_id is not None
        others = [] if own else demo_listeners(self.store)
        first = others[0][1] if others else None
        groups = [
            gradio.Column(visible=not own),
            gradio.Column(visible=own),
            gradio.Accordion(visible=own),
            gradio.Radio(choices=others, value=first, visible=bool(others)),
            gradio.Markdown(visible=not own and not others),
        ]
        if listener_id is None:
            return [*groups, *self._shown(first, own=False), "", "", gradio.Timer(active=False)]
        told, clock = self.refreshing.how_far(listener_id)
        return [*groups, *self._shown(listener_id, own=True), self._notices(listener_id), told, clock]

    def choose_listener(self, demo: object, request: gradio.Request) -> list[Any]:
        """Show the playlists of another demo listener, and close what was told of the one before."""
        closed = [gradio.Accordion(open=False), gradio.Accordion(open=False)]
        return [*self._shown(self.who(demo, request), own=False), *closed]

    def choose_playlist(self, demo: object, event: gradio.EventData, request: gradio.Request) -> View:
        """Open another playlist."""
        own = self.context.listener_of(request) is not None
        return self._shown(self.who(demo, request), sent(event, "playlist"), own=own)

    def judge_track(
        self, opened: object, filled_with: object, field: object, event: gradio.EventData, request: gradio.Request
    ) -> list[Any]:
        """Write down what a listener says of a track."""
        listener_id = self.context.listener_of(request)
        if listener_id is None:
            return [*(gradio.skip() for _ in View._fields), LOGGED_OUT, gradio.skip(), gradio.skip()]
        try:
            said = judge(self.store, self.context.settings, listener_id, sent(event, "track_id"), sent(event, "action"))
        except InputError as error:
            said = sentence(error)
        kept = wishes_or_defaults(self.store, listener_id).blocked_artists
        blocked = self.steering.fill_blocked(filled_with, field, kept)
        return [*self._shown(listener_id, opened, own=True), escape(said), *blocked]

    def bring_playlist_back(self, event: gradio.EventData, request: gradio.Request) -> list[Any]:
        """Let the next refresh make a playlist again that the listener removed."""
        listener_id = self.context.listener_of(request)
        if listener_id is None:
            return [gradio.skip(), LOGGED_OUT]
        name = sent(event, "playlist")
        # Twice is as good as once.
        if name in removed_titles(self.store, listener_id):
            bring_back(self.store, listener_id, str(name))
        return [self._notices(listener_id), "It comes back with the next refresh."]

    def tell_what_was_heard(self, demo: object, request: gradio.Request) -> str:
        """Tell what is known of what somebody plays."""
        listener_id = self.who(demo, request)
        return "" if listener_id is None else heard(self.store, listener_id)

    def _shown(self, listener_id: str | None, asked: object = "", *, own: bool) -> View:
        return View("", "", "") if listener_id is None else view_of(self.store, listener_id, asked, own=own)

    def _notices(self, listener_id: str) -> str:
        account = account_of(self.store, self.context.settings, listener_id)
        return "" if account is None else notices.notices(account, removed_titles(self.store, listener_id))


def _html(value: str = "", **given: Any) -> gradio.HTML:
    return gradio.HTML(value, apply_default_css=False, **given)
