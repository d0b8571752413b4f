"""Small networks from arrays to RUN.h5 and back, simulated in this process."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from nest_kernel import extension
from numpy.typing import NDArray

from eiassembly.config.parameters import EXCITATORY, INHIBITORY, NeuronParameters, Population
from eiassembly.config.simulation import Dynamics, Execution
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.core.communicator import SerialCommunicator
from eiassembly.model.simulation.request import Request
from eiassembly.odors import file as odor_file
from eiassembly.odors.odors import Odor, OdorSet, Presentation

Ids = NDArray[np.int64]
SIZES = {"OB": 40, "E": 60, "I": 20}
CONTACTS = (1, 1, 1, 1, 2, 3, 7)
"""Multiplicities of connections; most pairs have one contact."""


def random_network(
    seed: int,
    neurons: Mapping[str, NeuronParameters] | None = None,
    drive: float = 1.0,
) -> Wiring:
    """All populations project to all neurons, themselves too: 30 % of the pairs, random strengths.

    Parameters
    ----------
    seed : int
        Of everything.
    neurons : mapping, optional
        Population → parameters, by default E and I of Table 1; names with an I inhibit.
    drive : float
        Strengths of the excitatory projections are multiplied by this.
    """
    rng = np.random.default_rng(seed)
    neurons = neurons or {"E": EXCITATORY, "I": INHIBITORY}
    sign = {name: "inhibitory" if "I" in name else "excitatory" for name in ("OB", *neurons)}
    populations = [Population(name="OB", size=SIZES["OB"], sign="excitatory")]
    populations += [
        Population(name=name, size=SIZES.get(name, 25), sign=sign[name], neuron=p)
        for name, p in neurons.items()
    ]
    projections = []
    for target in populations[1:]:
        for source in populations:
            strength = rng.uniform(0.05, 0.3) * (drive if source.sign == "excitatory" else 1)
            projections.append(_projection(rng, source, target, strength))
    return Wiring(tuple(populations), tuple(projections), (), {"structure": "rand", "seed": seed})


def _projection(
    rng: np.random.Generator, source: Population, target: Population, strength: float
) -> Projection:
    connected = rng.random((target.size, source.size)) < 0.3
    sources = np.nonzero(connected)[1]
    offsets = np.concatenate(([0], np.cumsum(connected.sum(axis=1)))).astype(np.int64)
    contacts = rng.choice(CONTACTS, len(sources)).astype(np.uint8)
    return Projection(
        source.name, target.name, strength, source.size, offsets, sources.astype(np.int32), contacts
    )


def poisson_odors(
    seed: int, n_steps: int, rate: float = 30.0, n_mitral: int = SIZES["OB"], dt: float = 0.1
) -> OdorSet:
    """Poisson spikes of all mitral cells [Hz], some cells firing twice in a step; one presentation."""
    rng = np.random.default_rng(seed)
    steps, ids = np.nonzero(rng.random((n_steps, n_mitral)) < rate * dt / 1000)
    twice = 1 + (rng.random(len(steps)) < 0.05)
    presentation = Presentation(0.0, n_steps * dt, 0, "novel")
    return OdorSet(
        n_mitral, dt, n_steps, (), (presentation,), np.repeat(steps + 1, twice), np.repeat(ids, twice),
        {"seed": seed},
    )  # fmt: skip


def small_recipe(seed: int, dt: float = 0.1) -> OdorSet:
    """Spike trains to be drawn: 2.4 s, two strong odors, one right after the other, and the first again."""
    rng = np.random.default_rng(seed)
    odors = tuple(_small_odor(rng, number) for number in range(2))
    shown = ((600.0, 0), (1050.0, 1), (1800.0, 0))
    presentations = tuple(Presentation(onset, onset + 450.0, number, "novel") for onset, number in shown)
    nothing = np.empty(0, np.int64)
    return OdorSet(
        SIZES["OB"], dt, round(2400 / dt), odors, presentations, nothing, nothing, {"seed": seed}, seed
    )


def _small_odor(rng: np.random.Generator, number: int) -> Odor:
    cells = rng.permutation(SIZES["OB"])
    return Odor(
        number=number,
        activated=cells[:20],
        rate=rng.integers(40, 80, 20).astype(float),
        decay=np.full(20, 1000.0),
        latency=rng.integers(1, 200, 20).astype(float),
        inhibited=cells[20:30],
        inhibited_rate=np.ones(10),
        inhibited_latency=rng.integers(1, 200, 10).astype(float),
    )


def given_spikes(odors: OdorSet, first: int, last: int) -> tuple[Ids, Ids]:
    """Spikes of the mitral cells in the steps ``first`` < s <= ``last``: (steps, ids)."""
    low, high = np.searchsorted(odors.steps, [first + 1, last + 1])
    return odors.steps[low:high], odors.ids[low:high]


def saved(folder: Path, wiring: Wiring, odors: OdorSet) -> tuple[Path, Path]:
    """NET.h5 and ODORS.h5 in a folder."""
    paths = folder / "net.h5", folder / "odors.h5"
    network_file.save(wiring, paths[0])
    odor_file.save(odors, paths[1])
    return paths


def simulated(
    folder: Path,
    wiring: Wiring,
    odors: OdorSet,
    threads: int = 1,
    block: float = 1000.0,
    checkpoint_every: float | None = None,
    resume: bool = False,
    before: Path | None = None,
    **dynamics: Any,
) -> Path:
    """RUN.h5 of a network with an odor set."""
    from eiassembly.model.simulation.simulate import simulate  # imports NEST

    out = folder / f"run_{threads}.h5"
    how = Execution(threads=threads, block=block, checkpoint_every=checkpoint_every, resume=resume)
    settings = Dynamics(**dynamics)
    module = extension() if settings.neuron == "extension" else None
    request = Request(*saved(folder, wiring, odors), out, settings, how, before=before)
    simulate(request, SerialCommunicator(), module)
    return out


def spikes_of(run: Path, dt: float = 0.1) -> dict[str, tuple[Ids, Ids]]:
    """Spikes as (steps, ids) in the order of the file, by population."""
    with h5py.File(run) as h5:
        return {
            name: (
                np.rint(group["timestamps"][:] / dt).astype(np.int64),
                group["node_ids"][:].astype(np.int64),
            )
            for name, group in h5["spikes"].items()
        }


def records_of(run: Path, population: str, dt: float = 0.1) -> tuple[Ids, dict[str, NDArray[np.float64]]]:
    """Steps of the samples, and by quantity the values (n_times, n_cells)."""
    with h5py.File(run) as h5:
        group = h5[f"eiassembly/records/{population}"]
        steps = np.rint(group["times"][:] / dt).astype(np.int64)
        return steps, {name: group[name][:] for name in group if name not in ("times", "node_ids")}
