"""Going on from the snapshot of another run: with other input, another protocol or other memories."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from eiassembly.connectivity.wiring import Wiring
from eiassembly.model import checkpoint, schema
from eiassembly.model.edits import Displacement
from eiassembly.model.errors import ConfigError
from eiassembly.model.files import check_format, damage_named, opened_hdf5
from eiassembly.model.intervening import Interventions
from eiassembly.model.settings import Dynamics
from eiassembly.model.snapshot import Snapshot


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
    displaced = [edit.step + 1 for edit in protocol.edits if isinstance(edit, Displacement)]
    changed = [one.step for one in (*protocol.dropped, *protocol.given)]
    earliest = min([*displaced, *changed], default=step + 1)
    if earliest <= step:
        raise ConfigError(
            f"--from-snapshot: expected nothing that is displaced or perturbed before the snapshot at "
            f"{step * dt:g} ms, found something"
        )
