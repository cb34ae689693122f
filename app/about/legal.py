"""What is done with people's data, and on what terms: plain statements that the code keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.sessions import LIFETIME
from app.layout.plain_page import heading, plain_page
from segue.spotify.retention import REVOKE_PAGE, TIME_TO_LIVE
from segue.web_page import link, paragraph

if TYPE_CHECKING:
    from app.context import Context
    from segue.settings import Settings

NOT_LEARNED = (
    "What you play is a question put to a model, never something it learns from: the models of this installation learn "
    "from public datasets alone."
)
LEARNED = (
    "Whoever runs this installation has let its models learn from what you play, too: once there are 20 listeners, "
    "tracks that at least five of them play count as a public playlist would, without who played them. After you "
    "disconnect, the next version learns without you, and those that learned with you are deleted once it is in use."
)


def legal_routes(context: Context) -> APIRouter:
    """Return the routes ``/privacy`` and ``/terms``."""
    router = APIRouter()

    @router.get("/privacy")
    def privacy(request: Request) -> Response:
        return plain_page(context, request, "Privacy", *privacy_parts(context.settings))

    @router.get("/terms")
    def terms(request: Request) -> Response:
        return plain_page(context, request, "Terms", *terms_parts())

    return router


def privacy_parts(settings: Settings) -> list[str]:
    """Return what happens to data with these settings, as HTML."""
    saved = ", the tracks that you saved" if settings.saved_tracks else ""
    days, session_days = TIME_TO_LIVE.days, LIFETIME.days
    return [
        paragraph(
            "Segue is a program that anybody can run. This is what this installation does; whoever runs it answers "
            "for it."
        ),
        heading("Without logging in"),
        paragraph(
            "Nothing is kept. The songs that you pick are in the page that you have open, and are sent along with what "
            "you ask of it; what they are the start of is worked out, answered and forgotten. A file that you bring is "
            "read once and deleted at that moment; what it says besides songs, such as addresses or devices, is not "
            "looked at. The songs in it go back into your page. No page asks another server for anything, and nobody "
            "counts or follows you. To keep anybody from asking too often, the number of requests from your network "
            "address is in memory for a minute, as a hash."
        ),
        heading("When you log in with Spotify"),
        paragraph(
            "Segue reads your Spotify account's id and the name you have there, your top tracks of three time ranges, "
            f"the tracks you played last{saved}, and the list of your playlists, to find its own among them, and reads "
            "what is on those. It sees neither your password nor how you pay."
        ),
        paragraph(
            f"What you play is kept for {days} days at most, and so are your recommendations and what was on your "
            "playlists; each night renews them. What you liked and disliked, and your choices, stay until you take "
            "them back or disconnect."
        ),
        paragraph(LEARNED if settings.learn_from_listeners else NOT_LEARNED),
        paragraph(
            "Spotify's key to your account is stored encrypted. Nobody else sees anything of yours in the app, and "
            "nothing of it is passed on; it is sent to Spotify alone, as your playlists."
        ),
        heading("Cookies"),
        paragraph(
            f"Two, both for logging in: one for ten minutes while you do, one for {session_days} days afterwards. Each "
            "holds a random number. There is no other, and none to agree to."
        ),
        heading("Leaving"),
        paragraph(
            "Disconnect and delete, on the account page, asks once more and then deletes everything that is kept about "
            "you, at once. "
            "Your playlists stay in Spotify: they are yours. Spotify's consent ends by itself six months after you "
            "gave it."
        ),
        link("Withdraw Segue's access at Spotify", REVOKE_PAGE),
    ]


def terms_parts() -> list[str]:
    """Return the terms, as HTML."""
    return [
        heading("What Segue does in your account"),
        paragraph(
            "It makes private playlists and keeps them fresh. It changes no others, and never removes anything else. "
            "Take one of its playlists out of your library, and it leaves that one alone until you want it back."
        ),
        heading("Spotify"),
        paragraph(
            "Segue is not made by Spotify, nor endorsed by it; Spotify makes no warranties about Segue, and is not "
            "liable for it. Whoever runs this installation alone is responsible for it. What you see of Spotify here "
            "belongs to Spotify and its licensors: do not copy or change it, do not try to take Spotify's service "
            "apart, and do not use Segue to train models on Spotify's content. Spotify may enforce these terms itself. "
            "Your use of Spotify is a matter of Spotify's own terms."
        ),
        heading("No warranty"),
        paragraph(
            "Segue is free, for personal use, and comes as it is, without a warranty of any kind. Its program is under "
            "the Apache License 2.0; the datasets it learned from have licenses of their own."
        ),
        heading("Fair use"),
        paragraph(
            "Do not try to see what belongs to others, and do not ask so often that it is no fun for them: whoever "
            "does is told to wait."
        ),
    ]
