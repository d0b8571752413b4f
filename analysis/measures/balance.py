"""Co-tuning of excitation and inhibition (Fig. 2H, I; Methods, "Co-tuning")."""

from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.correlations import row_correlations
from eiassembly.core.arrays import Floats


def cotuning_correlations(g_exc: Floats, g_inh: Floats) -> Floats:
    """Pearson correlation over odors of the excitatory and the inhibitory conductance of every cell.

    Parameters
    ----------
    g_exc, g_inh : ndarray of float64, shape (n_odors, n_cells)
        Mean conductances in the response window, baseline not subtracted, nS.

    Returns
    -------
    ndarray of float64, shape (n_cells,)
        NaN for cells without variance.
    """
    return row_correlations(g_exc.T, g_inh.T)


@dataclass(frozen=True, eq=False)
class BalancedAxis:
    """How far the conductance pairs of a cell spread along and across the axis of balance.

    Parameters
    ----------
    slope : float
        g_I / g_E on the axis: the line through the origin fitted to all cells and odors.
    along, across : ndarray of float64, shape (n_cells,)
        SD over odors of the projections onto the axis and onto its normal, nS.
    """

    slope: float
    along: Floats
    across: Floats

    @property
    def ratios(self) -> Floats:
        """Spread along / across, shape (n_cells,); infinite in perfect balance, NaN for constant cells."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.along / self.across


def balanced_axis(g_exc: Floats, g_inh: Floats) -> BalancedAxis:
    """Fit the axis of balance by least squares of g_I on g_E through the origin.

    The reference values of the authors' loop are reproduced exactly by this fit, one ratio per cell, and the
    mean of the ratios over cells.

    Parameters
    ----------
    g_exc, g_inh : ndarray of float64, shape (n_odors, n_cells)
        Mean conductances in the response window, baseline not subtracted, nS.
    """
    power = np.sum(g_exc * g_exc)
    slope = float(np.sum(g_exc * g_inh) / power) if power > 0 else float("nan")
    length = np.hypot(1, slope)
    along = (g_exc + slope * g_inh) / length
    across = (g_inh - slope * g_exc) / length
    return BalancedAxis(slope, along.std(axis=0), across.std(axis=0))
