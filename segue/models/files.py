"""Models in files: their arrays are mapped into memory, not read, and nobody trusts what a file holds.

A file is a pickle of two things, the model's own pickle (protocol 5) and the sizes in bytes of its arrays, and then the
arrays themselves. Opening it takes a millisecond however large it is; processes that open the same one share its
memory.
"""

from __future__ import annotations

import mmap
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sklearn.exceptions import InconsistentVersionWarning

from segue.errors import RegistryError, UnusableModelError

Model = TypeVar("Model")
ALIGNMENT = 64
"""Where arrays begin, in bytes: in lines of the processor's cache."""


def write_mapped(path: Path, model: object) -> None:
    """Write a model so that `read_mapped` can open it.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    buffers: list[pickle.PickleBuffer] = []
    pickled = pickle.dumps(model, protocol=5, buffer_callback=buffers.append)
    arrays = [buffer.raw() for buffer in buffers]
    with path.open("wb") as file:
        pickle.dump((pickled, [array.nbytes for array in arrays]), file)
        for array in arrays:
            file.write(bytes(-file.tell() % ALIGNMENT))
            file.write(array)


def read_mapped(path: Path, check: Callable[[object], Model]) -> Model:
    """Open a model; its arrays are mapped into memory, not read.

    Parameters
    ----------
    path : Path
        What `write_mapped` wrote.
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
            return check(_open(path))
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


def _open(path: Path) -> object:
    with path.open("rb") as file:
        pickled, sizes = pickle.load(file)  # noqa: S301 - what a registry hands out was trained by its owner
        end = file.tell()
        whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    arrays = []
    for size in sizes:
        start = end + -end % ALIGNMENT
        end = start + size
        arrays.append(whole[start:end])
    if end > len(whole):
        raise EOFError("the file is cut short")
    return pickle.loads(pickled, buffers=arrays)  # noqa: S301 - the same
