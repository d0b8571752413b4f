"""The command line as a user meets it: a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "eiassembly")


def environment(**changes: str) -> dict[str, str]:
    """This process's environment, without what an MPI loaded here would tell its children (Open MPI < 5)."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PMIX_", "OMPI_COMM", "OMPI_MCA", "PMI_"))
    }
    return inherited | changes


def run_command(
    *arguments: str | Path,
    variables: Mapping[str, str] | None = None,
    prefix: tuple[str, ...] = (),
    command: tuple[str, ...] = COMMAND,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run ``eiassembly`` and capture its output; ``options`` are those of subprocess.run."""
    return subprocess.run(
        [*prefix, *command, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment(**variables or {}),
        check=False,
        **options,
    )
