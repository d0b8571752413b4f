"""E assemblies without more inhibition: at which density activity runs away (Fig. 2B).

Runs of Scaled I with χ = 1, so that nothing but E to E is denser within assemblies, each with another α, and
rand networks that are presented with the same learned odors. Samples have conditions such as ``alpha 5``,
those of ``critical_alpha`` none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eiassembly.analysis.experiments.experiment import Experiment
from eiassembly.analysis.measures.calibration import CalibrationCurve, CalibrationPoint
from eiassembly.analysis.measures.measure import Measure, Sample, by_name
from eiassembly.analysis.measures.rates import rates
from eiassembly.analysis.runs.identity import is_as_published, network_config, network_name
from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.run import Run
from eiassembly.analysis.runs.windows import OdorWindows

NAME = "critical"
STRUCTURE = "scaled_i"
MEASURES = by_name(
    Measure("odor_rate", "Odor rate, E", "Hz", "Fig. 2B"),
    Measure("ratio", "Odor rate relative to rand", "1", "Fig. 2B"),
    Measure("critical_alpha", "Critical α", "1", "Fig. 2B"),
)


def is_without_inhibition(run: Run) -> bool:
    """Whether assemblies are of E neurons alone, and inhibition is that of rand."""
    network = network_config(run)
    return network.get("structure") == STRUCTURE and network.get("chi") == 1


@dataclass(frozen=True)
class Critical:
    """Curves of the learned-odor rate against α, by network."""

    curves: Mapping[str, CalibrationCurve]

    def samples(self) -> Iterator[Sample]:
        """Yield rates by α, and the critical α."""
        for network, curve in self.curves.items():
            for m in curve.measurements:
                condition = f"alpha {m.value:.3g}"
                yield Sample(NAME, network, STRUCTURE, "odor_rate", m.rates[0], condition)
                yield Sample(NAME, network, STRUCTURE, "ratio", m.ratio, condition)
            critical = float("nan") if curve.critical is None else curve.critical
            yield Sample(NAME, network, STRUCTURE, "critical_alpha", critical)


def measure(runs: Sequence[Run], others: Sequence[Run]) -> Critical:
    """Measure the curves of all networks that have two values of α and a rand counterpart.

    Parameters
    ----------
    runs : sequence of Run
        Those `is_without_inhibition` is true of.
    others : sequence of Run
        Among them rand, as published.
    """
    reference = {
        _compared(run): _learned_rate(run)
        for run in others
        if is_as_published(run) and run.structure == "rand"
    }
    measured: dict[str, list[CalibrationPoint]] = {}
    for run in runs:
        of_rand = reference.get(_compared(run), 0.0)
        if of_rand > 0:
            alpha = _alpha(run)
            measurement = CalibrationPoint(alpha, (_learned_rate(run),), (of_rand,), alpha)
            measured.setdefault(network_name(run), []).append(measurement)
    blank = CalibrationCurve("alpha", ())
    return Critical({name: blank.joined(found) for name, found in measured.items() if len(found) > 1})


def _compared(run: Run) -> tuple[str, frozenset[int]]:
    """Network and learned odors that are presented: what must be the same in rand."""
    return network_name(run), frozenset(p.odor for p in run.presentations if p.kind == "learned")


def _alpha(run: Run) -> float:
    """α that was asked for, or that the wiring has."""
    requested = network_config(run).get("alpha")
    return float(run.wiring.description["enrichment"]["alpha"] if requested is None else requested)


def _learned_rate(run: Run) -> float:
    """Mean rate of E to learned odors, Hz; NaN without any."""
    shown = [p for p in run.presentations if p.kind == "learned"]
    windows = [OdorWindows.around(p, run.dt).response_spikes for p in shown]
    found = rates(run.source(PopulationNames.of(run.wiring).excitatory), windows)
    return float(found.mean()) if found.size else float("nan")


EXPERIMENT = Experiment(
    NAME, "E assemblies without more inhibition", MEASURES, is_without_inhibition, measure
)
