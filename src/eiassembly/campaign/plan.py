"""From CAMPAIGN.toml to its runs: every combination of what varies, each with a name that no other has."""

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eiassembly.campaign.settings import CampaignTable, RunSettings, SlurmSettings, Variant
from eiassembly.campaign.variants import SECTIONS, axes_of, check_axes, in_order, same_values, with_replayed
from eiassembly.config.config import Config, parse_config
from eiassembly.config.simulation import Dynamics
from eiassembly.core.errors import ConfigError
from eiassembly.core.toml import override, read_table, validated

RUN = "run.h5"
"""Name of the result in the folder of a run."""
_SPEAKING = {("network", "preset"), ("network", "structure")}
"""What varies and needs no name beside its value."""
_DIGITS = 10
"""Of the hash, in names of folders."""
_LONGEST = 80
"""Characters of a label: with the hash far below what file systems take."""

Changes = Mapping[str, Any]


@dataclass(frozen=True)
class PlannedRun:
    """One run of a campaign.

    Parameters
    ----------
    label : str
        What is special about it, for people.
    changes : mapping
        What varies, by ``section.key`` (and ``variant``); plain TOML values.
    config : Config
        Resolved configuration.
    dynamics : Dynamics
        Settings of the simulation that shape the result.
    after : PlannedRun, optional
        Run that must be done before.
    """

    label: str
    changes: Changes
    config: Config
    dynamics: Dynamics
    after: "PlannedRun | None" = None

    @property
    def identity(self) -> str:
        """Hash of everything that shapes the result."""
        tables = self.config.model_dump(mode="json")
        return identity(tables["network"], tables["odors"], self.dynamics.model_dump(mode="json"))

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"{self.label}-{self.identity[:_DIGITS]}"

    @property
    def beside(self) -> str:
        """Path of its RUN.h5 from the folder of another run: the same wherever the campaign is."""
        return f"../{self.name}/{RUN}"


@dataclass(frozen=True)
class Campaign:
    """All runs of a campaign.

    Parameters
    ----------
    name : str
        For people, and for the batch system.
    folder : Path
        Where everything of the campaign is.
    runs : tuple of PlannedRun
        In the order of the file: the last key varies fastest.
    how : RunSettings
        How they are executed.
    slurm : SlurmSettings
        What a batch system is asked for.
    """

    name: str
    folder: Path
    runs: tuple[PlannedRun, ...]
    how: RunSettings
    slurm: SlurmSettings


def identity(network: Mapping[str, Any], odors: Mapping[str, Any], simulation: Mapping[str, Any]) -> str:
    """Sha256 of the resolved configuration: everything that shapes a result, nothing that does not.

    A run that is replayed is in it by the name of its folder, which ends with its own identity.

    Parameters
    ----------
    network, odors : mapping
        Sections of the resolved configuration; plain JSON values.
    simulation : mapping
        `Dynamics`; plain JSON values.
    """
    content = {"network": network, "odors": odors, "simulation": simulation}
    return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode()).hexdigest()


def load_campaign(path: Path, overrides: Sequence[str] = (), folder: Path | None = None) -> Campaign:
    """Read CAMPAIGN.toml, apply overrides such as ``slurm.ranks=4``, and list the runs.

    Parameters
    ----------
    path : Path
        The file.
    overrides : sequence of str
        ``SECTION.KEY=VALUE``.
    folder : Path, optional
        Where the campaign is, default: ``output.dir`` of the file, or ``results/NAME``.

    Raises
    ------
    ConfigError
        Unreadable file, unknown key, impossible value in a run, two runs that are the same.
    """
    table = read_table(path)
    for setting in overrides:
        override(table, setting)
    read = validated(CampaignTable, table, str(path))
    check_axes(read, path)
    name = read.name or path.stem
    runs = tuple(_runs(read, path))
    _check_distinct(runs, path)
    default = Path(runs[0].config.output.dir) if "dir" in read.output else Path("results") / name
    return Campaign(name, folder or default, runs, read.run, read.slurm)


def _runs(table: CampaignTable, path: Path) -> Iterator[PlannedRun]:
    """Yield all runs in the order of the file, made in the order in which they need each other."""
    if not table.variant:
        yield from _runs_of(table, None, (), path)
    made: dict[str, list[PlannedRun]] = {}
    for variant in in_order(table.variant, path):
        before = made[variant.after] if variant.after is not None else ()
        made[variant.name] = list(_runs_of(table, variant, before, path))
    for variant in table.variant:
        yield from made[variant.name]


def _runs_of(
    table: CampaignTable, variant: Variant | None, before: Sequence[PlannedRun], path: Path
) -> Iterator[PlannedRun]:
    """Yield the runs of a variant; ``before`` are those of the variant that it comes after."""
    axes = axes_of(table, variant)
    for chosen in itertools.product(*axes.values()):
        changed = dict(zip(axes, chosen, strict=True))
        label = _label(variant, changed) or "run"
        origin = f"{path}: run {label}"
        changes = {} if variant is None else {"variant": variant.name}
        changes |= {f"{section}.{key}": value for (section, key), value in changed.items()}
        after = before[same_values(changes, [run.changes for run in before], origin)] if before else None
        tables = _merged(table, variant, changed)
        tables["simulation"] = with_replayed(tables["simulation"], after.beside if after else None, origin)
        config = parse_config(tables, origin)
        dynamics = config.simulation.dynamics(neuron=table.run.neuron)
        yield PlannedRun(label, changes, config, dynamics, after)


def _merged(
    table: CampaignTable, variant: Variant | None, changed: Mapping[tuple[str, str], Any]
) -> dict[str, dict[str, Any]]:
    """Tables of CONFIG.toml of one run; what varies wins over the variant, and that over what is shared."""
    merged = {name: dict(getattr(table, name)) for name in (*SECTIONS, "output")}
    for name in SECTIONS if variant is not None else ():
        merged[name] |= getattr(variant, name)
    for (section, key), value in changed.items():
        merged[section][key] = value
    return merged


def _label(variant: Variant | None, changed: Mapping[tuple[str, str], Any]) -> str:
    keys = [key for _, key in changed]
    parts = [] if variant is None else [variant.name]
    for (section, key), value in changed.items():
        name = key if keys.count(key) == 1 else f"{section}.{key}"
        parts.append(_text(value) if (section, key) in _SPEAKING else f"{name}{_text(value)}")
    return re.sub(r"[^\w.+-]+", "_", "-".join(parts), flags=re.ASCII)[:_LONGEST]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _check_distinct(runs: Sequence[PlannedRun], path: Path) -> None:
    """Two runs of the same configuration would only wait for each other."""
    seen: dict[str, PlannedRun] = {}
    for run in runs:
        other = seen.setdefault(run.identity, run)
        if other is not run:
            raise ConfigError(
                f"{path}: expected different runs, found {other.label} and {run.label} with the same "
                "configuration"
            )
