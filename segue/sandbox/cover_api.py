"""The call of the Web API that gives a playlist its cover."""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode
from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from PIL import Image

from segue.sandbox.access import Caller, needs
from segue.sandbox.playlist_api import MODIFY, find
from segue.sandbox.refusals import Refusal
from segue.sandbox.service import ServiceOf

MAX_BYTES = 256 * 1024
"""Of the picture in base64."""

router = APIRouter()


async def picture(request: Request) -> bytes:
    """Return the JPEG that a request brings in base64."""
    sent = await request.body()
    if len(sent) > MAX_BYTES:
        raise Refusal(413, "Image is too large")
    try:
        jpeg = b64decode(sent, validate=True)
        with Image.open(BytesIO(jpeg), formats=["JPEG"]):
            return jpeg
    except (binascii.Error, OSError):
        raise Refusal(400, "Image is not a JPEG in base64") from None


@router.put("/playlists/{playlist_id}/images", dependencies=[Depends(needs("ugc-image-upload")), *MODIFY])
def upload(service: ServiceOf, person: Caller, playlist_id: str, jpeg: Annotated[bytes, Depends(picture)]) -> Response:
    """Give a playlist another cover."""
    with service.state.changing() as memory:
        find(memory, playlist_id, person).cover = hashlib.sha256(jpeg).hexdigest()
    return Response(status_code=202)
