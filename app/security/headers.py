"""What browsers are told about every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

GRADIO_POLICY = (
    # Gradio's page has scripts in its HTML, and its templates are made into functions: neither can be forbidden, so
    # that escaping alone keeps a title from being run. What has slipped through can load nothing from elsewhere.
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "base-uri 'self'; object-src 'none'; form-action 'self'"
)
SPACE = "'self' https://huggingface.co"
"""Who may have the app in a frame where it is a Space."""


class SecurityHeaders:
    """Middleware that adds the headers; a policy that an answer has already is kept.

    Parameters
    ----------
    app : ASGI application
    on_space : bool
        Whether the app is a Space, which is shown in a frame.
    """

    def __init__(self, app: ASGIApp, *, on_space: bool) -> None:
        self.app = app
        self.ancestors = SPACE if on_space else "'none'"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders) -> None:
        policy = headers.get("content-security-policy", GRADIO_POLICY)
        headers["content-security-policy"] = f"{policy}; frame-ancestors {self.ancestors}"
        headers.setdefault("x-content-type-options", "nosniff")
        # Not "no-referrer": with it browsers hide the origin of the app's own forms, too ("Origin: null").
        headers.setdefault("referrer-policy", "strict-origin")
        headers.setdefault("cross-origin-opener-policy", "same-origin")
