"""NEST is out of reach of tests that do not have the marker `nest`; conftest.py sees to it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from without_nest import sitecustomize


@contextmanager
def without_nest() -> Iterator[None]:
    """Nobody uses NEST: neither this process, which may have loaded it long ago, nor those that it starts."""

    def refuse(*arguments: Any) -> NoReturn:
        raise RuntimeError(sitecustomize.WHY)

    folders = [str(Path(sitecustomize.__file__).parent), os.environ.get("PYTHONPATH", "")]
    with pytest.MonkeyPatch.context() as patch:
        if nest := sys.modules.get("nest"):
            patch.setitem(vars(nest), "ResetKernel", refuse)  # which every simulation begins with
        patch.delitem(sys.modules, "nest", raising=False)
        patch.setattr(sys, "meta_path", [sitecustomize.NoNest(), *sys.meta_path])
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, folders)))
        yield
