"""Python loads this at its start from folders on its path: in what tests without the marker nest start."""

import sys
from importlib.abc import MetaPathFinder
from typing import Any

WHY = "NEST is used by a test without the marker nest, which would not run with every build of NEST"


class NoNest(MetaPathFinder):
    """Asked before all others where modules are."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        """Refuse NEST; of other modules nothing is known here."""
        if fullname == "nest":
            raise RuntimeError(WHY)


if __name__ == "sitecustomize":
    sys.meta_path.insert(0, NoNest())
