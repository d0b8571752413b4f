"""The folder of a run: its files, and its log of what has been tried."""

import datetime
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eiassembly.campaign.locking import Owner
from eiassembly.campaign.plan import RUN, Campaign, PlannedRun, identity
from eiassembly.core import schema
from eiassembly.core.files import opened, partial_name

STARTED, DONE, STOPPED, FAILED = "started", "done", "stopped", "failed"
"""First words of entries of the log."""


@dataclass(frozen=True)
class RunFolder:
    """Files of a run.

    Parameters
    ----------
    path : Path
        The folder.
    """

    path: Path

    @property
    def run(self) -> Path:
        """RUN.h5."""
        return self.path / RUN

    @property
    def partial(self) -> Path:
        """RUN.h5 while it is written."""
        return partial_name(self.run)

    @property
    def network(self) -> Path:
        """NET.h5; removed when the run is done, which has a copy."""
        return self.path / "net.h5"

    @property
    def odors(self) -> Path:
        """ODORS.h5; removed when the run is done, which has the same."""
        return self.path / "odors.h5"

    @property
    def lock(self) -> Path:
        """Locked by who works on the run."""
        return self.path / "lock"

    @property
    def log(self) -> Path:
        """One line per beginning and end of an attempt."""
        return self.path / "log"

    def note(self, word: str, text: str = "") -> None:
        """Add a line to the log."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        with self.log.open("a", encoding="utf-8", errors="surrogateescape") as log:
            log.write(" ".join((now, word, *text.split())) + "\n")

    def note_start(self, ranks: int, threads: int) -> None:
        """Add who begins to work on the run."""
        self.note(STARTED, f"by {Owner.this()}, {ranks} ranks, {threads} threads")

    def last_note(self) -> tuple[str, str]:
        """Return word and text of the last whole line of the log; empty if there is none."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "", ""
        found = re.findall(r"^\S+ (\w+) ?(.*)\n", text, re.MULTILINE)
        return found[-1] if found else ("", "")

    def set_aside(self, path: Path) -> None:
        """Keep what is no result under another name, out of the way of one."""
        path.replace(path.with_name(f"{path.name}.broken"))


def folder_of(campaign: Campaign, run: PlannedRun) -> RunFolder:
    """Return the folder of a run."""
    return RunFolder(campaign.folder / "runs" / run.name)


def stored_identity(path: Path) -> tuple[str, bool]:
    """Read from RUN.h5 the hash of its resolved configuration, and whether it is complete.

    Parameters
    ----------
    path : Path
        RUN.h5.

    Returns
    -------
    str
        See `identity`; empty where the network is not one of ours or not all of the protocol was simulated.
    bool
        Whether the run came to its end.

    Raises
    ------
    FileFormatError
        Damaged, or no run file.
    """
    with opened(path, schema.RUN_FORMAT, schema.VERSION) as h5:
        root = h5[schema.ROOT].attrs
        config = json.loads(h5[schema.CONFIG].asstr()[()])
        return _identity(config), bool(root["complete"])


def _identity(config: dict[str, Any]) -> str:
    built_of = config["network"].get("config")
    if built_of is None:
        return ""
    # The spikes that are replayed are those of a run that is part of the configuration.
    simulation = {key: value for key, value in config["simulation"].items() if key != "replayed_hash"}
    return identity(built_of["network"], built_of["odors"], simulation)
