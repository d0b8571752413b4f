"""Spike trains of the mitral cells, with the changes of a protocol."""

from collections.abc import Sequence

import numpy as np

from eiassembly.core.arrays import Ids
from eiassembly.model.protocol.interventions import ChangedSpike
from eiassembly.odors.file import OdorStream

_PIECE = 10_000
"""Steps that are looked through at once."""


class GivenTrains:
    """A stream of spikes with some added and some removed.

    Parameters
    ----------
    stream : OdorStream
        Read from its beginning on.
    changes : sequence of ChangedSpike
        Of mitral cells.
    """

    def __init__(self, stream: OdorStream, changes: Sequence[ChangedSpike]):
        self._stream = stream
        in_order = sorted(changes, key=lambda change: change.step)
        self._to_remove = [change for change in in_order if not change.is_added]
        self._to_add = [change for change in in_order if change.is_added]
        self._now = 0

    def until(self, last: int) -> tuple[Ids, Ids]:
        """Spikes from where the last call has ended to the step ``last``, inclusive: (steps, ids).

        Raises
        ------
        FileFormatError
            The file has become unreadable.
        """
        steps, ids = self._added(*self._stream.until(last), last)
        for change in tuple(self._to_remove):
            found = np.flatnonzero((ids == change.id) & (steps >= change.step))
            if len(found):
                steps, ids = np.delete(steps, found[0]), np.delete(ids, found[0])
                self._to_remove.remove(change)
        self._now = last
        return steps, ids

    def _added(self, steps: Ids, ids: Ids, last: int) -> tuple[Ids, Ids]:
        new = [change for change in self._to_add if self._now < change.step <= last]
        if not new:
            return steps, ids
        steps = np.concatenate([steps, [change.step for change in new]])
        ids = np.concatenate([ids, [change.id for change in new]])
        order = np.lexsort((ids, steps))
        return steps[order], ids[order]

    def skip(self, last: int) -> None:
        """Go to the spikes after a step; those that are removed before it are looked for.

        Raises
        ------
        FileFormatError
            The file has become unreadable.
        """
        first = min((change.step for change in self._to_remove), default=last + 1)
        self._now = min(first - 1, last)
        self._stream.skip(self._now)
        while self._now < last:
            self.until(min(self._now + _PIECE, last))
