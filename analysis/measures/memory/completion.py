"""Pattern completion and separation: correlations of the output against those of the input.

Along a morph, the similarity of every response to the response to the learned odor is compared with the
similarity of the inputs (Fig. 3B). Completion lifts the output above the input, separation keeps it below.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.measures.correlations import mean_of_defined, pattern_correlations, row_correlations
from eiassembly.core.arrays import Floats


@dataclass(frozen=True, eq=False)
class CompletionCurve:
    """Correlations with the learned odor along a morph (Fig. 3B).

    Parameters
    ----------
    inputs, outputs : ndarray of float64, shape (n_places,)
        Pearson correlation of the pattern at every place with that of the learned odor, in OB and in E.
    """

    inputs: Floats
    outputs: Floats

    @property
    def index(self) -> float:
        """Mean of output minus input correlation: above 0 where patterns are completed."""
        return mean_of_defined(self.outputs - self.inputs)

    @property
    def n_above(self) -> int:
        """Places at which the output is more similar to the learned odor than the input (P1, P2)."""
        return int(np.sum(self.outputs > self.inputs))


def completion_curve(inputs: Floats, outputs: Floats, learned: int) -> CompletionCurve:
    """Correlate every place of a morph with the learned odor at its end.

    Parameters
    ----------
    inputs : ndarray of float64, shape (n_places, n_mitral)
        Patterns of OB, Hz; averaged over trials beforehand if there are several.
    outputs : ndarray of float64, shape (n_places, n_cells)
        Patterns of E, Hz.
    learned : int
        Place of the learned odor, which is left out of the curve.
    """
    others = np.arange(len(inputs)) != learned
    return CompletionCurve(
        *(
            row_correlations(rows[others], np.broadcast_to(rows[learned], rows[others].shape))
            for rows in (inputs, outputs)
        )
    )


def separation(inputs: Floats, outputs: Floats) -> float:
    """Mean over pairs of patterns of input minus output correlation: above 0 where patterns are separated.

    Parameters
    ----------
    inputs : ndarray of float64, shape (n_patterns, n_mitral)
        Patterns of OB, Hz.
    outputs : ndarray of float64, shape (n_patterns, n_cells)
        Patterns of E, Hz.
    """
    pairs = np.triu_indices(len(inputs), 1)
    return mean_of_defined(pattern_correlations(inputs)[pairs] - pattern_correlations(outputs)[pairs])


def recruitment(
    driven: Floats, control: Floats, members: NDArray[np.int64], injected: NDArray[np.int64]
) -> float:
    """Rate of the members that were not stimulated, relative to control (Fig. 3 s1).

    Parameters
    ----------
    driven, control : ndarray of float64, shape (n_cells,)
        Rates with and without current into the injected cells, Hz.
    members, injected : ndarray of int64
        Cells of the assembly, and those of them that receive current.

    Returns
    -------
    float
        NaN if these members are silent in control, or if all are injected.
    """
    rest = np.setdiff1d(members, injected)
    reference = float(control[rest].mean()) if len(rest) else 0.0
    return float(driven[rest].mean()) / reference if reference > 0 else float("nan")
