"""What storing a memory does to its cells: rates in a structured network against its rand counterpart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.observables import assembly_rates
from eiassembly.analysis.measures.responses import Responses
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.arrays import Floats


@dataclass(frozen=True)
class Amplification:
    """Rates relative to rand, mean over the odors that both networks know; NaN if rand is silent there.

    Parameters
    ----------
    inside : float
        Members of the presented odor's assembly; in rand, of the pseudo-assembly (Fig. 2G).
    outside : float
        All other E cells (Fig. 2G).
    """

    inside: float
    outside: float


def ratio_of_means(structured: Floats, rand: Floats) -> float:
    """Mean rate relative to the mean rate of rand.

    The ratio of means, not the mean of ratios: single pseudo-assemblies of rand may be nearly silent.

    Parameters
    ----------
    structured, rand : ndarray of float64, shape (n_presentations,)
        Hz; presentations that are NaN in either are left out.
    """
    known = ~np.isnan(structured) & ~np.isnan(rand)
    reference = float(rand[known].mean()) if known.any() else 0.0
    return float(structured[known].mean()) / reference if reference > 0 else float("nan")


def amplification(
    structured: Responses, rand: Responses, wiring: Wiring, rand_wiring: Wiring
) -> Amplification:
    """Compare a structured network with its rand counterpart, odor by odor.

    Parameters
    ----------
    structured, rand : Responses
        To the same odors, in any order.
    wiring, rand_wiring : Wiring
        The networks, for their assemblies and pseudo-assemblies; without the latter the cells of the
        assemblies are followed in rand as well.
    """
    pseudo = rand_wiring if rand_wiring.assemblies else wiring
    inside, outside = (_per_odor(structured, part) for part in assembly_rates(structured, wiring))
    inside_rand, outside_rand = (_per_odor(rand, part) for part in assembly_rates(rand, pseudo))
    shared = sorted(inside.keys() & inside_rand.keys())
    return Amplification(
        ratio_of_means(_of(inside, shared), _of(inside_rand, shared)),
        ratio_of_means(_of(outside, shared), _of(outside_rand, shared)),
    )


def _per_odor(responses: Responses, values: Floats) -> dict[int, float]:
    return {int(odor): float(values[responses.odors == odor].mean()) for odor in np.unique(responses.odors)}


def _of(values: dict[int, float], odors: Sequence[int]) -> Floats:
    return np.array([values[odor] for odor in odors])
