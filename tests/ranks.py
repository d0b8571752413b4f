"""Several ranks that each build a slice of a network, as threads that exchange through memory."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np


class Board:
    """What all ranks see."""

    def __init__(self, n_ranks):
        self.barrier = threading.Barrier(n_ranks, timeout=60)
        self.posted = [None] * n_ranks


class Rank:
    """One rank's end of the exchange."""

    def __init__(self, board, index):
        self.board, self.index = board, index

    def _allgather(self, item):
        self.board.posted[self.index] = item
        self.board.barrier.wait()
        items = list(self.board.posted)
        self.board.barrier.wait()
        return items

    def total(self, counts):
        return sum(self._allgather(counts))

    def gathered(self, rows):
        return np.concatenate(self._allgather(rows)[::-1])

    def in_turn(self, rows):
        items = self._allgather(rows)
        yield from items if self.index == 0 else ()


def on_ranks(n_ranks, work):
    """Call ``work(index, collectives)`` for all ranks at once; list of their results."""
    board = Board(n_ranks)
    with ThreadPoolExecutor(n_ranks) as pool:
        return list(pool.map(lambda index: work(index, Rank(board, index)), range(n_ranks)))
