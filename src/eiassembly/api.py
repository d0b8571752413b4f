"""The front door: what ``import eiassembly as ei`` offers. The command line calls the same functions.

Wherever a file is expected, str and Path will do. What is wrong is said in one line, as on the command line:
everything that can be wrong is an `EiassemblyError`.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eiassembly.config import config as configuration
from eiassembly.config.config import Config, parse_config
from eiassembly.config.odors import Odors
from eiassembly.connectivity.build import build as build_wiring
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.errors import ConfigError
from eiassembly.core.files import ensure_writable_target
from eiassembly.odors import file as odor_file
from eiassembly.odors.odors import OdorSet
from eiassembly.odors.schedules import suitable_odor_set

if TYPE_CHECKING:
    import pandas as pd

    from eiassembly.analysis.notebook.objects import NotebookRecording, NotebookRun
    from eiassembly.analysis.report.survey import Survey
    from eiassembly.analysis.runs.recording import Recording
    from eiassembly.analysis.runs.run import Run

AnyPath = str | Path
AnyConfig = Config | Mapping[str, Any] | AnyPath
"""A configuration: loaded, as tables of TOML, or the name of a file."""
# Whatever reads runs is imported where it is needed: it takes longer to load than a network takes to build.


def load_config(source: AnyConfig, overrides: Sequence[str] = ()) -> Config:
    """Read a configuration; what it lacks is as in the paper.

    Parameters
    ----------
    source : str, Path, mapping or Config
        CONFIG.toml, or its tables.
    overrides : sequence of str
        Such as ``network.seed=2``.

    Raises
    ------
    ConfigError
        Unreadable file, bad TOML, unknown key, wrong type or impossible value; one line.
    """
    if isinstance(source, Config):
        return parse_config(source.model_dump(), "configuration", overrides) if overrides else source
    if isinstance(source, Mapping):
        return parse_config(source, "configuration", overrides)
    return configuration.load_config(Path(source), overrides)


def build(config: AnyConfig | None = None, **network: Any) -> Wiring:
    """Wire a network.

    Parameters
    ----------
    config : str, Path, mapping or Config, optional
        CONFIG.toml or its tables; by default as in the paper.
    **network
        Keys of the section ``[network]`` in place of those of the configuration, e.g. ``preset="A"``,
        ``structure="tuned_ei"``, ``seed=1``.

    Raises
    ------
    ConfigError
        Of the configuration; see `load_config`.
    """
    return build_wiring(_with_section({} if config is None else config, "network", network))


def _with_section(source: AnyConfig, section: str, keys: Mapping[str, Any]) -> Config:
    """Load a configuration in which some keys of a section are replaced."""
    if not keys:
        return load_config(source)
    # Only what somebody has given: another preset or kind brings its own defaults along.
    given = source if isinstance(source, Mapping) else load_config(source).model_dump(exclude_unset=True)
    found = given.get(section, {})
    if not isinstance(found, Mapping):
        return load_config(given)  # which says what is wrong
    return load_config({**given, section: {**found, **keys}})


def load_network(path: AnyPath) -> Wiring:
    """Read NET.h5.

    Raises
    ------
    FileFormatError
        Missing, damaged, of another kind, or not what its content hash says.
    """
    return network_file.load(Path(path))


def draw_odors(source: Wiring | AnyConfig, *, spikes: bool | None = None, **odors: Any) -> OdorSet:
    """Draw odors, when they are presented, and the spike trains of the mitral cells.

    Parameters
    ----------
    source : Wiring, or str, Path, mapping or Config
        The network they are for: learned odors are those that its assemblies were built from. Or a
        configuration.
    spikes : bool, optional
        With the spike trains, or as a recipe by which they are drawn; by default with up to 2 million.
    **odors
        Keys of the section ``[odors]`` in place of those of the configuration, e.g. ``learned=10``,
        ``novel=10``, ``kind="trials"``, ``seed=1``.

    Raises
    ------
    ConfigError
        Of the configuration, see `load_config`; or learned odors for a network that is not ours.
    """
    if isinstance(source, Wiring):
        source = _config_of(source, odors)
    return suitable_odor_set(_with_section(source, "odors", odors), spikes)


def _config_of(network: Wiring, odors: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tables from which a network was built; with another kind of odors only what all kinds share."""
    tables = network.description.get("config")
    if tables is None:
        return _config_of_imported(network, odors)
    section = tables["odors"]
    if odors.get("kind", section["kind"]) != section["kind"]:
        # A kind has pauses and lengths of its own.
        shared = Odors.model_fields.keys() - {"baseline", "duration"}
        section = {key: value for key, value in section.items() if key in shared}
    return {"network": tables["network"], "odors": section, "simulation": {"dt": tables["simulation"]["dt"]}}


