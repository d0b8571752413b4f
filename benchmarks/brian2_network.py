"""The same network in Brian2, compiled to C++: a simulator in an environment of its own.

    .venv-brian2/bin/python -P benchmarks/brian2_network.py NET.h5 ODORS.h5 --directory DIR --delay 1

compiles into DIR, runs once, and prints one line of JSON: versions, flags, wall clock, numbers of spikes.
``DIR/main`` runs it again. The scheme is that of ours, forward Euler with everything at its old value:

- Conductances decay by exp(-dt/tau) in a step. Brian2's Euler multiplies by 1 - dt k, so k is chosen to fit.
- Ours resets V one step after the spike, with the adaptation still seeing the V above threshold; Brian2 at
  once. What the adaptation misses is added in the reset, and refractoriness lasts one step longer.
- Our delay d is from the spike to its effect on V, Brian2's to its effect on g, one step earlier.
- Contacts are synapses of their own with one weight per projection: no weight array is read.

With the same input the spikes are ours, until sums that the compiler reorders make one of them differ.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brian2 as b2
import h5py
import numpy as np

# V and z see each other's old values: so does everything with method="euler".
EQUATIONS = """
I_syn = (g_OB + g_E) * (E_exc - V) + g_I * (E_inh - V) : amp
dg_OB/dt = -g_OB * rate_exc : siemens
dg_E/dt = -g_E * rate_exc : siemens
dg_I/dt = -g_I * rate_inh : siemens
"""
PLAIN = "dV/dt = ((E_rest - V) + I_syn / g_rest) / tau_m : volt (unless refractory)"
ADAPTING = """
dV/dt = ((E_rest - V) + (I_syn - z) / g_rest) / tau_m : volt (unless refractory)
dz/dt = (a * (V - E_rest) - z) / tau_a : amp
"""
UNITS = {
    **dict.fromkeys(("tau_m", "tau_a", "tau_exc", "tau_inh", "t_ref"), b2.ms),
    **dict.fromkeys(("E_rest", "E_exc", "E_inh", "V_th"), b2.mV),
    **{"g_rest": b2.nS, "a": b2.nS, "b": b2.pA},
}
# Around the run itself: making synapses before it and writing results after it do not count.
START_CLOCK = "const auto started = std::chrono::steady_clock::now();"
STOP_CLOCK = """
std::ofstream("results/wall_clock_s.txt")
    << std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
"""


def neurons(name: str, group: h5py.Group, dt: b2.Quantity) -> b2.NeuronGroup:
    """Make the neurons of one population of NET.h5."""
    p = {key: float(group.attrs[key]) * unit for key, unit in UNITS.items()}
    p["rate_exc"] = (1 - np.exp(-dt / p["tau_exc"])) / dt
    p["rate_inh"] = (1 - np.exp(-dt / p["tau_inh"])) / dt
    k = float(dt / p["tau_a"])
    p["missed"] = k * p["a"] / (1 - k)
    adapts = bool(group.attrs["a"] or group.attrs["b"])
    cells = b2.NeuronGroup(
        int(group.attrs["size"]),
        EQUATIONS + (ADAPTING if adapts else PLAIN),
        threshold="V > V_th",
        reset=("z += b + missed * (V - E_rest)\n" if adapts else "") + "V = E_rest",
        refractory=p["t_ref"] + dt,
        method="euler",
        namespace=p,
        name=f"cells_{name}",
    )
    cells.V = p["E_rest"]
    return cells


def mitral_cells(size: int, odors: h5py.File, dt: b2.Quantity) -> tuple[b2.SpikeGeneratorGroup, int]:
    """Make the source of the given spikes; also returns how many second spikes in one step were dropped.

    Brian2 refuses two spikes of one cell in one step, which Poisson trains have once in ten thousand.
    """
    steps, ids = odors["spikes/steps"][:], odors["spikes/ids"][:]
    pairs = np.unique(np.stack([steps, ids], axis=1), axis=0)
    times = (pairs[:, 0] - 1) * dt
    return b2.SpikeGeneratorGroup(size, pairs[:, 1], times, name="cells_OB"), len(steps) - len(pairs)


def synapses(group: h5py.Group, cells: dict[str, Any], delay: b2.Quantity) -> b2.Synapses:
    """Connect one projection of NET.h5: one synapse per contact."""
    source, target = str(group.attrs["source"]), str(group.attrs["target"])
    contacts = group["multiplicity"][:]
    targets = np.repeat(np.arange(len(group["offsets"]) - 1), np.diff(group["offsets"][:]))
    made = b2.Synapses(
        cells[source],
        cells[target],
        on_pre=f"g_{source}_post += w",
        delay=delay,
        namespace={"w": float(group.attrs["strength"]) * b2.nS},
        name=f"synapses_{source}_{target}",
    )
    made.connect(i=np.repeat(group["sources"][:], contacts), j=np.repeat(targets, contacts))
    return made


def network(net: Path, odors: Path, delay: float) -> tuple[b2.Network, dict[str, Any], int]:
    """Make the whole network.

    Parameters
    ----------
    net, odors : Path
        NET.h5 and ODORS.h5 with populations OB, E and I.
    delay : float
        As ours, from a spike to its first effect on V, ms; at least one step.

    Returns
    -------
    network : Network
    monitors : dict
        Spike monitors of E and I.
    dropped : int
        Spikes of mitral cells that Brian2 does not take.
    """
    with h5py.File(net) as h5, h5py.File(odors) as trains:
        dt = float(trains.attrs["dt"]) * b2.ms
        b2.defaultclock.dt = dt
        populations = h5["populations"]
        cells = {name: neurons(name, populations[name], dt) for name in ("E", "I")}
        cells["OB"], dropped = mitral_cells(int(populations["OB"].attrs["size"]), trains, dt)
        made = [synapses(group, cells, delay * b2.ms - dt) for group in h5["projections"].values()]
    monitors = {name: b2.SpikeMonitor(cells[name]) for name in ("E", "I")}
    return b2.Network(*cells.values(), *made, *monitors.values()), monitors, dropped


def timed(action: Callable[[], None]) -> float:
    """Wall clock of an action, s."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def main() -> None:
    """Compile, run once, say what came out."""
    parser = argparse.ArgumentParser(description="Compile and run a network in Brian2.")
    parser.add_argument("network", type=Path, help="NET.h5")
    parser.add_argument("odors", type=Path, help="ODORS.h5")
    parser.add_argument("--directory", type=Path, required=True, help="where the program is made")
    parser.add_argument("--delay", type=float, default=0.1, help="ms, as ours (default %(default)s)")
    parser.add_argument("--duration", type=float, required=True, help="ms")
    options = parser.parse_args()
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.prefs.codegen.cpp.headers += ["<chrono>", "<fstream>"]
    b2.device.insert_code("before_network_run", START_CLOCK)
    b2.device.insert_code("after_network_run", STOP_CLOCK)
    net, monitors, dropped = network(options.network, options.odors, options.delay)
    net.run(options.duration * b2.ms)
    directory = str(options.directory)
    compiling = timed(lambda: b2.device.build(directory=directory, compile=True, run=False))
    b2.device.run(directory=directory)
    result = {
        "brian2": b2.__version__,
        "numpy": np.__version__,
        "flags": b2.prefs.codegen.cpp.extra_compile_args_gcc,
        "compile_s": round(compiling, 3),
        "simulate_s": float((options.directory / "results" / "wall_clock_s.txt").read_text()),
        "spikes": {name: int(monitor.num_spikes) for name, monitor in monitors.items()},
        "dropped_input_spikes": dropped,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
