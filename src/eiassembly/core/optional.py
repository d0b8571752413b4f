"""Packages of other people that only notebooks need: imported when asked for, missed in one line."""

import importlib
from typing import Any

from eiassembly.core.errors import EnvironmentProblemError


def needed(name: str) -> Any:
    """Import a package of the extra ``notebook``.

    Parameters
    ----------
    name : str
        Of the package, e.g. ``pandas``.

    Returns
    -------
    module
        The package.

    Raises
    ------
    EnvironmentProblemError
        It is not installed, or does not load.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise EnvironmentProblemError(f"{name} does not load: {error}") from error
        raise EnvironmentProblemError(
            f"{name} is not installed: pip install {name}, or pip install 'eiassembly[notebook]' for all "
            "that notebooks use"
        ) from error
