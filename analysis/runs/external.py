"""Other people's spikes: a SONATA file, and CSV of what was presented meanwhile."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import eiassembly
from eiassembly.analysis.runs.external_tables import read_assemblies_csv, read_presentations_csv
from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.sonata import populations_in, read_trains
from eiassembly.analysis.runs.spikes import Spikes, SpikeSource, sorted_by_time
from eiassembly.analysis.runs.windows import BIN as SHORTEST_BIN
from eiassembly.analysis.runs.windows import OdorWindows
from eiassembly.config.parameters import Population
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.arrays import Ids
from eiassembly.core.errors import ConfigError, FileFormatError
from eiassembly.core.reprs import counted, html_table
from eiassembly.odors.odors import Presentation

PRINCIPAL, INHIBITORY = "E", "I"
"""Names that tell what a population is where nobody says so."""


@dataclass(frozen=True)
class Given:
    """What is known of other people's spikes.

    Parameters
    ----------
    spikes, presentations : Path
        SONATA spike file, and CSV.
    assemblies : Path, optional
        CSV of the members of assemblies in the excitatory population.
    principal : str, optional
        The population that is measured; by default E, or the only one.
    inhibitory : sequence of str
        Inhibitory populations; by default I, if there is one of that name.
    sizes : mapping of str to int
        Cells of populations; by default up to the largest id that occurs.
    dt : float
        Time step to which times are rounded, ms.
    duration : float, optional
        Length of the recording, ms; by default up to the last spike or offset, whatever is later.
    """

    spikes: Path
    presentations: Path
    assemblies: Path | None = None
    principal: str | None = None
    inhibitory: Sequence[str] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    dt: float = 0.1
    duration: float | None = None


@dataclass(frozen=True, eq=False)
class ExternalRecording:
    """Spikes of which no wiring is known; made by `open_external`.

    Parameters
    ----------
    path : Path
        SONATA spike file.
    dt : float
        Time step, ms.
    n_steps : int
        Length, steps.
    presentations : tuple of Presentation
        In the order of onsets.
    population_names : PopulationNames
        What the populations do; there is no input.
    spikes : mapping of str to Spikes
        By population.
    assemblies : tuple of Assembly
        Of the excitatory population.
    provenance : mapping
        Names of the files.
    """

    path: Path
    dt: float
    n_steps: int
    presentations: tuple[Presentation, ...]
    population_names: PopulationNames
    spikes: Mapping[str, Spikes]
    assemblies: tuple[Assembly, ...]
    provenance: Mapping[str, Any]
    structure: str = field(default="", init=False)
    network_hash: str = field(default="", init=False)
    odors_hash: str = field(default="", init=False)
    delay: float = field(default=math.nan, init=False)

    def __repr__(self) -> str:
        return f"ExternalRecording({self.path}: {self.duration / 1000:g} s)"

    def _repr_html_(self) -> str:
        rows = {
            "duration": f"{self.duration / 1000:g} s in steps of {self.dt:g} ms",
            "odors": counted(p.kind for p in self.presentations),
            "assemblies": str(len(self.assemblies)),
        }
        spikes = {
            f"spikes of {name}": f"{len(s.steps):,} of {s.n_cells:,} cells" for name, s in self.spikes.items()
        }
        return html_table(f"Recording {self.path}", rows | spikes)

    @property
    def label(self) -> str:
        """Stem of the file name."""
        return self.path.stem

    @property
    def duration(self) -> float:
        """Length, ms."""
        return self.n_steps * self.dt

    @cached_property
    def wiring(self) -> Wiring:
        """Populations and assemblies, without any connection."""
        inhibitory = self.population_names.inhibitory
        populations = (
            Population(
                name=name, size=spikes.n_cells, sign="inhibitory" if name in inhibitory else "excitatory"
            )
            for name, spikes in self.spikes.items()
        )
        return Wiring(tuple(populations), (), self.assemblies)

    def source(self, name: str) -> SpikeSource:
        """Spikes of a population by time window."""
        return self.spikes[name]


def open_external(given: Given) -> ExternalRecording:
    """Read other people's spikes into memory.

    Raises
    ------
    ConfigError
        The bins of the measures are not whole numbers of time steps.
    FileFormatError
        A file is not what it has to be, or they do not fit together; one line.
    """
    if not math.isclose(SHORTEST_BIN / given.dt, round(SHORTEST_BIN / given.dt), rel_tol=1e-9):
        raise ConfigError(f"dt: expected a time step that divides {SHORTEST_BIN:g} ms, found {given.dt:g} ms")
    population_names = _population_names(given)
    presentations = read_presentations_csv(given.presentations)
    assemblies = (
        () if given.assemblies is None else read_assemblies_csv(given.assemblies, population_names.excitatory)
    )
    _check_sizes(given, population_names)
    trains = {
        name: read_trains(given.spikes, name, given.dt)
        for name in (population_names.excitatory, *population_names.inhibitory)
    }
    n_steps = _n_steps(given, presentations, trains)
    _check_windows(given, presentations, n_steps)
    spikes = {}
    for name, (steps, ids) in trains.items():
        spikes[name] = sorted_by_time(_size(given, name, ids, assemblies), steps, ids)
    return ExternalRecording(
        given.spikes,
        given.dt,
        n_steps,
        presentations,
        population_names,
        spikes,
        assemblies,
        _provenance(given),
    )


def _population_names(given: Given) -> PopulationNames:
    names = populations_in(given.spikes)
    principal = given.principal or (names[0] if len(names) == 1 else PRINCIPAL)
    default = tuple(name for name in (INHIBITORY,) if name in names and name != principal)
    inhibitory = tuple(dict.fromkeys(given.inhibitory)) or default
    for key, name in (("principal", principal), *(("inhibitory", name) for name in inhibitory)):
        if name not in names:
            raise _unknown(given, key, name, names)
    if principal in inhibitory:
        raise FileFormatError(f"{given.spikes}: inhibitory: expected others than the principal {principal}")
    return PopulationNames((), principal, inhibitory)


def _unknown(given: Given, key: str, name: str, names: Sequence[str]) -> FileFormatError:
    return FileFormatError(
        f"{given.spikes}: {key}: expected one of the populations {', '.join(names)}, found {name}"
    )


def _check_sizes(given: Given, population_names: PopulationNames) -> None:
    used = (population_names.excitatory, *population_names.inhibitory)
    for name in given.sizes:
        if name not in used:
            raise _unknown(given, "size", name, used)


def _size(given: Given, name: str, ids: Ids, assemblies: Sequence[Assembly]) -> int:
    """Cells of a population: as told, or as many as the largest id that occurs needs."""
    members = max((int(a.of(name).max()) for a in assemblies if len(a.of(name))), default=-1)
    spiking = int(ids.max()) if len(ids) else -1
    size = given.sizes.get(name, max(members, spiking) + 1)
    for path, largest in ((given.spikes, spiking), (given.assemblies, members)):
        if largest >= size:
            raise FileFormatError(f"{path}: {name}: expected node ids below its size {size}, found {largest}")
    if not size:
        raise FileFormatError(f"{given.spikes}: spikes/{name}: expected spikes, or the size of {name}")
    return size


def _n_steps(
    given: Given, presentations: Sequence[Presentation], trains: Mapping[str, tuple[Ids, Ids]]
) -> int:
    last = max((int(steps.max()) for steps, _ in trains.values() if len(steps)), default=0)
    if given.duration is None:
        return max(last, math.ceil(round(presentations[-1].offset / given.dt, 6)))
    if last > round(given.duration / given.dt):
        raise FileFormatError(
            f"{given.spikes}: spikes: expected times within the duration of {given.duration:g} ms, "
            f"found {last * given.dt:g} ms"
        )
    return round(given.duration / given.dt)


def _check_windows(given: Given, presentations: Sequence[Presentation], n_steps: int) -> None:
    if not any(OdorWindows.around(p, given.dt).lie_within(n_steps) for p in presentations):
        raise FileFormatError(
            f"{given.presentations}: column onset: expected at least one odor with 1 s before it "
            f"inside the {n_steps * given.dt:g} ms of {given.spikes}, found none"
        )


def _provenance(given: Given) -> dict[str, Any]:
    files = {"spikes": given.spikes, "presentations": given.presentations, "assemblies": given.assemblies}
    names = {key: path.name for key, path in files.items() if path is not None}
    return {"versions": {"eiassembly": eiassembly.__version__}, "files": names}