def _config_of_imported(network: Wiring, odors: Mapping[str, Any]) -> Mapping[str, Any]:
    """Novel odors are for any network with as many mitral cells as ours."""
    if odors.get("learned"):
        raise ConfigError(
            f"learned: expected 0 for a network that was not built here, found {odors['learned']}; its "
            "learned odors are in a file of their own: load_odors, or the command odors import"
        )
    per_scale = suitable_odor_set(Config(), spikes=False).n_mitral
    n_mitral = network.populations[0].size
    if n_mitral % per_scale:
        raise ConfigError(f"network: expected a multiple of {per_scale} mitral cells, found {n_mitral}")
    return {"network": {"scale": n_mitral // per_scale}}


def load_odors(path: AnyPath) -> OdorSet:
    """Read ODORS.h5.

    Raises
    ------
    FileFormatError
        Missing, damaged, of another kind, or not what its content hash says.
    """
    return odor_file.load(Path(path))


def simulate(
    network: Wiring | AnyPath,
    odors: OdorSet | AnyPath,
    out: AnyPath,
    *,
    threads: int | None = None,
    ranks: int = 1,
    duration: float | None = None,
    delay: float | None = None,
    protocol: AnyPath | None = None,
    neuron: str | None = None,
    record: str | Sequence[str] = (),
    every: float | None = None,
    cells: int | None = None,
    block: float | None = None,
    checkpoint_every: float | None = None,
    resume: bool = False,
    from_snapshot: AnyPath | None = None,
    oversubscribe: bool = False,
    progress: bool = True,
) -> "NotebookRun":
    """Simulate a network in NEST, in a process of its own; what is not given is as of ``simulate --help``.

    Parameters
    ----------
    network : Wiring, str or Path
        Network, or NET.h5.
    odors : OdorSet, str or Path
        Odors, or ODORS.h5.
    out : str or Path
        RUN.h5 to write.
    threads : int, optional
        Per process.
    ranks : int
        Processes; more than one are started by mpirun and need a NEST with MPI.
    duration, delay : float, optional
        Simulated time and synaptic delay, ms.
    protocol : str or Path, optional
        PROTOCOL.toml: what is done to neurons meanwhile.
    neuron : str, optional
        ``extension``, our exact neuron, or ``nest``, NEST's own.
    record : str or sequence of str
        State to record, e.g. ``("V_m", "g_E")``.
    every, cells : float and int, optional
        Interval of the recording, ms, and cells per population.
    block, checkpoint_every : float, optional
        Simulated time between writes, and between snapshots to continue from, ms.
    resume : bool
        Go on from the last snapshot of an interrupted run.
    from_snapshot : str or Path, optional
        Go on from the last snapshot of another run.
    oversubscribe : bool
        Allow more threads or ranks than processors.
    progress : bool
        Show a bar in a notebook and on a terminal.

    Returns
    -------
    Run
        As of `open_run`.

    Raises
    ------
    EiassemblyError
        Bad files or settings, an environment that does not fit, a result that cannot be written: the line
        that the command has said.
    KeyboardInterrupt
        The simulation has been interrupted, too, and has ended.
    """
    from eiassembly.core.child import run_child

    options = {
        "out": out, "threads": threads, "duration": duration, "delay": delay, "protocol": protocol,
        "neuron": neuron, "record": ",".join(_several(record)) or None, "every": every, "cells": cells,
        "block": block, "checkpoint-every": checkpoint_every, "from-snapshot": from_snapshot,
    }  # fmt: skip
    flags = {"resume": resume, "oversubscribe": oversubscribe}
    given = [f"--{name}={value}" for name, value in options.items() if value is not None]
    given += [f"--{name}" for name, is_set in flags.items() if is_set]
    with _as_files(network, odors) as files:
        run_child(["simulate", *given, "--", *map(str, files)], ranks, oversubscribe, progress)
    return open_run(out)


def _several(names: str | Sequence[str]) -> Sequence[str]:
    return [names] if isinstance(names, str) else names


@contextmanager
def _as_files(network: Wiring | AnyPath, odors: OdorSet | AnyPath) -> Iterator[tuple[AnyPath, AnyPath]]:
    """Write what is no file to one, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="eiassembly-") as name:
        folder = Path(name)
        if isinstance(network, Wiring):
            network_file.save(network, folder / "network.h5")
            network = folder / "network.h5"
        if isinstance(odors, OdorSet):
            odor_file.save(odors, folder / "odors.h5")
            odors = folder / "odors.h5"
        yield network, odors


def open_run(path: AnyPath) -> "NotebookRun":
    """Open RUN.h5; what is not asked for is not read.

    Raises
    ------
    FileFormatError
        Missing, damaged, not a run file, or a run that did not get to its end.
    """
    from eiassembly.analysis.notebook.objects import run_for_notebooks
    from eiassembly.analysis.runs import run as results

    return run_for_notebooks(results.open_run(path))


def open_spikes(
    spikes: AnyPath,
    presentations: AnyPath,
    *,
    assemblies: AnyPath | None = None,
    principal: str | None = None,
    inhibitory: str | Sequence[str] = (),
    sizes: Mapping[str, int] | None = None,
    dt: float = 0.1,
    duration: float | None = None,
) -> "NotebookRecording":
    """Read other people's spikes into memory.

    Parameters
    ----------
    spikes : str or Path
        SONATA spike file.
    presentations : str or Path
        CSV with the columns onset, offset [ms], odor; if you like kind, x, y.
    assemblies : str or Path, optional
        CSV with the columns odor, node_id.
    principal : str, optional
        Population whose responses are measured; by default E, or the only one.
    inhibitory : str or sequence of str
        Inhibitory populations; by default I, if there is one.
    sizes : mapping of str to int, optional
        Cells by population; by default up to the largest id.
    dt : float
        Time step that times are rounded to, ms.
    duration : float, optional
        Length of the recording, ms; by default to the last spike or offset.

    Raises
    ------
    EiassemblyError
        A file is not what it has to be, or they do not fit together; one line.
    """
    from eiassembly.analysis.notebook.objects import recording_for_notebooks
    from eiassembly.analysis.runs.external import Given, open_external

    files = Path(spikes), Path(presentations), None if assemblies is None else Path(assemblies)
    given = Given(*files, principal, _several(inhibitory), sizes or {}, dt, duration)
    return recording_for_notebooks(open_external(given))


def measure(runs: "Recording | AnyPath | Sequence[Recording | AnyPath]") -> "pd.DataFrame":
    """Measure runs, or other people's recordings, each as what it is; nothing is read that is not needed.

    Parameters
    ----------
    runs : Run, ExternalRecording, str or Path, or a sequence of these
        What to measure; several runs also against each other.

    Returns
    -------
    DataFrame
        One number per row, as in RESULTS.csv: run (name of the file), label, network, structure, preset,
        seed, experiment, condition (kind of odors, or what else tells a number from others), measure, unit,
        value (NaN where undefined).

    Raises
    ------
    EiassemblyError
        There is nothing that can be measured, or pandas is missing.
    """
    from eiassembly.analysis.experiments.result import analyse_recording
    from eiassembly.analysis.report.as_frame import results_frame
    from eiassembly.analysis.report.survey import ExternalSurvey, Summary
    from eiassembly.core.optional import needed

    pandas = needed("pandas")  # missed before it is measured
    runs_of_ours, others = _sorted_out(runs)
    measured: list[Summary] = [ExternalSurvey([analyse_recording(other)]) for other in others]
    if runs_of_ours:
        measured.insert(0, _survey(runs_of_ours))
    return pandas.concat([results_frame(survey) for survey in measured], ignore_index=True)


def report(runs: "Run | AnyPath | Sequence[Run | AnyPath]", out: AnyPath) -> Path:
    """Write one self-contained HTML file: what was run, the tables, the figures.

    Parameters
    ----------
    runs : Run, str or Path, or a sequence of these
        RUN.h5, or opened.
    out : str or Path
        REPORT.html.

    Returns
    -------
    Path
        Of the report.

    Raises
    ------
    EiassemblyError
        There is nothing that can be measured, or the file cannot be written.
    """
    from eiassembly.analysis.report.html import write_report

    ensure_writable_target(Path(out))
    ours, others = _sorted_out(runs)
    if others:
        raise ConfigError(f"{others[0].path}: expected runs: a report needs the network, too")
    write_report(_survey(ours), Path(out))
    return Path(out)


def _sorted_out(
    runs: "Recording | AnyPath | Sequence[Recording | AnyPath]",
) -> "tuple[list[Run], list[Recording]]":
    """Open what is not open, and tell our runs from other recordings."""
    from eiassembly.analysis.runs.run import Run

    listed = runs if isinstance(runs, Sequence) and not isinstance(runs, str) else [runs]
    if not listed:
        raise ConfigError("runs: expected at least one, found none")
    opened = [open_run(run) if isinstance(run, (str, Path)) else run for run in listed]
    return [r for r in opened if isinstance(r, Run)], [r for r in opened if not isinstance(r, Run)]


def _survey(runs: "Sequence[Run]") -> "Survey":
    from eiassembly.analysis.report.survey import survey
    from eiassembly.analysis.runs.run import with_distinct_labels

    return survey(with_distinct_labels(runs))
