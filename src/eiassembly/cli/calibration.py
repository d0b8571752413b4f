"""The command ``eiassembly calibrate``: how strong inhibition has to be for memories to keep the rates."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
import numpy as np

from eiassembly.analysis.measures.calibration import RUNAWAY, SYMBOLS, TOLERANCE, CalibrationCurve
from eiassembly.analysis.report.tables import aligned
from eiassembly.campaign.calibrate import Search
from eiassembly.cli.options import SET
from eiassembly.config.config import Config, load_config, parse_config
from eiassembly.config.odors import SequenceOdors
from eiassembly.core.errors import ConfigError
from eiassembly.core.files import make_directory, written_beside
from eiassembly.core.text import number
from eiassembly.model.simulation.session import require_neuron

_DEFAULT_ODORS = 10
"""Learned odors that are presented if the configuration does not say (Methods)."""


def _values(ctx: click.Context, param: click.Parameter, text: str) -> tuple[float, ...]:
    """Increasing values from ``LOW:HIGH:STEP`` or ``V1,V2,…``."""
    try:
        if ":" in text:
            low, high, step = (float(part) for part in text.split(":"))
            values = low + step * np.arange(1 + round((high - low) / step))
        else:
            values = np.array([float(part) for part in text.split(",")])
    except (ValueError, OverflowError, ZeroDivisionError):
        values = np.empty(0)
    if len(values) < 2 or not np.isfinite(values).all() or (np.diff(values) <= 0).any() or values[0] <= 0:
        raise click.BadParameter(
            f"expected at least two increasing positive values as LOW:HIGH:STEP or V1,V2,…, found {text}",
            ctx,
            param,
        )
    return tuple(round(float(value), 9) for value in values)


def _seeds(ctx: click.Context, param: click.Parameter, text: str | None) -> tuple[int, ...]:
    """Different seeds from a comma-separated list."""
    parts = [] if text is None else text.split(",")
    if not all(part.strip().isdigit() for part in parts) or len(set(parts)) < len(parts):
        raise click.BadParameter(f"expected different seeds as 1,2,3, found {text}", ctx, param)
    return tuple(int(part) for part in parts)


def _for_many_networks(config: Config, origin: str) -> Config:
    """Return the configuration with learned odors alone, and one thread: there are many networks."""
    table = config.model_dump(exclude_unset=True)
    if not isinstance(config.odors, SequenceOdors):
        raise ConfigError(
            f"{origin}: odors.kind: expected 'sequence' to measure rates with, found {config.odors.kind!r}"
        )
    learned = config.odors.learned or min(_DEFAULT_ODORS, config.network.assemblies)
    odors = {**table.get("odors", {}), "learned": learned, "novel": 0}
    simulation = {"threads": 1, **table.get("simulation", {})}
    return parse_config({**table, "odors": odors, "simulation": simulation}, origin)


def _table(curve: CalibrationCurve) -> str:
    head = [curve.symbol, "reached", "rate (Hz)", "rand (Hz)", "ratio", f"within {TOLERANCE:.0%}"]
    rows = [
        [
            f"{m.value:g}", number(m.achieved), number(float(np.mean(m.rates))),
            number(float(np.mean(m.reference))), number(m.ratio), "yes" if m.keeps_rate else "no",
        ]
        for m in curve.measurements
    ]  # fmt: skip
    return aligned([head, *rows])


def _conclusions(curve: CalibrationCurve) -> Iterator[str]:
    if curve.parameter == "alpha":
        kept = f"up to α = {max(curve.keeping):g}" if curve.keeping else "with none of these"
        where = "not reached" if curve.critical is None else f"α = {curve.critical:.3g}"
        yield f"the rate of rand is kept within {TOLERANCE:.0%} {kept}"
        yield f"critical α, at which activity runs away ({RUNAWAY:g} times the rate of rand): {where}"
        return
    best = curve.best
    verdict = "within" if best.keeps_rate else "not within"
    yield (
        f"{curve.symbol} = {best.value:g} is nearest to the rate of rand: {number(best.ratio)} times, "
        f"{verdict} {TOLERANCE:.0%}"
    )


def _write(curve: CalibrationCurve, path: Path) -> None:
    content = {
        "parameter": curve.parameter,
        "tolerance": TOLERANCE,
        "runaway_ratio": RUNAWAY,
        "best": curve.best.value,
        "best_keeps_rate": curve.best.keeps_rate,
        "crossing": curve.crossing(),
        "critical": curve.critical,
        "measurements": [{**asdict(m), "ratio": m.ratio} for m in curve.measurements],
    }
    with written_beside(path) as partial:
        partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8", errors="surrogateescape")


@click.command()
@click.argument("config", type=click.Path(path_type=Path), metavar="CONFIG.toml")
@click.option("--parameter", type=click.Choice(list(SYMBOLS)), required=True, help="What to vary.")
@click.option(
    "--values", callback=_values, required=True, metavar="LOW:HIGH:STEP", help="First values; or V1,V2,…."
)
@click.option(
    "--seeds",
    callback=_seeds,
    metavar="1,2,…",
    help="One network per value and each of them [default: network.seed].",
)
@click.option(
    "--refine", type=click.IntRange(0), default=3, show_default=True, help="More values near the best one."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    required=True,
    help="For table and figure.",
)
@SET
def calibrate(
    config: Path,
    parameter: str,
    values: tuple[float, ...],
    seeds: tuple[int, ...],
    refine: int,
    out: Path,
    overrides: tuple[str, ...],
) -> None:
    """Find the χ, β, γ or α with which learned odors evoke the mean rate of the network without assemblies.

    Example: eiassembly calibrate CONFIG.toml --parameter chi --values 1:2:0.2 --out results
    """
    # Figures need matplotlib: imported here to keep the other commands quick.
    from eiassembly.analysis.figures.calibration import write_figure

    loaded = _for_many_networks(load_config(config, overrides), str(config))
    require_neuron(None)
    make_directory(out)
    search = Search(parameter, loaded, seeds or (loaded.network.seed,))
    curve = CalibrationCurve(parameter, tuple(search.measured(values)))
    for _ in range(refine):
        value = curve.next_value()
        if value is None:
            break
        curve = curve.joined(search.measured([value]))
    _write(curve, out / "calibration.json")
    write_figure(curve, out / "calibration.png")
    click.echo("\n".join((_table(curve), "", *_conclusions(curve))))
    click.echo(f"{out / 'calibration.json'}, {out / 'calibration.png'}: written")
