"""Client libraries talk a lot; people should hear from Segue alone."""

from __future__ import annotations

import io
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout

LOGGERS = ("huggingface_hub", "kagglehub", "kagglesdk", "filelock", "urllib3")


@contextmanager
def quiet() -> Iterator[None]:
    """Let nothing of what libraries print and log through, except progress bars on a terminal."""
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(redirect_stdout(io.StringIO()))
        if not sys.stderr.isatty():
            stack.enter_context(redirect_stderr(io.StringIO()))
        for name, level in levels.items():
            logging.getLogger(name).setLevel(logging.CRITICAL)
            stack.callback(logging.getLogger(name).setLevel, level)
        yield
