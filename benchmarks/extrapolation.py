"""What a run far larger than any measured one would need, from the fitted formulas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.results import select, summary
from benchmarks.scaling import Model, events, windows, wired

Results = Mapping[str, Any]
GIB = 2.0**30
NEURONS = 10_000_000
RANKS = (1, 16, 64, 256, 1024)
CORE_GIB, NODE_GIB = 4.0, 256.0
"""Memory that a core and a node of a cluster are taken to have."""
SPIKE_BYTES = 16
"""Step and cell of a spike as 64-bit integers."""
FILE_BYTES = 5
"""Source and multiplicity of a synapse in NET.h5."""


@dataclass(frozen=True)
class Load:
    """What a network of a size has to do during odors, per biological second.

    Parameters
    ----------
    neurons, synapses : float
        Totals.
    events, spikes, input_spikes : float
        Arrivals at synapses; spikes of all cells; those of mitral cells alone.
    """

    neurons: float
    synapses: float
    events: float
    spikes: float
    input_spikes: float


@dataclass(frozen=True)
class RankLayout:
    """Needs of one number of ranks with one thread each; times in s, memory in GiB.

    Parameters
    ----------
    ranks : int
        Processes, one core each.
    memory, total_memory : float
        Of one rank, of all.
    load, connect, prepare : float
        Before the simulation.
    simulate : float
        Per biological second.
    """

    ranks: int
    memory: float
    total_memory: float
    load: float
    connect: float
    prepare: float
    simulate: float


@dataclass(frozen=True)
class Bottleneck:
    """What grows with the whole network in a single process, and where it exceeds the memory there is.

    Parameters
    ----------
    name : str
        What it is.
    per_neuron : float
        Bytes per neuron of the network.
    limit : float
        Memory that it must fit into, GiB.
    neurons : float
        Size of the network at which it no longer fits; infinite if it does not grow.
    remedy : str
        What would be needed.
    """

    name: str
    per_neuron: float
    limit: float
    neurons: float
    remedy: str


def load_of(results: Results, neurons: float) -> Load:
    """Activity of the largest measured network during its odor, in proportion to the neurons."""
    scale = max(row["scale"] for row in results["scaling"])
    network = wired(results, scale)
    found = windows(select(results["scaling"], scale=scale)[0], results["plan"])["odor"]
    factor = neurons / network["neurons"]
    return Load(
        neurons=neurons,
        synapses=network["synapses"] * factor,
        events=events(found, network) * factor,
        spikes=sum(found.spikes.values()) * factor,
        input_spikes=found.spikes["OB"] * factor,
    )


def needs(load: Load, ranks: int, model: Model) -> RankLayout:
    """Evaluate all formulas for a network on a number of ranks with one thread each."""
    own = load.synapses / ranks
    memory = model.memory(synapses=own, neurons=load.neurons, constant=1.0) / GIB
    return RankLayout(
        ranks=ranks,
        memory=memory,
        total_memory=memory * ranks,
        load=model.load(synapses=load.synapses, own_synapses=own, constant=1.0),
        connect=model.connect(synapses=own, constant=1.0),
        prepare=model.prepare(synapses=own, constant=1.0),
        simulate=model.simulate(
            neurons=load.neurons / ranks, events=load.events / ranks, spikes=load.spikes, constant=1.0
        ),
    )


def large_run(results: Results, model: Model) -> dict[str, Any]:
    """Needs of a run with ten million neurons: the network, and one line per number of ranks."""
    load = load_of(results, NEURONS)
    return {
        "load": load,
        "layouts": [needs(load, ranks, model) for ranks in RANKS],
        "file_GiB": FILE_BYTES * load.synapses / GIB,
        "wiring_GiB": model.wiring_memory(synapses=load.synapses, constant=1.0) / GIB,
        "wiring_s": model.wiring(synapses=load.synapses),
        "largest_scale": max(row["scale"] for row in results["scaling"]),
        "most_cores": max(row["ranks"] * row["threads"] for row in results["scaling"]),
        "core_GiB": CORE_GIB,
        "node_GiB": NODE_GIB,
        "targets": load.synapses / load.neurons,
        "fan_out": summary(list(results["wiring"][-1]["fan_out"].values())).high,
    }


def bottlenecks(results: Results, model: Model) -> list[Bottleneck]:
    """Everything that no further rank makes smaller, the first to be met first."""
    load = load_of(results, 1.0)
    found = [
        _bottleneck(
            "what a rank keeps for every neuron of the whole network (fitted)",
            model.memory.coefficients["neurons"],
            CORE_GIB,
            "less per cell of other ranks",
        ),
        _bottleneck(
            "every rank reads the mitral cells' spikes of a block of 1 s, and picks its own",
            2 * load.input_spikes * SPIKE_BYTES,
            CORE_GIB,
            "shorter `--block`",
        ),
        _bottleneck(
            "rank 0 gathers all spikes of a block of 1 s, and sorts them",
            2 * load.spikes * SPIKE_BYTES,
            CORE_GIB,
            "shorter `--block`; or every rank writes its own part of the file",
        ),
        _bottleneck(
            "`network build` holds the whole wiring in one process",
            model.wiring_memory.coefficients["synapses"] * load.synapses,
            NODE_GIB,
            "`mpirun -n R eiassembly network build`: every rank then builds its own targets",
        ),
    ]
    return sorted(found, key=lambda b: b.neurons)


def _bottleneck(name: str, per_neuron: float, limit: float, remedy: str) -> Bottleneck:
    neurons = limit * GIB / per_neuron if per_neuron > 0 else float("inf")
    return Bottleneck(name, per_neuron, limit, neurons, remedy)
