"""What is done to neurons in a simulation, as a TOML file of its own."""

from pathlib import Path
from typing import Any

from pydantic import Field

from eiassembly.model.interventions import Current, Displace, Excitability, Perturb, Replay
from eiassembly.model.parameters import Frozen
from eiassembly.model.silencing import Silence
from eiassembly.model.toml_tables import TomlText, parsed, read_text, validated


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
