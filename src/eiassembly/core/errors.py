"""Errors that a user can act on: one line that names the file, the key and what was expected."""


class EiassemblyError(Exception):
    """Base of every error the command line prints as one line instead of a traceback."""


class ConfigError(EiassemblyError):
    """The configuration has an unknown key, a wrong type or an impossible value."""


class FileFormatError(EiassemblyError):
    """A file is missing, damaged, truncated, or not of the kind that was expected."""


class SimulationError(EiassemblyError):
    """The neurons or spike sources refuse what they were given: no such neuron, step or width of a state."""


class EnvironmentProblemError(EiassemblyError):
    """The machine lacks something (NEST, a compiler, disk space) or disagrees with itself (MPI)."""


class EndedError(EiassemblyError):
    """The end of this process, of which nothing more is to be said: this rank or another has said why.

    Parameters
    ----------
    status : int
        Exit status.
    """

    def __init__(self, status: int):
        super().__init__("ended with the other processes, one of which says why")
        self.status = status
