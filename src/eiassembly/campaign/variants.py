"""Variants of a campaign: what varies in each, which comes after which, and which run needs which other."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eiassembly.campaign.settings import Axes, CampaignTable, Variant
from eiassembly.core.errors import ConfigError

SECTIONS = ("network", "odors", "simulation")
AFTER = "{after}"
"""In place of the path of the run that comes before."""


def axes_of(table: CampaignTable, variant: Variant | None) -> dict[tuple[str, str], list[Any]]:
    """Return the values of what varies by (section, key): those of a variant replace the campaign's."""
    return _flat(table.vary) | _flat(variant.vary if variant else {})


def _flat(axes: Axes) -> dict[tuple[str, str], list[Any]]:
    return {(section, key): values for section, keys in axes.items() for key, values in keys.items()}


def check_axes(table: CampaignTable, path: Path) -> None:
    """Refuse sections that cannot vary, and keys without values.

    Raises
    ------
    ConfigError
        Names the key.
    """
    own = {f"variant.{k}.vary": variant.vary for k, variant in enumerate(table.variant)}
    for name, axes in {"vary": table.vary, **own}.items():
        for section in axes:
            if section not in SECTIONS:
                raise ConfigError(f"{path}: {name}.{section}: expected one of {', '.join(SECTIONS)}")
        for (section, key), values in _flat(axes).items():
            if not values:
                raise ConfigError(f"{path}: {name}.{section}.{key}: expected at least one value, found none")


def in_order(variants: Sequence[Variant], path: Path) -> list[Variant]:
    """Sort variants: every one after those that its runs need.

    Raises
    ------
    ConfigError
        Two have the same name, one needs itself or one that there is not.
    """
    by_name: dict[str, Variant] = {}
    for variant in variants:
        if by_name.setdefault(variant.name, variant) is not variant:
            raise ConfigError(f"{path}: variant: expected different names, found {variant.name} twice")
    return sorted(variants, key=lambda variant: len(list(_needed(variant, by_name, path))))


def _needed(variant: Variant, by_name: Mapping[str, Variant], path: Path) -> Iterator[str]:
    """Names of all that come before a variant, the nearest first."""
    chain = [variant.name]
    while (after := by_name[chain[-1]].after) is not None:
        where = f"{path}: variant {chain[-1]}: after"
        if after not in by_name:
            raise ConfigError(f"{where}: expected one of {', '.join(by_name)}, found {after}")
        if after in chain:
            raise ConfigError(f"{where}: expected no circle, found {' after '.join([*chain, after])}")
        chain.append(after)
        yield after


def same_values(changes: Mapping[str, Any], others: Sequence[Mapping[str, Any]], origin: str) -> int:
    """Find the run of another variant with the same values of what varies in both.

    Parameters
    ----------
    changes : mapping
        What varies in a run, and its variant.
    others : sequence of mapping
        The same of all runs of the other variant.
    origin : str
        Name used in errors.

    Returns
    -------
    int
        Its index.

    Raises
    ------
    ConfigError
        There is none, or more than one.
    """
    fitting = [k for k, other in enumerate(others) if _agree(changes, other)]
    if len(fitting) != 1:
        shared = {key for other in others for key in other if key in changes} - {"variant"}
        values = ", ".join(f"{key} = {changes[key]}" for key in changes if key in shared)
        name = others[0]["variant"]
        raise ConfigError(
            f"{origin}: after: expected one run of {name}{values and f' with {values}'}, found {len(fitting)}"
        )
    return fitting[0]


def _agree(changes: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(changes[key] == value for key, value in other.items() if key in changes and key != "variant")


def with_replayed(simulation: Mapping[str, Any], run: str | None, origin: str) -> dict[str, Any]:
    """Fill in the run that is replayed where it is left out, or ``{after}``.

    Parameters
    ----------
    simulation : mapping
        Table of CONFIG.toml, not validated yet.
    run : str or None
        RUN.h5 of the run that comes before; None if there is none.
    origin : str
        Name used in errors.

    Raises
    ------
    ConfigError
        ``{after}``, but no run comes before.
    """
    replays = simulation.get("replay")
    if not isinstance(replays, list):
        return dict(simulation)
    filled = [_filled(one, run, f"{origin}: simulation.replay.{k}") for k, one in enumerate(replays)]
    return {**simulation, "replay": filled}


def _filled(replay: Any, run: str | None, where: str) -> Any:
    if not isinstance(replay, dict) or replay.get("run", AFTER) != AFTER:
        return replay
    if run is not None:
        return {**replay, "run": run}
    if "run" in replay:
        raise ConfigError(f"{where}.run: expected a path where the variant has no after, found {AFTER}")
    return replay
