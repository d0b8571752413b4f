"""The rules of the code's structure that no linter checks."""

import doctest
import importlib
import importlib.util
import inspect
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel

SOURCE = re.compile(r"Table \d|Fig\. \d|Eq\. \d|Methods|\bours?\b")
UNIT = re.compile(r"\[[^\]]+\]")


def module_names(*packages):
    for package in packages:
        parent = importlib.import_module(package)
        yield from (info.name for info in pkgutil.walk_packages(parent.__path__, f"{package}."))


def imports_nest(name):
    """The modules that only run inside NEST; the import contracts list them too."""
    source = Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8")
    return re.search(r"^(import|from) nest\b", source, re.MULTILINE) is not None


WITHOUT_NEST = [
    f"eiassembly.{name}"
    for name in ("core", "config", "odors", "connectivity", "analysis", "campaign", "cli")
]
NAMES = [name for name in module_names("eiassembly") if not name.endswith("__main__")]
MODULES = [importlib.import_module(name) for name in NAMES if not imports_nest(name)]


def test_the_import_contracts_hold(repository):
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint, "--no-cache"], cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


IMPORT_TWICE = """
import importlib, json, os, sys

import numpy as np

{prepare}
seen = []

def audit(event, arguments):
    changes = event in ("os.mkdir", "os.rename", "subprocess.Popen", "socket.connect")
    if changes or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
        seen.append([event, str(arguments[0])])

for name in {names}:
    importlib.import_module(name)
for name in [name for name in sys.modules if name.split(".")[0] == "eiassembly"]:
    del sys.modules[name]
sys.addaudithook(audit)
random = np.random.get_state()[1].tolist()
for name in {names}:
    importlib.import_module(name)
print(json.dumps(dict(seen=seen, same_random_state=random == np.random.get_state()[1].tolist())))
"""
# The first round imports other people's packages, whose affairs (matplotlib looks for fonts) are not ours.


def import_in_new_process(names, tmp_path, prepare=""):
    home = tmp_path / "home"
    home.mkdir()
    environment = {"HOME": str(home), "MPLCONFIGDIR": str(tmp_path / "matplotlib"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_TWICE.format(prepare=prepare, names=names)],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(home.iterdir()) == []
    return json.loads(done.stdout)


def test_wiring_analysis_and_command_line_work_without_nest_and_mpi(tmp_path):
    names = list(module_names(*WITHOUT_NEST))
    assert len(names) > 10
    import_in_new_process(names, tmp_path, "sys.modules['nest'] = None; sys.modules['mpi4py'] = None")


def test_importing_does_no_work(tmp_path):
    """No file is written, no program started and no global random state touched."""
    names = [module.__name__ for module in MODULES]
    assert import_in_new_process(names, tmp_path) == {"seen": [], "same_random_state": True}


def public_functions():
    """Functions and methods of this package without a leading underscore, with their full names."""
    for module in MODULES:
        for name, member in vars(module).items():
            if name.startswith("_") or getattr(member, "__module__", "") != module.__name__:
                continue
            if inspect.isfunction(member):
                yield f"{module.__name__}.{name}", member
            elif inspect.isclass(member):
                for method, function in vars(member).items():
                    if inspect.isfunction(function) and not method.startswith("_"):
                        yield f"{module.__name__}.{name}.{method}", function


def section(docstring, title):
    """Names documented in a section of a numpydoc docstring; None if there is no such section."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", docstring, re.MULTILINE | re.DOTALL)
    if found is None:
        return None
    heads = re.findall(r"^(\S[^:\n]*?)(?: ?:.*)?$", found.group(1), re.MULTILINE)
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def test_the_reader_of_docstrings_sees_names():
    docstring = (
        "Text.\n\nParameters\n-----\na, b : float\n    Both, ms.\n**rest\n    More.\n\nReturns\n---\nint\n"
    )
    assert section(docstring, "Parameters") == ["a", "b", "rest"]
    assert section(docstring, "Raises") is None


FUNCTIONS = dict(public_functions())


def parameters_of(function):
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def wrongly_documented(function):
    """What is wrong with the docstring of a function, or nothing."""
    docstring = inspect.getdoc(function)
    if not docstring:
        return "no docstring"
    documented = section(docstring, "Parameters")
    if documented is None or documented == parameters_of(function):
        return ""
    return f"expected the parameters {parameters_of(function)}, found {documented}"


def test_docstrings_document_the_parameters_there_are():
    found = {name: wrongly_documented(function) for name, function in FUNCTIONS.items()}
    assert len(found) > 100
    assert not {name: wrong for name, wrong in found.items() if wrong}


def test_wrong_docstrings_are_found():
    def undocumented(a):
        pass

    def other(a, b):
        """Text.

        Parameters
        ----------
        a, c : int
            One and another.
        """

    assert wrongly_documented(undocumented) == "no docstring"
    assert wrongly_documented(other) == "expected the parameters ['a', 'b'], found ['a', 'c']"
    assert wrongly_documented(wrongly_documented) == ""


def fields_of_records():
    for module in MODULES:
        for record in vars(module).values():
            if (
                inspect.isclass(record)
                and issubclass(record, BaseModel)
                and record.__module__ == module.__name__
            ):
                for name, field in record.model_fields.items():
                    # A section of the configuration is described by its own fields.
                    if not (inspect.isclass(field.annotation) and issubclass(field.annotation, BaseModel)):
                        yield f"{module.__name__}.{record.__name__}.{name}", field.description or ""


def lacking(description):
    """What the description of a parameter lacks."""
    return [name for name, there in (("[unit]", UNIT), ("source", SOURCE)) if not there.search(description)]


def test_every_parameter_has_a_unit_and_a_source():
    fields = dict(fields_of_records())
    assert len(fields) > 100
    assert not {name: lacks for name, text in fields.items() if (lacks := lacking(text))}


def test_a_parameter_without_a_unit_or_a_source_is_found():
    assert lacking("Time constant [ms]; Table 1.") == []
    assert lacking("Time constant; Table 1.") == ["[unit]"]
    assert lacking("Time constant [ms].") == ["source"]
    assert lacking("") == ["[unit]", "source"]


def test_examples_in_docstrings_are_true():
    results = {module.__name__: doctest.testmod(module) for module in MODULES}
    assert sum(result.attempted for result in results.values()) > 0
    assert not {name: result.failed for name, result in results.items() if result.failed}
