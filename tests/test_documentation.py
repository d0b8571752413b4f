"""What documents say of the code: modules, names in them, files; and the picture of the layers."""

import ast
import importlib.util
import re

import pytest

MODULE = re.compile(r"\beiassembly(?:\.(?!h5\b)\w+)+")
IMPORT = re.compile(
    r"^ *from (eiassembly[\w.]*) import (\w+(?: as \w+)?(?:, *\w+(?: as \w+)?)*)", re.MULTILINE
)
FOLDERS = "analysis|benchmarks|connectivity|docs|jobs|model|src|tests"
PATH = re.compile(rf"(?<![\w/.~$<-])(?:{FOLDERS})/[\w./*-]*\w")
FILE = re.compile(r"`(\w+\.(?:py|cpp|h|sh|sbatch|j2|css))`")
"""A file of the sources by its name alone, in backquotes."""


@pytest.fixture(scope="module")
def layers(repository):
    """The script docs/make_layers.py."""
    spec = importlib.util.spec_from_file_location("make_layers", repository / "docs/make_layers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names_in(path):
    """What a module defines or imports; of a package also the modules in it."""
    names = {inside.name.removesuffix(".py") for inside in path.parent.iterdir()} - {path.stem}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.name for alias in node.names}
    return names


def file_of(name, repository):
    """File of a module or package by its full name; None if there is none."""
    path = repository / "src" / name.replace(".", "/")
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()), None)


def is_there(name, repository):
    """Whether there is such a module, or such a name in a module."""
    parent, _, last = name.rpartition(".")
    within = file_of(parent, repository)
    return file_of(name, repository) is not None or (within is not None and last in names_in(within))


def missing(text, repository):
    """What a text names that is not there."""
    wrong = [name for name in MODULE.findall(text) if not is_there(name, repository)]
    for module, names in IMPORT.findall(text):
        wrong += [
            f"{module}: {name}"
            for name in re.findall(r"(\w+)(?: as \w+)?(?:, *|$)", names)
            if not is_there(f"{module}.{name}", repository)
        ]
    wrong += [path for path in PATH.findall(text) if not any(repository.glob(path))]
    folders = [repository / name for name in FOLDERS.split("|")]
    return wrong + [f for f in FILE.findall(text) if not any(any(d.rglob(f)) for d in folders)]


def documents(repository):
    """All but the page whose examples make the modules that it names; a test of its own applies them."""
    found = [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]
    return [path for path in found if path != repository / "docs/contributing.md"]


def test_modules_and_files_that_documents_name_are_there(repository):
    texts = {path.relative_to(repository): path.read_text(encoding="utf-8") for path in documents(repository)}
    assert len(texts) > 15
    assert sum(len(MODULE.findall(text)) + len(PATH.findall(text)) for text in texts.values()) > 30
    assert not {path: wrong for path, text in texts.items() if (wrong := missing(text, repository))}


@pytest.mark.parametrize("text", [
    "see `eiassembly.analysis.no_such_module`",
    "from eiassembly.connectivity.wiring import Wiring, NoSuchClass",
    "    from eiassembly.no_such_package import Wiring",
    "`model/no_such_file.cpp`",
    "clang-format -i model/*.h",
    "see `no_such_module.py`",
])  # fmt: skip
def test_what_is_not_there_is_found(text, repository):
    assert len(missing(text, repository)) > 0


def test_what_is_there_is_not_found(repository):
    text = """
    from eiassembly.connectivity.wiring import Projection, Wiring
    import eiassembly as ei
    `eiassembly.analysis.measures`, `eiassembly.core.errors.EiassemblyError`, eiassembly.h5
    model/neuron/*.h, `wiring.py`, build/x.py, `docs/dynamics.md`
    """
    assert missing(text, repository) == []


def test_the_picture_of_the_layers_is_that_of_the_contracts(layers, repository):
    """If this fails: python docs/make_layers.py."""
    drawn = (repository / layers.PICTURE).read_text(encoding="utf-8")
    assert drawn == layers.drawing(repository)
    assert f"]({layers.PICTURE})" in (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_picture_shows_every_layer_and_who_imports_nest(layers, repository):
    drawn = layers.drawing(repository)
    for rows in layers.contracts(repository).values():
        assert all(f">{name}</text>" in drawn for row in rows for name in row)
    red = re.findall(rf'fill="{layers.NEST}" text-anchor="middle">(\w+)<', drawn)
    assert red == ["lyapunov", "simulation"]
