"""What a measure is: its name, its unit, what the paper says about it, and one number that was measured."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Measure:
    """What is measured, and where the paper says it should lie. All tables and files read this record.

    Parameters
    ----------
    name : str
        Key in samples and files, of letters, digits and underscores.
    title, unit : str
        As in tables and on axes; the unit of pure numbers is ``1``.
    source : str
        Figure or section of the paper; ``ours`` if it is not in the paper.
    low, high : float
        Range of the paper; infinite where it gives no bound.
    only : str
        Structure for which the paper states the range; empty for all.
    group : str
        Table that it belongs to (see `catalogue.GROUPS`); empty for measures of experiments.
    function : callable, optional
        Given a result and a condition of its group, returns the value in ``unit``, NaN where it is undefined.
        Experiments have none: they measure all their runs together.
    """

    name: str
    title: str
    unit: str
    source: str
    low: float = -math.inf
    high: float = math.inf
    only: str = ""
    group: str = ""
    function: Callable[..., float] | None = None

    @property
    def has_range(self) -> bool:
        """Whether the paper gives a range."""
        return math.isfinite(self.low) or math.isfinite(self.high)

    @property
    def unit_text(self) -> str:
        """The unit in brackets after a space, for labels; empty for pure numbers."""
        return "" if self.unit == "1" else f" ({self.unit})"

    @property
    def range_text(self) -> str:
        """The range in words, e.g. ``0.03 to 0.16``; empty if there is none."""
        if not self.has_range:
            return ""
        low_text = "" if math.isinf(self.low) else f"{self.low:g}".replace("-", "−")
        text = f"{low_text} to {self.high:g}" if low_text else f"below {self.high:g}"
        return f"{text} ({self.only})" if self.only else text

    def verdict(self, value: float, structure: str) -> str:
        """``in range``, ``below``, ``above``, ``undefined``, or empty where the paper states no range."""
        if math.isnan(value):
            return "undefined"
        if not self.has_range or (self.only and structure != self.only):
            return ""
        if value > self.high or (math.isinf(self.low) and value == self.high):
            return "above"
        return "below" if value < self.low else "in range"


def by_name(*measures: Measure) -> Mapping[str, Measure]:
    """Measures by their names, in the order of tables.

    Raises
    ------
    ValueError
        Two with the same name.
    """
    found = {measure.name: measure for measure in measures}
    if len(found) != len(measures):
        names = [measure.name for measure in measures]
        raise ValueError(f"measures: expected each name once, found {', '.join(names)}")
    return MappingProxyType(found)


def value_of(measure: Measure, result: object, condition: str) -> float:
    """Measure a result under a condition.

    Raises
    ------
    ValueError
        A measure that has no function.
    """
    if measure.function is None:
        raise ValueError(f"measure {measure.name}: expected a function, found none")
    return float(measure.function(result, condition))


@dataclass(frozen=True)
class Sample:
    """One measured number: a row of every tidy table.

    Parameters
    ----------
    experiment : str
        Name of the experiment, e.g. ``morph``; ``sequence`` of what the observables of the paper are about;
        empty of other runs that are measured odor by odor.
    network : str
        Which network, without its structure (see `network_name`): structures of one network share the
        unstructured network, the odors and the spikes of the mitral cells.
    structure : str
        E.g. ``tuned_ei``.
    measure : str
        Name of the measure.
    value : float
        In the unit of the measure; NaN where it is undefined.
    condition : str
        What else tells it from others of this network and structure: ``learned``, ``alpha 5``, ….
    unit : str
        Of the measure.
    run : str
        Label of the run; empty for what was measured in several.
    """

    experiment: str
    network: str
    structure: str
    measure: str
    value: float
    condition: str = ""
    unit: str = ""
    run: str = ""
