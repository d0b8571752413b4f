"""Protocols in files of their own."""

from pathlib import Path
from typing import Any

from pydantic import Field

from eiassembly.config.interventions.all import with_interventions
from eiassembly.config.interventions.silence import Silence
from eiassembly.core.records import Frozen
from eiassembly.core.toml import TomlText, parsed, read_text, validated


@with_interventions(tuple)
class ProtocolFile(Frozen):
    """A protocol; its keys are those of ``simulation`` in a configuration."""


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
