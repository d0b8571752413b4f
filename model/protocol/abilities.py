"""What neurons must be able to do for what is asked of a simulation."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ability:
    """Something that neurons of a simulation can do, or cannot.

    Parameters
    ----------
    name : str
        What it is.
    lacking : str
        What is said of neurons without it, after "which".
    """

    name: str
    lacking: str


_NO_PROTOCOLS = "know no protocols"
BLOCK = Ability("spikes are not sent for a while", "cannot be silenced")
INJECT = Ability("a current flows into neurons", _NO_PROTOCOLS)
DROP = Ability("one spike is not sent", _NO_PROTOCOLS)
SEND = Ability("spikes are sent that were not fired", _NO_PROTOCOLS)
DISPLACE = Ability("states are changed between two steps", _NO_PROTOCOLS)
CHANGE = Ability("parameters are changed between two steps", _NO_PROTOCOLS)
SNAPSHOT = Ability("the whole state is read and set", "have no snapshots")
EVERYTHING = frozenset({BLOCK, INJECT, DROP, SEND, DISPLACE, CHANGE, SNAPSHOT})
