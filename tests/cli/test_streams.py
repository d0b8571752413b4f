"""Standard output of any encoding, closed, full or unread: nothing ends for it, and results are written."""

import ast
import json
import os
import subprocess
from pathlib import Path

import pytest
from command_line import COMMAND, environment
from run_files import write_random_run

import eiassembly
from eiassembly.cli.streams import spelt

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
LATIN = {"PYTHONIOENCODING": "latin-1"}
CLOSED_PIPE = 141


def sources():
    """Every module of the package, whatever folder of the repository it is in."""
    for folder, _, files in os.walk(Path(eiassembly.__file__).parent, followlinks=True):
        yield from (Path(folder) / name for name in files if name.endswith(".py"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_random_run(tmp_path_factory.mktemp("run") / "run.h5")


def command(*arguments, tail="", **variables):
    """Output, error and status of a command with a shell's redirections behind it."""
    done = subprocess.run(
        ["bash", "-c", f'set -o pipefail; "$@" {tail}', "bash", *COMMAND, *map(str, arguments)],
        capture_output=True,
        check=False,
        env=environment(PYTHONUNBUFFERED="", **variables),
    )
    return done.stdout, done.stderr, done.returncode


@pytest.mark.parametrize(("variables", "encoding"), [(ASCII, "ascii"), (LATIN, "latin-1")])
def test_a_table_is_readable_in_every_encoding(variables, encoding, run, tmp_path):
    out = tmp_path / "o.json"
    usual, _, _ = command("analyse", run, PYTHONIOENCODING="utf-8")
    said, error, status = command("analyse", run, "--out", out, **variables)
    assert (status, error) == (0, b"")
    text = said.decode(encoding)
    assert "0.03 to 0.16" in text  # an en dash, which neither of the two has
    assert "0.03 – 0.16" in usual.decode() or "–" in usual.decode()
    assert "?" not in text
    assert len(text.splitlines()) == len(usual.splitlines()) + 2  # and where it is written
    assert json.loads(out.read_text(encoding="utf-8"))["runs"]


@pytest.mark.parametrize("variables", [ASCII, LATIN])
def test_an_error_names_its_file_in_every_encoding(variables, tmp_path):
    path = tmp_path / "Zürich α.h5"
    _, error, status = command("analyse", path, **variables)
    assert status == 1
    assert error.startswith(b"eiassembly: error: ")
    assert b"no such file" in error
    assert len(error.splitlines()) == 1
    if variables is ASCII:  # undecodable there: the bytes of the name as they are
        assert str(path).encode() in error


def test_results_in_a_folder_with_umlauts_are_written_in_every_locale(run, tmp_path):
    folder = tmp_path / "Ergebnisse für α"
    folder.mkdir()
    named = folder / "Läufe 1.h5"
    named.write_bytes(run.read_bytes())
    for what, out in (("analyse", folder / "o.json"), ("report", folder / "r.html")):
        _, error, status = command(what, named, "--out", out, **ASCII)
        assert (status, error) == (0, b"")
        assert out.read_bytes().decode("utf-8")


@pytest.mark.parametrize("home", ["/dev/null", "/proc/none"])
def test_a_home_that_cannot_be_written_is_not_worth_a_word(home, run, tmp_path):
    variables = {"HOME": home, "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", "MPLCONFIGDIR": ""}
    for what, name in (("analyse", "o.json"), ("report", "r.html")):
        _, error, status = command(what, run, "--out", tmp_path / name, **variables)
        assert (status, error) == (0, b"")
        assert (tmp_path / name).is_file()


@pytest.mark.parametrize(
    ("tail", "status", "lines"),
    [
        (
            "> /dev/full",
            1,
            [b"eiassembly: error: standard output: cannot write: no space left on the device"],
        ),
        (">&-", 0, []),
        ("| true", CLOSED_PIPE, []),
        ("2>&-", 0, []),
        ("2> /dev/full", 0, []),
        ("<&- >&- 2>&-", 0, []),
    ],
)
def test_results_are_written_whoever_listens(tail, status, lines, run, tmp_path):
    out = tmp_path / "o.json"
    _, error, found = command("analyse", run, "--out", out, tail=tail)
    assert (found, error.splitlines()) == (status, lines)
    assert json.loads(out.read_text(encoding="utf-8"))["runs"]


def test_a_failure_stays_a_failure_where_nobody_listens(tmp_path):
    for tail in (">&-", "2>&-", "> /dev/full", "2> /dev/full"):
        _, _, status = command("analyse", tmp_path / "none.h5", tail=tail)
        assert status == 1


@pytest.mark.parametrize(
    ("character", "wanted"),
    [("α", "alpha"), ("Δ", "Delta"), ("λ", "lambda"), ("ς", "sigma"), ("ü", "u"), ("²", "2"), ("–", "-"),
     ("½", "1/2"), ("×", "x"), ("…", "..."), ("µ", "u"), ("漢", "?")],
)  # fmt: skip
def test_characters_are_spelt_in_ascii(character, wanted):
    assert spelt(character) == wanted


def is_surrogate(character):
    return "\ud800" <= character <= "\udfff"


def test_everything_that_we_write_can_be_spelt():
    unknown = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                unknown |= {
                    c for c in node.value if not c.isascii() and not is_surrogate(c) and "?" in spelt(c)
                }
    assert not unknown


def test_no_file_is_opened_in_the_encoding_of_the_locale():
    """Text in Path.read_text, Path.write_text, Path.open and open; children's output in subprocess."""
    found = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and is_of_the_locale(node):
                found.append(f"{path}:{node.lineno}")
    assert not found


def is_of_the_locale(call):
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    options = {option.arg for option in call.keywords}
    if "encoding" in options or "utf-8" in [getattr(argument, "value", None) for argument in call.args]:
        return False
    if "text" in options:
        return True
    if name in ("read_text", "write_text"):
        # What importlib.metadata reads is in UTF-8 by its own standard.
        return isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) != "metadata"
    is_binary = any(isinstance(a, ast.Constant) and "b" in str(a.value) for a in call.args)
    return name == "open" and not is_binary and ast.unparse(call.func) != "os.open"
