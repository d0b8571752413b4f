"""What an experiment does to neurons: currents, changed spikes, replayed spikes, changed states.

Each is one table of a protocol. `protocol.interventions` of the model finds out what they mean for a network.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field, PositiveFloat, SerializerFunctionWrapHandler, model_serializer, model_validator

from eiassembly.core.records import Frozen
from eiassembly.core.toml import TomlText, parsed, read_text, validated

MOST_CURRENT = 500.0
"""pA. All synapses of a neuron together carry up to 540 pA: 9 nS (the largest g_syn) times 60 mV."""
MOST_DISPLACEMENT = 20.0
"""mV (V_m) and as many pA (z) and nS (g): from rest to threshold it is 20 to 22 mV."""

Cell = Annotated[int, Field(strict=True, ge=0)]
Time = Annotated[float, Field(strict=True)]
Number = Annotated[int, Field(strict=True, ge=1)]
Fraction = Annotated[float, Field(strict=True, gt=0, le=1)]
Windows = tuple[tuple[Time, Time], ...]

_CHOICES = ("ids", "number", "fraction", "assembly")
_PARTS_OF_AN_ASSEMBLY = ({"assembly", "number"}, {"assembly", "fraction"})
_TIMES = ("windows", "around")


class Times(Protocol):
    """When something is done: in windows, or around odors."""

    @property
    def windows(self) -> Windows | None:
        """Windows, ms."""

    @property
    def around(self) -> tuple[float, float] | None:
        """From so long after onset to so long after offset, ms."""

    @property
    def odors(self) -> tuple[int, ...] | None:
        """Around these odors only."""


class Table(Frozen):
    """A table of a protocol; as plain values it has the keys that were given, and defaults."""

    @model_serializer(mode="wrap")
    def _what_was_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if value is not None}


class Perturb(Table):
    """One spike more or less.

    An E or I neuron: the first spike at or after a time that would reach its targets does not (the neuron
    fires, is reset and recorded as ever), or one more reaches them at that time (the neuron notices nothing,
    it is not recorded). A mitral cell: its train is changed.
    """

    population: str = Field(description="whose neuron, e.g. E or OB [-], ours")
    id: Cell = Field(description="the neuron [-], ours")
    at: Annotated[float, Field(strict=True, gt=0)] = Field(description="time [ms], ours")
    change: Literal["remove", "add"] = Field(
        default="remove", description="first spike at or after the time, or one more at it [-], ours"
    )


class Replay(Table):
    """Spikes of another run in place of those that a population fires (decoupled inhibition)."""

    population: str = Field(description="all its neurons, e.g. I [-], ours")
    run: str = Field(
        min_length=1,
        description="RUN.h5 with the spikes, from where it is run or from the new RUN.h5 [-], ours",
    )
    shuffle: Literal["none", "times", "ids", "trains", "jitter"] = Field(
        default="none",
        description="nothing; a new time for every spike; a new neuron for every spike; a new neuron for "
        "every train; a new time nearby for every spike [-], Methods do not say more than shuffled",
    )
    jitter: PositiveFloat | None = Field(default=None, description="greatest shift of a time [ms], ours")
    seed: Cell = Field(default=1, description="of the shuffling [-], ours")
    windows: Windows | None = Field(
        default=None, description="[start, stop), shuffled within each; default: the whole run [ms], ours"
    )
    around: tuple[Time, Time] | None = Field(
        default=None,
        description="from this time after the onset to that after the offset of every odor [ms], ours",
    )
    odors: tuple[Cell, ...] | None = Field(
        default=None, description="around presentations of these odors only [-], ours"
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Replay":
        if self.windows is not None and self.around is not None:
            raise ValueError("windows or around: expected at most one of these, found windows and around")
        if (self.shuffle == "jitter") != (self.jitter is not None):
            found = "none" if self.jitter is None else f"it with shuffle = {self.shuffle!r}"
            raise ValueError(f"jitter: expected with shuffle = 'jitter' and only there, found {found}")
        check_times(self)
        return self


class Selection(Table):
    """Which neurons of a population: one of four choices, or a part of an assembly."""

    population: str = Field(description="whose neurons, e.g. FBI [-], ours")
    ids: tuple[Cell, ...] | None = Field(default=None, description="these neurons [-], ours")
    number: Number | None = Field(default=None, description="so many, drawn at random [1], ours")
    fraction: Fraction | None = Field(default=None, description="this part of all, drawn at random [1], ours")
    assembly: Cell | None = Field(
        default=None,
        description="the members of the assembly of this odor, or some of them (number, fraction) [-], ours",
    )
    seed: Cell = Field(default=1, description="of the random choice [-], ours")

    @model_validator(mode="after")
    def _one_choice(self) -> "Selection":
        given = [key for key in _CHOICES if getattr(self, key) is not None]
        if len(given) != 1 and set(given) not in _PARTS_OF_AN_ASSEMBLY:
            raise ValueError(_not_one_of(_CHOICES, given))
        return self


class Displace(Selection):
    """States that are displaced at one moment: twins, or a trial with another initial state."""

    at: Annotated[float, Field(strict=True, ge=0)] = Field(
        default=0.0, description="after the step that ends then [ms], ours"
    )
    draw: Literal["normal", "same"] = Field(
        default="normal", description="normally distributed with this SD, or the same for all [-], ours"
    )
    V_m: Time | None = Field(default=None, description="membrane potential [mV], ours")
    z: Time | None = Field(default=None, description="adaptation [pA], ours")
    g: Time | None = Field(
        default=None, description="every conductance that has acted in that step; stays >= 0 [nS], ours"
    )

    @model_validator(mode="after")
    def _something_within_reason(self) -> "Displace":
        given = {key: getattr(self, key) for key in ("V_m", "z", "g") if getattr(self, key) is not None}
        if not given:
            raise ValueError("V_m or z or g: expected at least one of these, found none of them")
        for key, value in given.items():
            if abs(value) > MOST_DISPLACEMENT:
                raise ValueError(
                    f"{key}: expected at most {MOST_DISPLACEMENT:g} either way (threshold is 20 mV away), "
                    f"found {value:g}"
                )
        return self


class Timed(Selection):
    """Which neurons, and when: one of two choices."""

    windows: Windows | None = Field(default=None, description="[start, stop) [ms], ours")
    around: tuple[Time, Time] | None = Field(
        default=None,
        description="from this time after the onset to that after the offset of every odor [ms], ours",
    )
    odors: tuple[Cell, ...] | None = Field(
        default=None, description="around presentations of these odors only [-], ours"
    )

    @model_validator(mode="after")
    def _one_kind_of_times(self) -> "Timed":
        given = [key for key in _TIMES if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(_not_one_of(_TIMES, given))
        check_times(self)
        return self


class Current(Timed):
    """A constant current into some neurons (Fig. 3 s1: 28 pA for 500 ms into half of an assembly)."""

    pA: Annotated[float, Field(strict=True)] = Field(description="current, > 0 depolarises [pA], Fig. 3 s1")

    @model_validator(mode="after")
    def _within_reason(self) -> "Current":
        if self.pA == 0 or abs(self.pA) > MOST_CURRENT:
            raise ValueError(
                f"pA: expected at most {MOST_CURRENT:g} either way, and not 0 (published: 28; all synapses "
                f"of a neuron together carry up to 540), found {self.pA:g}"
            )
        return self


class Excitability(Timed):
    """Neurons with a lower resting conductance for a while: a pseudo-assembly that is more excitable."""

    lowered_by: Annotated[float, Field(strict=True, gt=0, lt=1)] = Field(
        description="part of g_rest that is taken away at concentration 1 [1], ours"
    )
    concentration: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        default={}, description="of odors, by their number; of others 1 [1], ours"
    )

    @model_validator(mode="after")
    def _concentrations_of_odors(self) -> "Excitability":
        if self.concentration and self.around is None:
            raise ValueError("concentration: expected only together with around, found windows")
        for odor in self.concentration:
            if not odor.isdecimal():
                raise ValueError(f"concentration.{odor}: expected the number of an odor, found {odor!r}")
        return self


class Silence(Timed):
    """Which neurons are silenced, and when."""


def _not_one_of(keys: Sequence[str], given: Sequence[str]) -> str:
    found = " and ".join(given) or "none of them"
    return f"{' or '.join(keys)}: expected one of these, found {found}"


def check_times(times: Times) -> None:
    """Raise ValueError unless every window ends after it starts, and odors are named only to be around."""
    if times.odors is not None and times.around is None:
        found = "none" if times.windows is None else "windows"
        raise ValueError(f"odors: expected only together with around, found {found}")
    for start, stop in times.windows or ():
        if not 0 <= start < stop:
            raise ValueError(f"windows: expected 0 <= start < stop, found [{start:g}, {stop:g}]")


class ProtocolFile(Frozen):
    """A protocol; its keys are those of ``simulation`` in a configuration."""

    silence: tuple[Silence, ...] = Field(default=(), description="as in simulation.silence [-], ours")
    current: tuple[Current, ...] = Field(default=(), description="as in simulation.current [-], ours")
    perturb: tuple[Perturb, ...] = Field(default=(), description="as in simulation.perturb [-], ours")
    replay: tuple[Replay, ...] = Field(default=(), description="as in simulation.replay [-], ours")
    displace: tuple[Displace, ...] = Field(default=(), description="as in simulation.displace [-], ours")
    excitability: tuple[Excitability, ...] = Field(
        default=(), description="as in simulation.excitability [-], ours"
    )


class SilenceFile(Frozen):
    """Neurons to silence in a simulation, and nothing else."""

    silence: list[Silence] = Field(min_length=1, description="as in simulation.silence [-], ours")


def load_protocol(path: Path, model: type[Frozen] = ProtocolFile) -> tuple[dict[str, Any], TomlText]:
    """Read what is to be done to neurons: arrays of tables of a TOML file.

    Parameters
    ----------
    path : Path
        The file.
    model : type
        Which tables it may have.

    Returns
    -------
    tables : dict
        By name, tuples of records; fields of `Dynamics`.
    text : TomlText
        To name lines of what does not fit the network.

    Raises
    ------
    ConfigError
        Unreadable file, bad TOML, unknown key, wrong type or impossible value; one line.
    """
    source = read_text(path)
    protocol = validated(model, parsed(source), source)
    return {name: tuple(getattr(protocol, name)) for name in model.model_fields}, source


def load_silence(path: Path) -> tuple[Silence, ...]:
    """Read which neurons are to be silenced: the tables ``[[silence]]`` of a TOML file.

    Raises
    ------
    ConfigError
        As of `load_protocol`.
    """
    silences: tuple[Silence, ...] = load_protocol(path, SilenceFile)[0]["silence"]
    return silences
