"""What an interrupted run has left, and whether a new one may go on from there."""

import errno
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from eiassembly.model import checkpoint, schema
from eiassembly.model.errors import ConfigError, EnvironmentProblemError
from eiassembly.model.files import check_format, damage_named, describe_os_error, opened_hdf5, partial_name
from eiassembly.model.journaled_file import recover
from eiassembly.model.snapshot import Snapshot


@dataclass(frozen=True)
class Wanted:
    """The run that is asked for.

    Parameters
    ----------
    config : mapping
        Resolved configuration; plain JSON values.
    network_hash, odors_hash : str
        Of the contents of NET.h5 and ODORS.h5.
    duration : float
        Simulated time, ms.
    """

    config: Mapping[str, Any]
    network_hash: str
    odors_hash: str
    duration: float


def recover_run(out: Path) -> None:
    """Bring what a killed process has left of a run into order, before anybody reads it.

    Raises
    ------
    EnvironmentProblemError
        Another process is writing the file, or it cannot be written.
    """
    partial = partial_name(out)
    try:
        if partial.is_file():
            recover(partial)
    except OSError as error:
        reason = "another run is writing it" if error.errno == errno.EBUSY else describe_os_error(error)
        raise EnvironmentProblemError(f"{partial}: cannot go on from it: {reason}") from error


def is_done(out: Path, wanted: Wanted) -> bool:
    """Whether the run is there already, and complete.

    Raises
    ------
    ConfigError
        The file is of another run.
    FileFormatError
        It is something else.
    """
    if not out.is_file():
        return False
    with opened_hdf5(out, schema.RUN_FORMAT) as h5, damage_named(out, schema.RUN_FORMAT):
        check_format(out, h5, schema.RUN_FORMAT, schema.VERSION)
        _check_same(out, h5, wanted)
        return bool(h5[schema.ROOT].attrs["complete"])


def resumed_from(out: Path, wanted: Wanted, history: Callable[[int], int]) -> Snapshot | None:
    """Read the last snapshot of an interrupted run; None if there is none to go on from.

    Parameters
    ----------
    out : Path
        RUN.h5 that is to be; the interrupted run is RUN.h5.partial.
    wanted : Wanted
        What is asked for.
    history : callable
        See `checkpoint.read`.

    Raises
    ------
    ConfigError
        The interrupted run was another one.
    FileFormatError
        Its file is damaged or of something else.
    """
    partial = partial_name(out)
    if not partial.is_file() or not partial.stat().st_size:
        return None
    with opened_hdf5(partial, schema.RUN_FORMAT, locking=False) as h5:
        if not h5.attrs:
            return None  # the run was ended before it had begun
        with damage_named(partial, schema.RUN_FORMAT):
            check_format(partial, h5, schema.RUN_FORMAT, schema.VERSION)
            _check_same(partial, h5, wanted)
            return checkpoint.read(h5, history)


def _check_same(path: Path, h5: h5py.File, wanted: Wanted) -> None:
    """Refuse a file of another network, other odours, other settings or another duration."""
    root = h5[schema.ROOT].attrs
    found = json.loads(h5[schema.CONFIG].asstr()[()])
    differing = [
        name
        for name, differs in {
            "network": root["network_hash"] != wanted.network_hash,
            "odors": root["odors_hash"] != wanted.odors_hash,
            "duration": abs(float(root["duration"]) - wanted.duration) > 1e-6,
            **_differing(found["simulation"], json.loads(json.dumps(wanted.config["simulation"]))),
        }.items()
        if differs
    ]
    if differing:
        raise ConfigError(
            f"{path}: expected the run that is to be resumed, found one with different "
            f"{', '.join(differing)}; remove it, or do without --resume"
        )


def _differing(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, bool]:
    """Compare the settings of two simulations, but not the duration, which is compared by itself."""
    return {key: found.get(key) != value for key, value in wanted.items() if key != "duration"}
