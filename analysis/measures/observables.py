"""The observables of the paper, their experimental ranges, and how a run compares with them."""

import math
from dataclasses import Field, dataclass, field, fields
from operator import attrgetter
from typing import Any

import numpy as np

from eiassembly.analysis.measures.balance import balanced_axis, cotuning_correlations
from eiassembly.analysis.measures.correlations import (
    mean_between_odors,
    mean_of_defined,
    pattern_correlations,
)
from eiassembly.analysis.measures.measure import Measure
from eiassembly.analysis.measures.responses import Responses
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.arrays import Floats

GROUP = "observables"


def _measured(title: str, unit: str, source: str, **range_: Any) -> Any:
    return field(metadata={"title": title, "unit": unit, "source": source, **range_})


@dataclass(frozen=True)
class Observables:
    """Observables of one run for one kind of odor; NaN where one is undefined.

    Rates are means over cells and presentations. The conductances g_OE, g_EE, g_IE are means over E cells and
    presentations with the mean over the 500 ms before the odor subtracted. ``assembly_rate`` is the mean
    rate of the E members of the assembly that belongs to the presented odor, ``outside_rate`` that of all
    other E cells; both are undefined for odors without an assembly. Windows: see `OdorWindows`.
    """

    baseline_rate: float = _measured("Baseline rate, E", "Hz", "Fig. 1F", high=0.1)
    odor_rate: float = _measured("Odor rate, E", "Hz", "Fig. 1F", low=0.9, high=1.1, only="rand")
    inhibitory_rate: float = _measured("Odor rate, I", "Hz", "Methods")
    assembly_rate: float = _measured("Rate inside the odor's assembly", "Hz", "Fig. 2G")
    outside_rate: float = _measured("Rate outside the odor's assembly", "Hz", "Fig. 2G")
    g_oe: float = _measured("Evoked conductance OB→E", "nS", "Fig. 1G", low=0.03, high=0.16)
    g_syn: float = _measured("Evoked conductance, all sources", "nS", "Fig. 1G", low=1, high=9)
    recurrent_share: float = _measured("Recurrent share of excitation", "%", "Fig. 1G", low=78, high=90)
    correlation: float = _measured("Correlation between odors", "1", "Fig. 1H", low=-0.15, high=0.15)
    cotuning_correlation: float = _measured("Co-tuning: correlation", "1", "Fig. 2H")
    cotuning_ratio: float = _measured("Co-tuning: spread along / across axis", "1", "Fig. 2I")
    balance_slope: float = _measured("Slope of the axis of balance, I/E", "1", "Fig. 2I")


def _measure(of: Field[float]) -> Measure:
    value = attrgetter(of.name)
    return Measure(
        of.name, **of.metadata, group=GROUP, function=lambda result, kind: value(result.observables[kind])
    )


MEASURES: tuple[Measure, ...] = tuple(_measure(of) for of in fields(Observables))
"""The observables, in the order of tables; a function is given a result and a kind of odor."""


def population_rate(name: str) -> Measure:
    """Rate of one population, which tables show only where there are several inhibitory ones."""
    return Measure(
        f"odor_rate_{name}", f"Odor rate, {name}", "Hz", "Methods", group=GROUP,
        function=lambda result, kind: result.responses.of_kind(kind).mean_rates.get(name, math.nan),
    )  # fmt: skip


def observables(responses: Responses, wiring: Wiring) -> Observables:
    """Observables of one kind of odor (Fig. 1F–H, Fig. 2F–I).

    Parameters
    ----------
    responses : Responses
        Responses to the presentations of one kind.
    wiring : Wiring
        The network, for its assemblies.
    """
    inside, outside = assembly_rates(responses, wiring)
    return Observables(
        baseline_rate=mean_of_defined(responses.baseline),
        odor_rate=float(responses.rates.mean()),
        inhibitory_rate=mean_of_defined(responses.inhibitory_rates),
        assembly_rate=mean_of_defined(inside),
        outside_rate=mean_of_defined(outside),
        correlation=mean_between_odors(pattern_correlations(responses.rates), responses.odors),
        **(_of_conductances(responses) if responses.conductances else dict.fromkeys(_WIRED, math.nan)),
    )


_WIRED = ("g_oe", "g_syn", "recurrent_share", "cotuning_correlation", "cotuning_ratio", "balance_slope")
"""Observables that follow from conductances, and so from spikes and wiring."""


def _of_conductances(responses: Responses) -> dict[str, float]:
    g_oe = responses.evoked(responses.population_names.input)
    g_ee = responses.evoked([responses.population_names.excitatory])
    g_exc, g_inh = (mean_per_odor(g, responses) for g in (responses.excitation, responses.inhibition))
    axis = balanced_axis(g_exc, g_inh)
    return {
        "g_oe": g_oe,
        "g_syn": g_oe + g_ee + responses.evoked(responses.population_names.inhibitory),
        "recurrent_share": 100 * g_ee / (g_oe + g_ee) if g_oe + g_ee else math.nan,
        "cotuning_correlation": mean_of_defined(cotuning_correlations(g_exc, g_inh)),
        "cotuning_ratio": mean_of_defined(axis.ratios),
        "balance_slope": axis.slope,
    }


def assembly_rates(responses: Responses, wiring: Wiring) -> tuple[Floats, Floats]:
    """Mean rate of the E members of the presented odor's assembly, and of all other E cells.

    Returns
    -------
    inside, outside : ndarray of float64, shape (n_presentations,)
        Hz; NaN for odors without an assembly.
    """
    members = {
        assembly.odor: assembly.of(responses.population_names.excitatory) for assembly in wiring.assemblies
    }
    inside, outside = np.full((2, len(responses.presentations)), np.nan)
    for row, presentation in enumerate(responses.presentations):
        if presentation.odor in members:
            is_member = np.zeros(responses.rates.shape[1], bool)
            is_member[members[presentation.odor]] = True
            inside[row] = mean_of_defined(responses.rates[row, is_member])
            outside[row] = mean_of_defined(responses.rates[row, ~is_member])
    return inside, outside


def mean_per_odor(values: Floats, responses: Responses) -> Floats:
    """Average presentations of the same odor, shape (n_odors, n_cells)."""
    return np.array([values[responses.odors == odor].mean(axis=0) for odor in np.unique(responses.odors)])
