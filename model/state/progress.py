"""How far a run came, also one that was killed: for ``eiassembly doctor RUN.h5.partial``."""

import errno
from dataclasses import dataclass
from pathlib import Path

import h5py

from eiassembly.core import schema
from eiassembly.core.errors import FileFormatError
from eiassembly.core.files import check_format, damage_named, opened_hdf5
from eiassembly.core.journal import recover
from eiassembly.model.state.checkpoint import last_step


@dataclass(frozen=True)
class RunState:
    """How far a run came.

    Parameters
    ----------
    is_complete : bool
        Whether it came to its end.
    is_being_written : bool
        Whether a process is writing the file.
    was_repaired : bool
        Whether the file was left in mid-write, which has been put right.
    simulated, duration : float
        What there is, and what was planned, ms.
    snapshot : float
        Time of the last snapshot, from which the run can be resumed, ms; 0 if there is none.
    presentations, n_presentations : int
        Presentations of odors that are over, and all of them.
    """

    is_complete: bool
    is_being_written: bool
    was_repaired: bool
    simulated: float
    duration: float
    snapshot: float
    presentations: int
    n_presentations: int


def run_state(path: Path) -> RunState:
    """Say how far the run in a file came; one that was killed in mid-write is repaired first.

    Parameters
    ----------
    path : Path
        RUN.h5 or RUN.h5.partial.

    Raises
    ------
    FileFormatError
        Missing, damaged, not a run file, or of a run that was ended before it began.
    """
    is_being_written = was_repaired = False
    try:
        was_repaired = path.is_file() and recover(path)
    except OSError as error:  # without leave to write, the file is looked at as it is
        is_being_written = error.errno == errno.EBUSY
    if path.is_file() and path.stat().st_size == 0:
        raise FileFormatError(f"{path}: empty: the run was ended before it began")
    with opened_hdf5(path, schema.RUN_FORMAT, locking=False) as h5, damage_named(path, schema.RUN_FORMAT):
        if not h5.attrs and not len(h5):
            raise FileFormatError(
                f"{path}: nothing in it yet: the run has not begun, or was ended before it did"
            )
        check_format(path, h5, schema.RUN_FORMAT, schema.VERSION)
        return _state(h5, is_being_written, was_repaired)


def _state(h5: h5py.File, is_being_written: bool, was_repaired: bool) -> RunState:
    attributes = h5[schema.ROOT].attrs
    simulated, duration = (float(attributes[name]) for name in ("simulated", "duration"))
    offsets = h5[schema.PRESENTATIONS]["offset"][:]
    offsets = offsets[offsets <= duration * (1 + 1e-9)]
    return RunState(
        is_complete=bool(attributes["complete"]),
        is_being_written=is_being_written,
        was_repaired=was_repaired,
        simulated=simulated,
        duration=duration,
        snapshot=last_step(h5) * float(attributes["dt"]),
        presentations=int((offsets <= simulated * (1 + 1e-9)).sum()),
        n_presentations=len(offsets),
    )
