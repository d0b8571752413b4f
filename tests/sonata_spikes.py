"""Spike files as other people's programs write them, from the same spikes."""

import h5py
import numpy as np
import pytest

SORTING = {"none": 0, "by_id": 1, "by_time": 2}
"""Of the SONATA specification; an enumeration in the file."""
CELLS = {"E": 6, "I": 3}


def regular_trains():
    """By population (times [ms], ids), by cell: cell c fires every 71 + 10·c ms until 8 s."""
    trains = {}
    for name, n_cells in CELLS.items():
        times = [np.arange(17 + c, 8000, 71 + 10 * c, np.float64) for c in range(n_cells)]
        ids = np.repeat(np.arange(n_cells), [len(t) for t in times])
        trains[name] = np.concatenate(times), ids
    return trains


def write_sonata(path, trains, sorting="by_time", units="ms"):
    """Write as the specification says; ``sorting`` is left out if None, text if it begins with a quote."""
    with h5py.File(path, "w") as h5:
        h5.attrs["magic"] = np.uint32(0x0A7A)
        h5.attrs["version"] = np.array([0, 1], np.uint32)
        for name, (times, ids) in trains.items():
            group = h5.create_group(f"spikes/{name}")
            order = np.argsort(times, kind="stable") if sorting == "by_time" else np.arange(len(times))
            group.create_dataset("timestamps", data=times[order], dtype=np.float64)
            group.create_dataset("node_ids", data=ids[order], dtype=np.uint64)
            if units is not None:
                group["timestamps"].attrs["units"] = units
            if sorting is not None and sorting.startswith("'"):
                group.attrs["sorting"] = sorting.strip("'")
            elif sorting is not None:
                group.attrs.create("sorting", SORTING[sorting], dtype=h5py.enum_dtype(SORTING, basetype="u1"))
    return path


def write_with_bmtk(path, trains):
    """Write with the Brain Modeling Toolkit, sorted by cell; skips without it."""
    bmtk = pytest.importorskip("bmtk.utils.reports.spike_trains", reason="needs bmtk and pandas")
    table = bmtk.SpikeTrains()
    for name, (times, ids) in trains.items():
        for time, cell in zip(times.tolist(), ids.tolist(), strict=True):
            table.add_spike(cell, time, population=name)
    table.to_sonata(str(path), sort_order=bmtk.sort_order.by_id)
    return path
