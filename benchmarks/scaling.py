"""The scaling series: costs without the start, events, and formulas fitted to them.

Two windows of every run are used: the baseline after its first block, and the odor. The first block holds
what NEST does once (sorting connections, exchanging tables) and is the start's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import nnls

from benchmarks.results import Row, select

Results = Mapping[str, Any]
WINDOWS = ("baseline", "odor")


@dataclass(frozen=True)
class SteadyWindow:
    """Steady simulation in a part of a run.

    Parameters
    ----------
    seconds_per_second : float
        Wall clock per biological time.
    spikes : mapping of str to float
        Spikes of all cells by population, per biological second.
    """

    seconds_per_second: float
    spikes: Mapping[str, float]


def window(row: Row, plan: Mapping[str, float], first: float, last: float) -> SteadyWindow:
    """Cut a window [ms], whole blocks, out of a run; ValueError if lines of progress are missing."""
    block, marks = plan["block"], row["marks_s"]
    if len(marks) != round(row["duration"] / block):
        raise ValueError(f"expected one line of progress per block of {block:g} ms, found {len(marks)}")
    begin, end = round(first / block), round(last / block)
    seconds = (last - first) / 1000
    spikes = {name: sum(counts[begin:end]) / seconds for name, counts in row["block_spikes"].items()}
    return SteadyWindow((marks[end - 1] - marks[begin - 1]) / seconds, spikes)


def windows(row: Row, plan: Mapping[str, float]) -> dict[str, SteadyWindow]:
    """Return the baseline without its first block, and the odor."""
    onset = plan["baseline"]
    return {
        "baseline": window(row, plan, plan["block"], onset),
        "odor": window(row, plan, onset, onset + plan["odor"]),
    }


def steady_cost(row: Row, plan: Mapping[str, float]) -> float:
    """Wall clock per biological second from the end of the first block on."""
    return window(row, plan, plan["block"], row["duration"]).seconds_per_second


def start(row: Row, plan: Mapping[str, float]) -> float:
    """Wall clock of the run loop that is not simulation, s: what NEST prepares in the first block."""
    simulated = window(row, plan, plan["block"], row["duration"]).seconds_per_second
    return max(0.0, float(row["simulate_s"] - simulated * row["duration"] / 1000))


def peak_total(row: Row) -> float:
    """Peak memory of all processes, MiB; an upper bound for several, of which the largest is known."""
    return float(row["peak_MiB"] * row["ranks"])


def wired(results: Results, scale: int) -> Row:
    """Sizes of the network of a scale."""
    return select(results["wiring"], scale=scale)[0]


def cost_per_neuron(row: Row, results: Results) -> float:
    """Wall clock per biological second and neuron, s."""
    return steady_cost(row, results["plan"]) / float(wired(results, row["scale"])["neurons"])


def events(window_: SteadyWindow, network: Row) -> float:
    """Spikes that arrive at synapses, per biological second."""
    return float(sum(count * network["fan_out"][name] for name, count in window_.spikes.items()))


@dataclass(frozen=True)
class Fit:
    """A sum of terms with coefficients that are not negative, fitted to relative deviations.

    Parameters
    ----------
    coefficients : mapping of str to float
        By the name of the term.
    worst, typical : float
        Largest and root-mean-square relative deviation of the measurements.
    n : int
        Number of measurements.
    """

    coefficients: Mapping[str, float]
    worst: float
    typical: float
    n: int

    def __call__(self, **terms: float) -> float:
        """Value of the formula for given terms; those that are left out are 0."""
        return sum(self.coefficients[name] * value for name, value in terms.items())


def fit(terms: Mapping[str, ArrayLike], measured: ArrayLike) -> Fit:
    """Fit ``measured ≈ Σ coefficient × term``, every measurement with the same relative weight.

    Parameters
    ----------
    terms : mapping of str to array_like, shape (n,)
        Values of each term.
    measured : array_like, shape (n,)
        Positive.
    """
    wanted = np.asarray(measured, np.float64)
    values = np.array([np.asarray(term, np.float64) for term in terms.values()]).T / wanted[:, None]
    # Columns of one size: event counts and constants differ by ten orders of magnitude.
    size = np.abs(values).max(axis=0)
    size[size == 0] = 1.0
    found, _ = nnls(values / size, np.ones(len(wanted)))
    deviation = (values / size) @ found - 1
    return Fit(
        dict(zip(terms, (found / size).tolist(), strict=True)),
        float(np.abs(deviation).max()),
        float(np.sqrt(np.mean(deviation**2))),
        len(wanted),
    )


@dataclass(frozen=True)
class Model:
    """What a run takes, as formulas; terms are per rank unless they are totals.

    Parameters
    ----------
    simulate : Fit
        Wall clock per biological second: ``neurons`` and ``events`` per core, all ``spikes``, ``constant``.
    load, connect, prepare : Fit
        Wall clock, s.
    memory : Fit
        Peak memory of a rank, bytes.
    wiring, wiring_memory : Fit
        Of `network build`: s and bytes.
    """

    simulate: Fit
    load: Fit
    connect: Fit
    prepare: Fit
    memory: Fit
    wiring: Fit
    wiring_memory: Fit


def fit_model(results: Results) -> Model:
    """Fit all formulas to the scaling series."""
    rows, plan = results["scaling"], results["plan"]
    networks = [wired(results, row["scale"]) for row in rows]
    cores = np.array([row["ranks"] * row["threads"] for row in rows], float)
    ranks = np.array([row["ranks"] for row in rows], float)
    synapses = np.array([network["synapses"] for network in networks], float)
    neurons = np.array([network["neurons"] for network in networks], float)
    ones = np.ones(len(rows))
    sizes = results["wiring"]
    wired_synapses = [network["synapses"] for network in sizes]
    share = {"synapses": synapses / cores, "constant": ones}
    return Model(
        simulate=_fit_simulation(rows, networks, plan),
        load=fit(
            {"synapses": synapses, "own_synapses": synapses / ranks, "constant": ones},
            [row["load_s"] for row in rows],
        ),
        connect=fit(share, [row["build_s"] for row in rows]),
        prepare=fit(share, [max(start(row, plan), 0.01) for row in rows]),
        memory=fit(
            {"synapses": synapses / ranks, "neurons": neurons, "constant": ones},
            [row["peak_MiB"] * 2**20 for row in rows],
        ),
        wiring=fit({"synapses": wired_synapses}, [network["wire_s"] for network in sizes]),
        wiring_memory=fit(
            {"synapses": wired_synapses, "constant": [1.0] * len(sizes)},
            [network["peak_MiB"] * 2**20 for network in sizes],
        ),
    )


def _fit_simulation(rows: Sequence[Row], networks: Sequence[Row], plan: Mapping[str, float]) -> Fit:
    terms: dict[str, list[float]] = {"neurons": [], "events": [], "spikes": [], "constant": []}
    measured = []
    for row, network in zip(rows, networks, strict=True):
        cores = row["ranks"] * row["threads"]
        for found in windows(row, plan).values():
            if found.seconds_per_second <= 0:
                continue  # two lines of progress were read at once, on a busy machine and with short blocks
            terms["neurons"].append(network["neurons"] / cores)
            terms["events"].append(events(found, network) / cores)
            terms["spikes"].append(sum(found.spikes.values()))
            terms["constant"].append(1.0)
            measured.append(found.seconds_per_second)
    return fit(terms, measured)
