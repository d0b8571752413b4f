"""Commands that go the whole way: ``run`` for one configuration, ``demo`` for one network per structure."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import click

from eiassembly.analysis.results import open_runs
from eiassembly.analysis.tables import analyse_run, as_text, write_json
from eiassembly.cli.networks import SET
from eiassembly.cli.parallel import run_commands
from eiassembly.cli.simulate import run_simulation
from eiassembly.connectivity import storage
from eiassembly.connectivity.build import build
from eiassembly.model import odor_storage
from eiassembly.model.config import Config, load_config, parse_config
from eiassembly.model.errors import EnvironmentProblemError
from eiassembly.model.files import describe_os_error
from eiassembly.model.odor_draws import draw_odor_set
from eiassembly.model.settings import Dynamics, Execution

DEMO_STRUCTURES = ("rand", "scaled_i", "tuned_i", "tuned_ei")
DEMO_ODORS = MappingProxyType({False: 10, True: 4})
"""Learned and as many novel odours of the demo, by whether it is to be quick."""
DIRECTORY = click.Path(path_type=Path)


def _make_directory(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblemError(
            f"{path}: cannot make the directory: {describe_os_error(error)}"
        ) from error


def _go_all_the_way(configs: Mapping[str, Config], out: Path) -> None:
    """Build, simulate, analyse and report networks that smell the same odours; one line per step."""
    # Figures need matplotlib: imported here to keep the other commands quick.
    from eiassembly.analysis.report import write_report

    for directory in (out / "networks", out / "runs"):
        _make_directory(directory)
    odors = out / "odors.h5"
    odor_storage.save(draw_odor_set(next(iter(configs.values()))), odors)
    for name, config in configs.items():
        click.echo(f"{name}: wiring network {config.network.preset}, seed {config.network.seed}")
        storage.save(build(config), _network(out, name))
    if len(configs) == 1:
        _simulate_here(configs, out)
    else:
        _simulate_side_by_side(configs, out)
    click.echo("analysing")
    results = [analyse_run(run) for run in open_runs([_run(out, name) for name in configs])]
    click.echo(f"\n{as_text(results)}\n")
    write_json(results, out / "results.json")
    write_report(results, out / "report.html")
    click.echo(f"{out / 'results.json'}, {out / 'report.html'}: written")


def _network(out: Path, name: str) -> Path:
    return out / "networks" / f"{name}.h5"


def _run(out: Path, name: str) -> Path:
    return out / "runs" / f"{name}.h5"


def _simulate_here(configs: Mapping[str, Config], out: Path) -> None:
    for name, config in configs.items():
        simulation = config.simulation
        dynamics = Dynamics(dt=simulation.dt, delay=simulation.delay)
        execution = Execution(threads=simulation.threads, block=simulation.block)
        run_simulation(_network(out, name), out / "odors.h5", _run(out, name), dynamics, execution)


def _simulate_side_by_side(configs: Mapping[str, Config], out: Path) -> None:
    """Fill the processors with simulations that have nothing to wait for in each other."""
    most = max(config.simulation.threads for config in configs.values())
    commands = {name: _simulate_command(config, out, name) for name, config in configs.items()}
    run_commands(commands, max(1, (os.cpu_count() or 1) // most))


def _simulate_command(config: Config, out: Path, name: str) -> Sequence[str]:
    settings = ("delay", "threads", "block")
    options = [f"--{key}={getattr(config.simulation, key)}" for key in settings]
    files = (str(_network(out, name)), str(out / "odors.h5"), f"--out={_run(out, name)}")
    return ("simulate", *files, *options)


@click.command()
@click.argument("config", type=click.Path(path_type=Path), metavar="CONFIG.toml")
@click.option("--out", type=DIRECTORY, metavar="DIR", help="Directory [default: output.dir of CONFIG.toml].")
@SET
def run(config: Path, out: Path | None, overrides: tuple[str, ...]) -> None:
    """Build, simulate, analyse and report the configured network.

    Example: eiassembly run CONFIG.toml --out results --set network.structure=tuned_ei
    """
    loaded = load_config(config, overrides)
    _go_all_the_way({loaded.network.structure: loaded}, out or Path(loaded.output.dir))


@click.command()
@click.option(
    "--out", type=DIRECTORY, metavar="DIR", default="results/demo", show_default=True, help="Directory."
)
@click.option("--quick", is_flag=True, help="Four learned and four novel odors instead of ten.")
def demo(out: Path, quick: bool) -> None:
    """Compare network A without assemblies, with Scaled I, Tuned I and Tuned E+I: the whole way to a report.

    Example: eiassembly demo --out results/demo
    """
    n_odors = DEMO_ODORS[quick]
    configs = {
        structure: parse_config(
            {
                "network": {"structure": structure},
                "odors": {"learned": n_odors, "novel": n_odors},
                "simulation": {"threads": 1},
            },
            "demo",
        )
        for structure in DEMO_STRUCTURES
    }
    _go_all_the_way(configs, out)
