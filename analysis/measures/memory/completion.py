"""Pattern completion: correlations of the output against those of the input.

Along a morph, the similarity of every response to the response to the learned odor is compared with the
similarity of the inputs (Fig. 3B). Completion lifts the output above the input.
"""

from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.correlations import mean_of_defined, row_correlations
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
