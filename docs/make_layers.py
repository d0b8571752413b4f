"""Draw the layers of the package, docs/images/layers.svg, from the import contracts in pyproject.toml.

python docs/make_layers.py

What a layer is said to hold is the first sentence of its docstring. A test compares the picture.
"""

import ast
import re
import textwrap
import tomllib
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

REPOSITORY = Path(__file__).resolve().parents[1]
PICTURE = Path("docs/images/layers.svg")

WIDTH, MARGIN, GAP = 880, 44, 10
NAMES = 118
"""Width of the column of names."""
INK, QUIET, NEST = "#1f2328", "#57606a", "#b3261e"
COLORS = ("#c9d8f0", "#d3def2", "#cfe8e4", "#d6ead0", "#e6ecc4", "#f4e8bf", "#f6dcc3", "#ecd5d5")
SANS, MONO = "Helvetica, Arial, sans-serif", "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def contracts(repository: Path) -> dict[str, list[list[str]]]:
    """Layers by the package that they are in, top first; a row holds packages that ignore each other."""
    with (repository / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return {
        contract["containers"][0]: [re.findall(r"\w+", row) for row in contract["layers"]]
        for contract in listed
        if contract["type"] == "layers"
    }


def source_of(repository: Path, module: str) -> Path:
    """File of a module, or the one that makes a folder a package."""
    path = repository / "src" / Path(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def holds(repository: Path, module: str) -> str:
    """First sentence of the docstring of a module."""
    text = ast.get_docstring(ast.parse(source_of(repository, module).read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split()).split(". ")[0].rstrip(".").replace("``", "")


def packages_in(repository: Path, package: str, order: Sequence[Sequence[str]] = ()) -> list[str]:
    """List the packages inside a package, in the order of its layers or else of the alphabet."""
    inside = sorted(path.parent.name for path in source_of(repository, package).parent.glob("*/__init__.py"))
    return [name for row in order for name in row] or inside


def imports_nest(repository: Path, package: str) -> bool:
    """Whether a module of the package imports NEST."""
    files = source_of(repository, package).parent.rglob("*.py")
    return any(re.search(r"^\s*import nest\b", f.read_text(encoding="utf-8"), re.MULTILINE) for f in files)


def text(x: float, y: float, words: str, size: float = 13, **style: str) -> str:
    """Write words on one line, from x on."""
    style = {"font-family": SANS, "fill": INK, **{key.replace("_", "-"): v for key, v in style.items()}}
    attributes = " ".join(f'{key}="{value}"' for key, value in style.items())
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" {attributes}>{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, fill: str, stroke: str = "none") -> str:
    """Rectangle with round corners."""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="7" fill="{fill}" '
        f'stroke="{stroke}" stroke-width="1.4"/>'
    )


def chips(repository: Path, package: str, names: Sequence[str], are_layers: bool, y: float) -> list[str]:
    """Draw the packages inside a layer; between those that are layers themselves, who imports whom."""
    parts, x = [], float(MARGIN + NAMES)
    simulating = [name for name in names if imports_nest(repository, f"{package}.{name}")]
    for place, name in enumerate(names):
        color = NEST if name in simulating else INK
        width = 7.4 * len(name) + 18
        parts.append(box(x, y, width, 24, "#ffffff", color if name in simulating else "none"))
        parts.append(
            text(x + width / 2, y + 16.5, name, 12, font_family=MONO, fill=color, text_anchor="middle")
        )
        x += width + (22 if are_layers else 8)
        if are_layers and place < len(names) - 1:
            parts.append(text(x - 11, y + 17, "›", 16, fill=QUIET, text_anchor="middle"))
    note = [text(WIDTH - 14, y + 16.5, "red: imports NEST", 12, fill=NEST, text_anchor="end")]
    return parts + (note if simulating else [])


def wide_layer(repository: Path, name: str, color: str, y: float) -> tuple[list[str], float]:
    """Draw a layer of one package; return its height, too."""
    package, order = f"eiassembly.{name}", contracts(repository).get(f"eiassembly.{name}", [])
    inside = packages_in(repository, package, order)
    height = 76 if inside else 40
    parts = [box(MARGIN, y, WIDTH - MARGIN, height, color)]
    parts.append(text(MARGIN + 14, y + 25, name, 14, font_family=MONO, font_weight="bold"))
    parts.append(text(MARGIN + NAMES, y + 25, holds(repository, package)))
    return parts + chips(repository, package, inside, bool(order), y + 40), height


def divided_layer(repository: Path, names: Sequence[str], color: str, y: float) -> tuple[list[str], float]:
    """Draw a layer of several packages that do not import each other; return its height, too."""
    width = (WIDTH - MARGIN - GAP * (len(names) - 1)) / len(names)
    parts, height = [], 94
    for place, name in enumerate(names):
        x = MARGIN + place * (width + GAP)
        parts += [box(x, y, width, height, color)]
        parts += [text(x + 14, y + 25, name, 14, font_family=MONO, font_weight="bold")]
        lines = textwrap.wrap(holds(repository, f"eiassembly.{name}"), int(width / 7.4))
        parts += [text(x + 14, y + 46 + 17 * k, line) for k, line in enumerate(lines)]
    return parts, height


def downwards(height: float) -> list[str]:
    """Draw the arrow beside the layers, and what it says."""
    tip, gray = height - 4, "#8b949e"
    return [
        f'<path d="M18 6V{tip:g}M10 {tip - 10:g}L18 {tip:g}L26 {tip - 10:g}" fill="none" stroke="{gray}" '
        'stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>',
        f'<text transform="translate(37 {height / 2:g}) rotate(-90)" font-size="12" font-family="{SANS}" '
        f'fill="{gray}" text-anchor="middle">imports only what lies below</text>',
    ]


def drawing(repository: Path) -> str:
    """Draw the layers, the highest above, as SVG that can be read on bright and dark pages."""
    parts, y = [], 2.0
    for names, color in zip(contracts(repository)["eiassembly"], COLORS, strict=True):
        if len(names) > 1:
            layer, height = divided_layer(repository, names, color, y)
        else:
            layer, height = wide_layer(repository, names[0], color, y)
        parts += layer
        y += height + GAP
    end = y - GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 2} {end + 2:g}" role="img">'
    title = "<title>Layers of the package: each imports only those below it</title>"
    return "\n".join([head, title, *downwards(end), *parts, "</svg>", ""])


if __name__ == "__main__":
    (REPOSITORY / PICTURE).write_text(drawing(REPOSITORY), encoding="utf-8")
