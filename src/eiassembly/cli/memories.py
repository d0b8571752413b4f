"""``eiassembly network learn`` and ``forget``: memories added to a network, and taken out of it."""

from pathlib import Path

import click

from eiassembly.cli.options import FILE, NET_OUT, SET
from eiassembly.config.config import Config, parse_config
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.memories import store
from eiassembly.connectivity.memories.rule import Rule, rule_from, rule_of
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.errors import ConfigError
from eiassembly.core.files import ensure_writable_target
from eiassembly.odors import file as odor_storage
from eiassembly.odors.draw import odor_of
from eiassembly.odors.odors import Odor

_NET = click.argument("net", type=FILE, metavar="NET.h5")


@click.command("learn")
@_NET
@click.option(
    "--odor",
    "numbers",
    type=click.IntRange(min=0),
    metavar="N",
    multiple=True,
    required=True,
    help="Number of the odor to store, novel ones follow the learned ones; repeatable.",
)
@click.option(
    "--odors",
    "odor_file",
    type=FILE,
    metavar="ODORS.h5",
    help="Take it from this file. [default: draw it as the network is configured]",
)
@click.option(
    "--overlap-with",
    type=click.IntRange(min=0),
    metavar="K",
    help="Draw novel odors that share cells with learned odor K,",
)
@click.option("--share", type=click.FloatRange(0, 1), help="this part of them. [default: 0.5]")
@NET_OUT
@SET
def learn(
    net: Path,
    numbers: tuple[int, ...],
    odor_file: Path | None,
    overlap_with: int | None,
    share: float | None,
    out: Path,
    overrides: tuple[str, ...],
) -> None:
    """Store more memories in a network, by the rule of those it has.

    The keys network.* that are set take the place of this rule.

    Example: eiassembly network learn NET.h5 --odor 15 --out MORE.h5
    """
    if share is not None and overlap_with is None:
        raise click.UsageError("--share is only meaningful with --overlap-with")
    if odor_file is not None and overlap_with is not None:
        raise click.UsageError("--overlap-with draws an odor, --odors takes it from a file: give one of them")
    ensure_writable_target(out)
    wiring = network_file.load(net)
    overlap = {"odors.overlap_with": overlap_with, "odors.share": share}
    overrides += tuple(f"{key}={value}" for key, value in overlap.items() if value is not None)
    config = parse_config(wiring.description.get("config", {}), str(net), overrides)
    odors = _drawn(config, numbers) if odor_file is None else _read(odor_file, numbers)
    more = store.with_memories(wiring, odors, _rule(wiring, config, overrides))
    _save(store.measured(more), out)


@click.command("forget")
@_NET
@click.option(
    "--memory",
    "indices",
    type=click.IntRange(min=0),
    metavar="K",
    multiple=True,
    required=True,
    help="Memory to forget, counted from 0 in the order of storing; repeatable.",
)
@NET_OUT
def forget(net: Path, indices: tuple[int, ...], out: Path) -> None:
    """Forget memories: contacts that storing them has moved go back.

    Example: eiassembly network forget MORE.h5 --memory 15 --out NET.h5
    """
    ensure_writable_target(out)
    wiring = network_file.load(net)
    for index in sorted(set(indices), reverse=True):
        wiring = store.forget(wiring, index)
    _save(store.measured(wiring), out)


def _drawn(config: Config, numbers: tuple[int, ...]) -> list[Odor]:
    first, least = config.network.assemblies, min(numbers)
    if config.odors.overlap_with is not None and least < first:
        raise ConfigError(
            f"--odor: expected a novel one, {first} or more, to draw with overlap, found {least}"
        )
    return [odor_of(config, number) for number in numbers]


def _read(path: Path, numbers: tuple[int, ...]) -> list[Odor]:
    odors = {odor.number: odor for odor in odor_storage.load(path).odors}
    for number in numbers:
        if number not in odors:
            known = ", ".join(map(str, odors))
            raise ConfigError(f"--odor {number}: expected one of the odors of {path} ({known})")
    return [odors[number] for number in numbers]


def _rule(wiring: Wiring, config: Config, overrides: tuple[str, ...]) -> Rule:
    """Return the rule of the last memory, or a configured one where the network or the user wants another."""
    last = store.last_rule(wiring)
    configured = any(override.strip().startswith("network.") for override in overrides)
    rule = rule_of(config.network) if configured or last is None else rule_from(last)
    if not (rule.within or rule.ratios):
        raise ConfigError(
            "network.structure: expected one that memories can be stored in, found "
            f"{config.network.structure}; give for example --set network.structure=tuned_ei"
        )
    return rule


def _save(wiring: Wiring, out: Path) -> None:
    network_file.save(wiring, out)
    ratios = ", ".join(f"{name} {value:.2f}" for name, value in store.achieved(wiring).items())
    click.echo(f"{out}: {len(wiring.assemblies)} memories{', ' if ratios else ''}{ratios}")
