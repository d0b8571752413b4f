"""The measured formulas as a table that the package carries: what `campaign plan` estimates from."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.results import select
from benchmarks.scaling import SteadyWindow, events, fit_model, windows, wired

Results = Mapping[str, Any]
COSTS = Path(__file__).parents[1] / "src" / "eiassembly" / "campaign" / "costs.json"
_FITS = ("simulate", "load", "connect", "prepare", "memory", "wiring", "wiring_memory")


def cost_table(found: Results) -> dict[str, Any]:
    """Coefficients of all formulas, and the activity of the largest network, as plain JSON values."""
    model = fit_model(found)
    scale = max(row["scale"] for row in found["scaling"])
    network = wired(found, scale)
    measured = windows(select(found["scaling"], scale=scale)[0], found["plan"])
    return {
        "made by": "make bench-pages",
        "formulas": {name: dict(getattr(model, name).coefficients) for name in _FITS},
        "activity": {name: _activity(window, network) for name, window in measured.items()},
    }


def _activity(window: SteadyWindow, network: Mapping[str, Any]) -> dict[str, float]:
    """Per biological second: spikes of all cells per neuron, arrivals per synapse."""
    return {
        "spikes_per_neuron": sum(window.spikes.values()) / network["neurons"],
        "events_per_synapse": events(window, network) / network["synapses"],
    }


def write(found: Results, path: Path = COSTS) -> None:
    """Write the table, with six digits: more are noise."""
    text = json.dumps(_rounded(cost_table(found)), indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return float(f"{value:.6g}") if isinstance(value, float) else value
