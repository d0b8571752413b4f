"""Commands that go the whole way: ``run`` for one configuration, ``demo`` for one network per structure."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import click

from eiassembly.analysis.report.as_json import write_json
from eiassembly.analysis.report.survey import survey
from eiassembly.analysis.report.tables import as_text
from eiassembly.analysis.runs.run import open_runs
from eiassembly.campaign.batch import Batch
from eiassembly.cli.options import SET
from eiassembly.cli.simulate import NEURON
from eiassembly.config.config import Config, load_config, parse_config
from eiassembly.config.simulation import Execution
from eiassembly.config.structures import COMPARED
from eiassembly.core.toml import TomlText, read_text
from eiassembly.model.simulation.request import Request
from eiassembly.model.simulation.session import require_neuron, run_simulation

DEMO_ODORS = MappingProxyType({False: 10, True: 4})
"""Learned and as many novel odors of the demo, by whether it is to be quick."""
DIRECTORY = click.Path(path_type=Path)


def _go_all_the_way(
    configs: Mapping[str, Config], out: Path, neuron: str | None, origin: TomlText | None = None
) -> None:
    """Build, simulate, analyse and report networks with the same odors; one line per step."""
    # Figures need matplotlib: imported here to keep the other commands quick.
    from eiassembly.analysis.report.html import write_report

    require_neuron(neuron)
    batch = Batch(out, configs)
    batch.make_folders()
    batch.draw_odors()
    for name, config in configs.items():
        click.echo(f"{name}: wiring network {config.network.preset}, seed {config.network.seed}")
        batch.build(name)
    if len(configs) == 1:
        _simulate_here(batch, neuron, origin)
    else:
        batch.simulate(neuron=neuron)
    click.echo("analysing")
    measured = survey(open_runs([batch.run(name) for name in configs]))
    click.echo(f"\n{as_text(measured)}\n")
    write_json(measured, out / "results.json")
    write_report(measured, out / "report.html")
    click.echo(f"{out / 'results.json'}, {out / 'report.html'}: written")


def _simulate_here(batch: Batch, neuron: str | None, origin: TomlText | None) -> None:
    asked = {} if neuron is None else {"neuron": neuron}
    for name, config in batch.configs.items():
        simulation = config.simulation
        execution = Execution(threads=simulation.threads, block=simulation.block)
        files = batch.network(name), batch.odors, batch.run(name)
        run_simulation(Request(*files, simulation.dynamics(**asked), execution, origin=origin))


@click.command()
@click.argument("config", type=click.Path(path_type=Path), metavar="CONFIG.toml")
@click.option("--out", type=DIRECTORY, metavar="DIR", help="Directory [default: output.dir of CONFIG.toml].")
@NEURON
@SET
def run(config: Path, out: Path | None, neuron: str | None, overrides: tuple[str, ...]) -> None:
    """Build, simulate, analyse and report the configured network.

    Example: eiassembly run CONFIG.toml --out results --set network.structure=tuned_ei
    """
    loaded = load_config(config, overrides)
    source = None if overrides else replace(read_text(config), inside="simulation.")
    _go_all_the_way({loaded.network.structure: loaded}, out or Path(loaded.output.dir), neuron, source)


@click.command()
@click.option(
    "--out", type=DIRECTORY, metavar="DIR", default="results/demo", show_default=True, help="Directory."
)
@click.option("--quick", is_flag=True, help="Four learned and four novel odors instead of ten.")
@NEURON
def demo(out: Path, quick: bool, neuron: str | None) -> None:
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
        for structure in COMPARED
    }
    _go_all_the_way(configs, out, neuron)
