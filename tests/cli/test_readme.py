"""The README's own network: commands, options and files exist, and what it shows is what they print."""

import re
import shlex

import click
import h5py
import pytest
from command_line import run_command

from eiassembly.cli.application import application
from eiassembly.config.config import load_config

QUICK = ("--set", "network.assemblies=2", "--set", "odors.learned=1", "--set", "odors.novel=1")


@pytest.fixture(scope="module")
def section(repository):
    text = (repository / "README.md").read_text(encoding="utf-8")
    return text.split("## Your own network")[1].split("\n## ")[0]


@pytest.fixture(scope="module")
def lines(section):
    """What a reader types: indented lines, without what is between them."""
    return [line[4:] for line in section.splitlines() if line.startswith("    ")]


@pytest.fixture(scope="module")
def written(lines, tmp_path_factory):
    """The folder with the my.toml that the README writes."""
    folder = tmp_path_factory.mktemp("readme")
    start = lines.index("cat > my.toml <<'END'")
    (folder / "my.toml").write_text("\n".join(lines[start + 1 : lines.index("END")]) + "\n", encoding="utf-8")
    return folder


def commands(text):
    """All calls of eiassembly in it, as lists of words."""
    found = re.findall(r"(?m)^    (eiassembly .*)$|`(?:mpirun -n \d+ )?(eiassembly [^`]*)`", text)
    return [shlex.split(one or other, comments=True) for one, other in found]


def checked(words):
    """Follow the words of a command to the command itself, and check that it has their options."""
    command, rest = application, words[1:]
    context = click.Context(application)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        name, rest = rest[0], rest[1:]
        command = command.get_command(context, name)
        assert command is not None, f"{words}: no command {name}"
    known = {option for parameter in command.get_params(context) for option in parameter.opts}
    known |= {"--help"}
    for word in rest:
        assert not word.startswith("--") or word in known, f"{words}: no option {word}"


def test_every_command_and_option_exists(section):
    found = commands(section)
    assert len(found) > 15
    for words in found:
        checked(words)


def test_the_activated_folder_is_where_make_puts_it(repository, lines):
    assert ". .venv/bin/activate" in lines
    assert "$(ENVIRONMENT) new .venv " in (repository / "Makefile").read_text(encoding="utf-8")


def test_the_configuration_is_what_its_comments_say(written):
    config = load_config(written / "my.toml")
    assert config.network.structure == "tuned_ei"
    assert config.network.assemblies == 15
    assert (config.odors.learned, config.odors.novel) == (3, 3)


def test_the_files_that_are_shown_are_those_of_the_commands(written, lines):
    """In full, as they are quick: the numbers of contacts, presentations and spikes."""
    for words in (line for line in lines if " build my.toml" in line):
        done = run_command(*shlex.split(words)[1:], cwd=written)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() in lines


@pytest.mark.nest
def test_the_five_commands_run(written, lines, tmp_path):
    """On a small scale: fewer memories and odors."""
    (tmp_path / "my.toml").write_bytes((written / "my.toml").read_bytes())
    typed = [shlex.split(line) for line in lines if line.startswith("eiassembly ")]
    assert [words[1] for words in typed] == ["network", "odors", "simulate", "analyse", "report"]
    for words in typed:
        more = QUICK if "build" in words else ()
        done = run_command(*words[1:], *more, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert {"net.h5", "odors.h5", "run.h5", "report.html"} <= {path.name for path in tmp_path.iterdir()}
    assert "run.h5: written" in lines


def test_the_time_that_is_shown_is_that_of_the_odors(written, lines):
    """One second before and two of each of six odors."""
    done = run_command("odors", "build", "my.toml", "--out", "odors.h5", cwd=written)
    assert done.returncode == 0
    with h5py.File(written / "odors.h5") as h5:
        seconds = h5.attrs["n_steps"] * h5.attrs["dt"] / 1000
    assert any(f"of {seconds:.1f} s" in line for line in lines)
