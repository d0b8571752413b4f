"""A network in plain text: sizes, degrees, assemblies, spectrum; no plot needed to understand it."""

from collections.abc import Iterator

import numpy as np

from eiassembly.connectivity.statistics.degrees import Distribution
from eiassembly.connectivity.statistics.densities import KINDS
from eiassembly.connectivity.statistics.profile import Profile, profile_of
from eiassembly.connectivity.statistics.spectrum import Complex, Spectrum
from eiassembly.connectivity.wiring import Wiring


def described(wiring: Wiring) -> str:
    """Return everything one wants to know before simulating a network."""
    return as_text(profile_of(wiring))


def as_text(profile: Profile) -> str:
    """Return the profile as tables."""
    parts = (_origin, _populations, _projections, _assemblies, _within, _densities, _spectrum)
    return "\n".join(line for part in parts for line in part(profile))


def _origin(profile: Profile) -> Iterator[str]:
    network = profile.description
    if "preset" in network:
        yield f"network       {network['preset']} {network['structure']}, seed {network['seed']}"
    elif "imported_from" in network:
        yield f"network       imported from {network['imported_from']}"
        if "chi" in network:
            inhibition, chi = network["inhibition_from"], network["chi"]
            scaled = network.get("scaled", "I_to_E").replace("_to_", " to ")
            yield f"inhibition    of E from {inhibition}, strength of {scaled} times {chi:g}"
    yield f"content hash  {profile.content_hash}"


def _populations(profile: Profile) -> Iterator[str]:
    yield ""
    yield "population      size  kind"
    for population in profile.populations:
        kind = population.sign if population.neuron else f"{population.sign}, source of given spikes"
        yield f"{population.name:<12}{population.size:>8}  {kind}"


def _projections(profile: Profile) -> Iterator[str]:
    yield ""
    yield f"{'':<12}{'strength':>8}  {'':>9}  {'inputs per neuron':^30}  {'outputs per neuron':^30}  largest"
    head = f"{'min':>7} {'mean':>8} {'sd':>5} {'max':>7}"
    yield f"{'projection':<12}{'[nS]':>8}  {'contacts':>9}  {head}  {head}  multiplicity"
    for p in profile.degrees:
        yield (
            f"{_arrow(p.source, p.target):<12}{p.strength:>8.4g}  {p.n_contacts:>9}  {_spread(p.inputs)}  "
            f"{_spread(p.outputs)}  {p.largest_multiplicity}"
        )


def _assemblies(profile: Profile) -> Iterator[str]:
    yield ""
    yield f"assemblies    {profile.n_assemblies}"
    for overlaps in profile.overlaps:
        yield (
            f"{overlaps.population:<12}  {overlaps.sizes.mean():g} members each, {overlaps.n_distinct} "
            f"different neurons, two assemblies share at most {overlaps.pairs().max(initial=0)}"
        )
    if profile.n_assemblies > 1:
        yield from _overlaps(profile)


def _overlaps(profile: Profile) -> Iterator[str]:
    """Compare with members that are chosen independently."""
    yield ""
    neurons = f"{'different neurons':^17}"
    yield f"{'shared by':<12}  {'found':^21}  {'expected by chance':^21}  {'mean,':>6}  {neurons}"
    head = f"{'mean':>8} {'sd':>6} {'max':>5}"
    yield f"{'assemblies':<12}  {head}  {head}  {'z':>6}  {'found':>8} {'expected':>8}"
    for o in profile.overlaps:
        found = Distribution.of(o.pairs())
        yield (
            f"{o.population:<12}  {found.mean:>8.2f} {found.sd:>6.2f} {found.most:>5}  "
            f"{o.expected_mean():>8.2f} {o.expected_sd():>6.2f} {o.expected_largest():>5}  "
            f"{_known(o.z_score(), 6, 1)}  {o.n_distinct:>8} {o.expected_distinct():>8.0f}"
        )


def _within(profile: Profile) -> Iterator[str]:
    """One line per rewired projection; α, β, γ only for networks whose unstructured state we know."""
    if not profile.enriched:
        return
    yield ""
    yield f"{'within':<12}{'inputs from fellow members':^30}  density over  density over"
    head = f"{'min':>7} {'mean':>8} {'sd':>5} {'max':>7}"
    yield f"{'assemblies':<12} {head}  {'mean density':>12}  before storing"
    for e in profile.enriched:
        achieved = "unknown" if e.achieved is None else f"{e.symbol} = {e.achieved:.2f}"
        yield f"{_arrow(e.source, e.target):<12} {_spread(e.inputs)}  {e.relative:>12.2f}  {achieved}"


def _densities(profile: Profile) -> Iterator[str]:
    if not profile.densities:
        return
    yield ""
    yield "contacts per 100 pairs of neurons: both in one assembly, in different assemblies only, others"
    yield f"{'projection':<12} {' '.join(f'{kind:>10}' for kind in KINDS)} {'mean':>10}"
    for d in profile.densities:
        kinds = " ".join(_known(100 * d.density(kind), 10, 2) for kind in KINDS)
        yield f"{_arrow(d.source, d.target):<12} {kinds} {100 * d.mean:>10.2f}"


def _spectrum(profile: Profile) -> Iterator[str]:
    found = profile.spectrum
    if found is None:
        return
    yield ""
    yield "effective weights: change of the mean potential per rate of a source, mV per Hz; eigenvalues"
    yield f"bulk          within {found.radius:.3g} of 0, as without any structure"
    yield f"populations   {_listed(found.of_populations)} expected from the mean weights"
    if profile.n_assemblies:
        expected = _counted(found, found.of_assemblies)
        yield f"assemblies    {expected} expected from the mean weights of members"
    least = "" if found.is_complete else "at least "
    yield f"outliers      {least}{_counted(found, found.outliers)} found besides those of populations"


def _counted(found: Spectrum, values: Complex) -> str:
    beyond = found.beyond(values)
    if not len(beyond):
        return f"none beyond {found.edge:.3g}"
    return f"{len(beyond)} beyond {found.edge:.3g}, {_range(beyond)},"


def _known(number: float, width: int, digits: int) -> str:
    return f"{'–' if np.isnan(number) else format(number, f'.{digits}f'):>{width}}"


def _listed(values: Complex) -> str:
    return ", ".join(map(_complex, values.tolist()))


def _range(values: Complex) -> str:
    """Smallest and largest real part, and the largest imaginary part if there is any."""
    low, high = float(values.real.min()), float(values.real.max())
    text = f"{low:.3g}" if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} to {high:.3g}"
    imaginary = float(np.abs(values.imag).max())
    return text if imaginary <= 0.005 * np.abs(values).max() else f"{text} (± up to {imaginary:.2g} i)"


def _complex(value: complex) -> str:
    if abs(value.imag) <= 0.005 * abs(value):
        return f"{value.real:.3g}"
    return f"{value.real:.3g} {'+' if value.imag > 0 else '-'} {abs(value.imag):.3g} i"


def _arrow(source: str, target: str) -> str:
    return f"{source} → {target}"


def _spread(numbers: Distribution) -> str:
    return f"{numbers.least:>7g} {numbers.mean:>8.2f} {numbers.sd:>5.2f} {numbers.most:>7g}"
