"""Recommendations for those who ask at the same moment: what waits for a processor is worked out together."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timezone
from math import ceil
from threading import Lock
from typing import TYPE_CHECKING

from joblib import cpu_count

from inference_pipeline.from_songs import FromSongs, recommend_together
from segue.errors import InputError

if TYPE_CHECKING:
    import gradio
    from fastapi import Request

    from app.security.work import Work
    from inference_pipeline.from_songs import Seeds
    from inference_pipeline.library import Library
    from inference_pipeline.wishes import Wishes

MOST = 8
"""So many share most of what can be shared; more would only wait for one another."""


@dataclass(frozen=True)
class Asked:
    """What somebody waits for."""

    library: Library
    seeds: Seeds
    wishes: Wishes
    answer: Future[FromSongs] = field(default_factory=Future)


class Together:
    """Recommends from songs, to whoever comes first first.

    Whoever asks alone is served at once. Those who come while all processors are busy are served together then, which
    takes less for each of them. A thread for each processor does the work, however many people wait.

    Parameters
    ----------
    work : Work
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._waiting: deque[Asked] = deque()
        self._taking = Lock()
        self._workers = cpu_count()
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="recommending")

    def recommend(self, request: Request | gradio.Request, library: Library, seeds: Seeds, wishes: Wishes) -> FromSongs:
        """Return what `inference_pipeline.from_songs.recommend_from_songs` returns, or raise what it raises.

        Raises
        ------
        TooMuchError
            If whoever asks has asked too often.
        """
        self._work.admit(request)
        asked = Asked(library, seeds, wishes)
        self._waiting.append(asked)
        # Once for each who asks: whoever is served with others leaves nothing to do here.
        self._pool.submit(self._serve)
        return asked.answer.result()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    def _serve(self) -> None:
        with self._work.places:
            asked = self._take()
            try:
                self._answer(asked)
            except Exception as error:  # noqa: BLE001 - whatever it is, they who wait have to hear of it
                self._answer_each([each for each in asked if not each.answer.done()], error)

    def _take(self) -> list[Asked]:
        """Take those who have waited longest, as long as it is the same model that they ask."""
        taken: list[Asked] = []
        with self._taking:
            # The other threads have their part of the work.
            most = min(MOST, ceil(len(self._waiting) / self._workers))
            while len(taken) < most and self._waiting[0].library is (taken or self._waiting)[0].library:
                taken.append(self._waiting.popleft())
        return taken

    def _answer_each(self, asked: list[Asked], error: Exception) -> None:
        """Answer one by one after an error that may be another one's."""
        for each in asked:
            try:
                if len(asked) > 1:
                    self._answer([each])
                else:
                    each.answer.set_exception(error)
            except Exception as own:  # noqa: BLE001 - as above
                each.answer.set_exception(own)

    def _answer(self, asked: list[Asked]) -> None:
        if not asked:
            return
        now = datetime.now(timezone.utc)
        found = recommend_together(asked[0].library, [(each.seeds, each.wishes) for each in asked], now)
        for each, recommended in zip(asked, found, strict=True):
            if isinstance(recommended, InputError):
                each.answer.set_exception(recommended)
            else:
                each.answer.set_result(recommended)
