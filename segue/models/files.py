"""Reading models from files, without trust in what the files hold."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import joblib
from sklearn.exceptions import InconsistentVersionWarning

from segue.errors import RegistryError, UnusableModelError

Model = TypeVar("Model")


def read_mapped(path: Path, check: Callable[[object], Model]) -> Model:
    """Open a model; its arrays are mapped into memory, not read.

    Parameters
    ----------
    path : Path
        What `joblib.dump` wrote, not compressed.
    check : callable
        Returns what was read, or raises an error if it is no model of the right kind.

    Raises
    ------
    UnusableModelError
        If the file is missing or damaged, was written by another version of scikit-learn, or fails the check.
    RegistryError
        If this machine cannot read it now, whatever it holds.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", InconsistentVersionWarning)
            return check(joblib.load(path, mmap_mode="r"))
    except InconsistentVersionWarning as warning:
        raise UnusableModelError(
            f"{path.parent}: trained with scikit-learn {warning.original_sklearn_version}, but "
            f"{warning.current_sklearn_version} is installed: run `segue train`"
        ) from None
    except (PermissionError, MemoryError) as error:
        raise RegistryError(f"{path}: cannot be read now ({type(error).__name__}: {error})") from error
    except Exception as error:  # a damaged file can make the unpickler raise anything
        what = f"{type(error).__name__}: {error}"
        raise UnusableModelError(
            f"{path.parent}: cannot be used ({what}); run `segue train` for a new version"
        ) from error
