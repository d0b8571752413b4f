"""Signals that end a run: at once, or after the block that is being simulated."""

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType, MappingProxyType, TracebackType

ENDING: Mapping[int, int] = MappingProxyType(
    {
        int(number): int(meaning)
        for name, meaning in (
            ("SIGINT", signal.SIGINT),
            ("SIGTERM", signal.SIGTERM),
            # How batch jobs announce their end: mpirun and srun hand it on without a kill.
            ("SIGUSR1", signal.SIGTERM),
        )
        if (number := getattr(signal, name, None)) is not None
    }
)
"""Signals that end a run, and those they are treated as."""


class Interrupted(BaseException):
    """A signal has ended the run; no error, somebody wanted it.

    Not a KeyboardInterrupt, which click replaces by an exception of its own.

    Parameters
    ----------
    number : int
        SIGINT or SIGTERM.
    """

    def __init__(self, number: int):
        super().__init__()
        self.number = number

    @property
    def status(self) -> int:
        """Exit status that shells use for it."""
        return 128 + self.number

    def __str__(self) -> str:
        return "interrupted" if self.number == signal.SIGINT else "terminated"


class Signals:
    """While this context lasts, signals that end a run are noted, and raise `Interrupted` unless deferred.

    Parameters
    ----------
    deferred : bool
        Only note them. For several processes, which have to agree on where they end.
    """

    def __init__(self, deferred: bool = False):
        self.received = 0
        self._deferred = deferred
        self._before: dict[int, object] = {}

    def __enter__(self) -> "Signals":
        if threading.current_thread() is threading.main_thread():  # Python allows it nowhere else
            self._before = {number: signal.signal(number, self._note) for number in ENDING}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # it is what signal() returned

    @contextmanager
    def deferring(self) -> Iterator[None]:
        """Only note signals that arrive in the block."""
        before, self._deferred = self._deferred, True
        try:
            yield
        finally:
            self._deferred = before

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = ENDING[number]
        if not self._deferred:
            raise Interrupted(self.received)
        if number == signal.SIGINT:
            # Whoever presses Ctrl-C again does not want to wait, and a kill does the file no harm.
            signal.signal(number, signal.SIG_DFL)
