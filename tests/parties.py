"""Several parties that each build a slice of a network, as threads that exchange through memory."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np


class Board:
    """What all parties see."""

    def __init__(self, n_parties):
        self.barrier = threading.Barrier(n_parties, timeout=60)
        self.posted = [None] * n_parties


class Party:
    """One party's end of the exchange."""

    def __init__(self, board, index):
        self.board, self.index = board, index

    def _everyones(self, item):
        self.board.posted[self.index] = item
        self.board.barrier.wait()
        items = list(self.board.posted)
        self.board.barrier.wait()
        return items

    def total(self, counts):
        return sum(self._everyones(counts))

    def gathered(self, rows):
        return np.concatenate(self._everyones(rows)[::-1])

    def in_turn(self, rows):
        everyones = self._everyones(rows)
        yield from everyones if self.index == 0 else ()


def together(n_parties, work):
    """Call ``work(index, exchange)`` for all parties at once; list of their results."""
    board = Board(n_parties)
    with ThreadPoolExecutor(n_parties) as pool:
        return list(pool.map(lambda index: work(index, Party(board, index)), range(n_parties)))
