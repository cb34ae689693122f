"""Commands about accounts. Heavy modules are imported inside, so that `--help` answers at once."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from segue.console import JsonFlag


def login(
    listener: Annotated[
        str | None, typer.Option(metavar="NAME", help="In the sandbox: who logs in, such as juniper.")
    ] = None,
    wait: Annotated[int, typer.Option(min=1, metavar="SECONDS", help="How long to wait for consent.")] = 300,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser; it is printed either way.")] = True,
    as_json: JsonFlag = False,
) -> None:
    """Connect a Spotify account, from a browser on this machine.

    Spotify sends the browser back to SPOTIFY_REDIRECT_URI, where this command waits for it. Whoever logs in again keeps
    their playlists and settings.

    \b
    Examples:
      segue login
      segue sandbox -- segue login --listener juniper
    """
    import webbrowser

    from segue.console import note, print_json
    from segue.settings import load_settings
    from segue.spotify.account import account_of
    from segue.spotify.login import begin_login, finish_login
    from segue.spotify.loopback import LoopbackServer
    from segue.spotify.setup import spotify_settings
    from segue.store import open_store

    settings = spotify_settings(load_settings())
    store = open_store(settings.store_url)
    begun = begin_login(settings, listener)
    with LoopbackServer(
        settings.spotify_redirect_uri, lambda answer: finish_login(store, settings, begun, answer)
    ) as server:
        note(f"log in on this page, on this machine: {begun.url}")
        if browser:
            webbrowser.open(begun.url)
        account = account_of(store, settings, server.wait(wait))
    if account is None:
        return  # they have disconnected in this very moment
    if as_json:
        print_json(account.summary())
    else:
        print(f"{account.name} is connected until {account.ends:%d %B %Y}")
    if account.missing_scopes:
        note(f"not granted: {', '.join(account.missing_scopes)}; log in again and grant it")


def disconnect(
    listener: Annotated[
        str | None, typer.Argument(metavar="NAME|ID", help="Who; not needed where only one is connected.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Delete everything that is kept about a listener.

    Login, listens, recommendations and feedback, all at once. Their playlists in Spotify stay.

    \b
    Example:
      segue disconnect "Juniper Vale"
    """
    from segue.console import note, print_json
    from segue.settings import load_settings
    from segue.spotify.listeners import find_listener, name_of
    from segue.spotify.retention import REVOKE_PAGE, forget
    from segue.store import open_store

    store = open_store(load_settings().store_url)
    found = find_listener(store, listener)
    if not yes:
        typer.confirm(f"Delete everything that is kept about {name_of(found)}?", abort=True, err=True)
    forget(store, str(found["listener_id"]))
    if as_json:
        print_json({"listener": name_of(found), "revoke": REVOKE_PAGE})
    else:
        print(f"everything about {name_of(found)} is deleted")
        note(f"to withdraw Segue's access at Spotify, too: {REVOKE_PAGE}")


def keys(
    action: Annotated[Literal["rotate"], typer.Argument(metavar="rotate", help="Encrypt every login under a new key.")],
    as_json: JsonFlag = False,
) -> None:
    """Rotate the key that encrypts logins.

    The new key goes first into the file segue.key, and the last one stays behind it until the next time. Where
    SEGUE_KEY is set, put the new key there first: every login is then encrypted under it.

    \b
    Example:
      segue keys rotate
    """
    from dataclasses import asdict

    from segue.console import note, print_json
    from segue.settings import load_settings
    from segue.spotify.rotation import rotate_keys
    from segue.store import open_store

    del action  # the only one
    settings = load_settings()
    rotation = rotate_keys(open_store(settings.store_url), settings)
    if as_json:
        print_json(asdict(rotation))
    else:
        print(f"logins under the first key of {rotation.place}: {rotation.tokens}")
        if settings.key:
            note("the other keys in SEGUE_KEY can be taken out")
    for name in rotation.lost:
        note(f"{name}: encrypted under a key that is not there; must log in again")
