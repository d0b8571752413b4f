"""LYAPUNOV.h5: how small differences grow in a network, as a file.

Layout::

    /                     attributes: format, version_number, network_hash, odors_hash, seed, dt, delay [ms]
    /description          where the network comes from, JSON
    /sizes                of the differences, mV
    /epochs/<index>       attributes: epoch (baseline, or kind of odor), odor, start, interval, apart [ms]
        rates             (n_sizes, n_intervals) ln(d / size) per second: growth in every interval
        distances         (n_spikes, n_times) distance to a copy with an added spike, every ``apart``, mV
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from eiassembly.core.arrays import Floats
from eiassembly.core.errors import FileFormatError
from eiassembly.core.files import opened
from eiassembly.core.hdf5 import created
from eiassembly.core.schema import LYAPUNOV_FORMAT, VERSION


@dataclass(frozen=True, eq=False)
class Epoch:
    """Growth of differences from one moment on.

    Parameters
    ----------
    epoch : str
        ``baseline``, ``learned``, ``novel`` or ``mixture``.
    odor : int
        The odor, or -1.
    start, interval : float
        The moment, and the time after which differences are set back, ms.
    apart : float
        Distance in time of ``distances``, ms; the first one is so long after the spike.
    rates : ndarray of float64, shape (n_sizes, n_intervals)
        Growth rate in every interval, 1/s.
    distances : ndarray of float64, shape (n_spikes, n_times)
        Distance to a copy with an added spike, mV.
    """

    epoch: str
    odor: int
    start: float
    interval: float
    apart: float
    rates: Floats
    distances: Floats


@dataclass(frozen=True, eq=False)
class GrowthFile:
    """All of LYAPUNOV.h5.

    Parameters
    ----------
    network_hash, odors_hash : str
        Content hashes of what was simulated.
    dt, delay : float
        Time step and transmission delay, ms.
    seed : int
        Of the differences.
    sizes : ndarray of float64, shape (n_sizes,)
        Sizes of the differences, mV.
    epochs : tuple of Epoch
        What was measured.
    description : mapping
        Where the network comes from; plain JSON values.
    """

    network_hash: str
    odors_hash: str
    dt: float
    delay: float
    seed: int
    sizes: Floats
    epochs: tuple[Epoch, ...]
    description: Mapping[str, Any] = field(default_factory=dict)


_LABELS, _TIMES = ("epoch", "odor"), ("start", "interval", "apart")
_ATTRIBUTES = ("network_hash", "odors_hash", "dt", "delay", "seed")


def save(found: GrowthFile, path: Path) -> None:
    """Write LYAPUNOV.h5.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    with created(path) as h5:
        h5.attrs.update(format=LYAPUNOV_FORMAT, version_number=VERSION)
        h5.attrs.update({name: getattr(found, name) for name in _ATTRIBUTES})
        h5["description"] = json.dumps(found.description)
        _write(h5, "sizes", found.sizes, "mV")
        for index, epoch in enumerate(found.epochs):
            group = h5.create_group(f"epochs/{index}")
            group.attrs.update({name: getattr(epoch, name) for name in (*_LABELS, *_TIMES)}, units="ms")
            _write(group, "rates", epoch.rates, "1/s")
            _write(group, "distances", epoch.distances, "mV")


def _write(group: h5py.Group, name: str, values: Floats, units: str) -> None:
    group[name] = values
    group[name].attrs["units"] = units


def load(path: Path) -> GrowthFile:
    """Read LYAPUNOV.h5.

    Raises
    ------
    FileFormatError
        Missing, damaged or of another kind.
    """
    with opened(path, LYAPUNOV_FORMAT, VERSION) as h5:
        sizes = h5["sizes"][:]
        return GrowthFile(
            **{name: h5.attrs[name] for name in _ATTRIBUTES},
            sizes=sizes,
            epochs=tuple(_epochs(h5["epochs"], len(sizes))),
            description=json.loads(h5["description"].asstr()[()]),
        )


def _epochs(groups: h5py.Group, n_sizes: int) -> Iterator[Epoch]:
    for index in range(len(groups)):
        group = groups[str(index)]
        rates = np.asarray(group["rates"][:], np.float64)
        if rates.shape[:1] != (n_sizes,):
            raise FileFormatError(
                f"{group.file.filename}: epochs/{index}/rates: expected {n_sizes} rows, found {rates.shape}"
            )
        yield Epoch(
            epoch=str(group.attrs["epoch"]),
            odor=int(group.attrs["odor"]),
            **{name: float(group.attrs[name]) for name in _TIMES},
            rates=rates,
            distances=group["distances"][:],
        )
