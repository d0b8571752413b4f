"""MATLAB files (version 5) as checked NumPy arrays: what the authors of the model published."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eiassembly.core.errors import FileFormatError

Array = NDArray[Any]


class MatFile:
    """Variables of a MATLAB file; every access says what it expects and every error names file and key.

    Parameters
    ----------
    path : Path
        The file.
    keys : sequence of str
        Variables to read; those that the file lacks are complained about when they are asked for.

    Raises
    ------
    FileFormatError
        Missing, not a MATLAB file of version 5, or damaged.
    """

    def __init__(self, path: Path, keys: Sequence[str]) -> None:
        from scipy import io  # as long as all other imports of a command that may read such a file

        self.path = path
        if not path.is_file():
            raise FileFormatError(f"{path}: no such file; expected a MATLAB file")
        try:
            self._variables: dict[str, Any] = io.loadmat(path, variable_names=list(keys))
        except NotImplementedError as error:
            raise FileFormatError(f"{path}: expected a MATLAB file of version 5 to 7.2, found 7.3") from error
        except Exception as error:  # scipy and zlib raise many kinds for a damaged file
            raise FileFormatError(f"{path}: not a readable MATLAB file (damaged or truncated?)") from error

    def __contains__(self, key: str) -> bool:
        return key in self._variables

    def array(self, key: str, shape: tuple[int | None, ...]) -> Array:
        """Return a numeric array.

        Parameters
        ----------
        key : str
            Name of the variable.
        shape : tuple
            Expected shape; None where any length will do.
        """
        if key not in self:
            raise FileFormatError(f"{self.path}: {key}: expected a variable of this name, found none")
        found = self._variables[key]
        found = found.toarray() if hasattr(found, "toarray") else found  # sparse ones have it
        if not isinstance(found, np.ndarray) or found.dtype.kind not in "biuf":
            raise self.error(key, "real numbers", f"type {getattr(found, 'dtype', type(found).__name__)}")
        if len(found.shape) != len(shape) or any(
            want not in (None, have) for want, have in zip(shape, found.shape, strict=True)
        ):
            expected = ", ".join("any" if length is None else str(length) for length in shape)
            raise self.error(key, f"shape ({expected})", f"{found.shape}")
        return found

    def integers(self, key: str, shape: tuple[int | None, ...], low: int, high: int) -> Array:
        """Return an array whose entries are whole numbers from ``low`` to ``high``."""
        array = self.array(key, shape)
        self.check_integers(key, array, low, high)
        return array

    def check_integers(self, key: str, array: Array, low: int, high: int) -> None:
        """Raise FileFormatError unless all entries are whole numbers from ``low`` to ``high``."""
        if array.size == 0:
            return
        expected = f"integers from {low} to {high}"
        if array.dtype.kind == "f" and not (array == np.rint(array)).all():
            raise self.error(key, expected, f"{array[array != np.rint(array)][0]}")
        for extreme in (array.min(), array.max()):
            if not low <= extreme <= high:
                raise self.error(key, expected, f"{extreme}")

    def error(self, key: str, expected: str, found: str) -> FileFormatError:
        """Return the error that names this file and a variable."""
        return FileFormatError(f"{self.path}: {key}: expected {expected}, found {found}")
