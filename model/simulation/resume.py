"""Going on: what an interrupted run has left, and whether a new one may continue from there.

Or from the snapshot of another run: with other input, another protocol or other memories.
"""

import errno
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from eiassembly.config.simulation import Dynamics
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core import schema
from eiassembly.core.errors import ConfigError, EnvironmentProblemError
from eiassembly.core.files import check_format, damage_named, describe_os_error, opened_hdf5, partial_name
from eiassembly.core.journal import recover
from eiassembly.model.protocol.interventions import Interventions
from eiassembly.model.state import checkpoint
from eiassembly.model.state.snapshot import Snapshot


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
    """Read the last snapshot of an interrupted run; None if there is none to continue from.

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
    """Refuse a file of another network, other odors, other settings or another duration."""
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


@dataclass(frozen=True)
class Before:
    """What was simulated before.

    Parameters
    ----------
    snapshot : Snapshot
        With all spikes up to its step.
    origin : mapping
        What tells it from others: step, network_hash, odors_hash; plain JSON values.
    """

    snapshot: Snapshot
    origin: Mapping[str, Any]


def read_before(path: Path, wiring: Wiring, dynamics: Dynamics, n_steps: int) -> Before:
    """Read the last snapshot of a run, and all spikes before it.

    Parameters
    ----------
    path : Path
        RUN.h5, or RUN.h5.partial.
    wiring : Wiring
        Goes on; its neurons and projections are those of the run, its connections need not be.
    dynamics : Dynamics
        Step and delay are those of the run.
    n_steps : int
        Where the new run ends.

    Raises
    ------
    FileFormatError
        The file is damaged or of something else.
    ConfigError
        It has no snapshot, or does not fit.
    """
    with opened_hdf5(path, schema.RUN_FORMAT) as h5, damage_named(path, schema.RUN_FORMAT):
        check_format(path, h5, schema.RUN_FORMAT, schema.VERSION)
        _check_fits(path, h5, wiring, dynamics)
        snapshot = checkpoint.read(h5, lambda _: 0)
        if snapshot is None:
            raise ConfigError(
                f"{path}: expected a run with a snapshot (--checkpoint-every), found none in it"
            )
        if snapshot.step >= n_steps:
            end, found = n_steps * dynamics.dt, snapshot.step * dynamics.dt
            raise ConfigError(f"{path}: expected a snapshot before the end, {end:g} ms, found {found:g} ms")
        hashes = {name: str(h5[schema.ROOT].attrs[name]) for name in ("network_hash", "odors_hash")}
        return Before(snapshot, {"step": snapshot.step, **hashes})


def _check_fits(path: Path, h5: h5py.File, wiring: Wiring, dynamics: Dynamics) -> None:
    group = h5[schema.NETWORK]
    found: dict[str, Any] = {
        "populations": {name: int(group["populations"][name].attrs["size"]) for name in group["populations"]},
        "projections": sorted(group["projections"]),
        **{name: float(h5[schema.ROOT].attrs[name]) for name in ("dt", "delay")},
    }
    wanted: dict[str, Any] = {
        "populations": {p.name: p.size for p in wiring.populations},
        "projections": sorted(p.name for p in wiring.projections),
        **{name: getattr(dynamics, name) for name in ("dt", "delay")},
    }
    for name, value in wanted.items():
        if found[name] != value:
            raise ConfigError(f"{path}: {name}: expected {value}, to go on from it, found {found[name]}")


def check_nothing_in_the_past(protocol: Interventions, step: int, dt: float) -> None:
    """Refuse to displace states, or change spikes, before a simulation begins.

    Raises
    ------
    ConfigError
        Says so.
    """
    displaced = [edit.step + 1 for edit in protocol.edits if not edit.holds]
    changed = [one.step for one in (*protocol.dropped, *protocol.given)]
    earliest = min([*displaced, *changed], default=step + 1)
    if earliest <= step:
        raise ConfigError(
            f"--from-snapshot: expected nothing that is displaced or perturbed before the snapshot at "
            f"{step * dt:g} ms, found something"
        )
