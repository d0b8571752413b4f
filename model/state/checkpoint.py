"""The last snapshot of a run, in its RUN.h5: what an interrupted run goes on from.

Layout of the group ``/eiassembly/checkpoint``::

    /                  attribute step: the last step that was simulated, 1-based; 0 before the first snapshot
    /<population>      float64 (n_cells, state width): V_m [mV], z [pA], refractory_steps, g [nS] by port

Spikes on their way are those of the last delay before that step, which are in the file anyway.
"""

from collections.abc import Callable, Mapping

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.core import schema
from eiassembly.model.state.snapshot import COLUMNS, Snapshot, Train


def make_room(h5: h5py.File, shapes: Mapping[str, tuple[int, int]]) -> None:
    """Make the group, for states of these shapes by population."""
    group = h5.create_group(schema.CHECKPOINT)
    group.attrs["step"] = np.int64(0)
    for name, shape in shapes.items():
        # Written in full: what HDF5 puts off would move things about when the first snapshot comes.
        group.create_dataset(name, data=np.zeros(shape)).attrs["columns"] = [*COLUMNS, "g by port"]


def write(h5: h5py.File, step: int, states: Mapping[str, NDArray[np.float64]]) -> None:
    """Replace the snapshot."""
    group = h5[schema.CHECKPOINT]
    for name, state in states.items():
        group[name][...] = state
    group.attrs.modify("step", np.int64(step))


def last_step(h5: h5py.File) -> int:
    """Return the step of the last snapshot; 0 if there is none."""
    return int(h5[schema.CHECKPOINT].attrs["step"]) if schema.CHECKPOINT in h5 else 0


def read(h5: h5py.File, history: Callable[[int], int]) -> Snapshot | None:
    """Read the snapshot; None if the file has none.

    Parameters
    ----------
    h5 : h5py.File
        RUN.h5 or what there is of it.
    history : callable
        From the step of the snapshot to that after which spikes are needed: older ones have arrived.
    """
    step = last_step(h5)
    if not step:
        return None
    states = {name: dataset[:] for name, dataset in h5[schema.CHECKPOINT].items()}
    return Snapshot(step, states, {name: _latest(h5, name, step, history(step)) for name in h5["spikes"]})


def n_spikes(h5: h5py.File, name: str, step: int) -> int:
    """Count the spikes of a population up to a step, without reading all of them."""
    times, dt = h5[f"spikes/{name}/timestamps"], float(h5[schema.ROOT].attrs["dt"])
    low, high = 0, len(times)
    while low < high:
        middle = (low + high) // 2
        if round(times[middle] / dt) <= step:
            low = middle + 1
        else:
            high = middle
    return low


def _latest(h5: h5py.File, name: str, step: int, after: int) -> Train:
    """Spikes from one step to another."""
    group, dt = h5[f"spikes/{name}"], float(h5[schema.ROOT].attrs["dt"])
    latest = slice(n_spikes(h5, name, after), n_spikes(h5, name, step))
    steps = np.rint(group["timestamps"][latest] / dt).astype(np.int64)
    return steps, group["node_ids"][latest].astype(np.int64)
