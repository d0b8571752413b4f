"""What `make demo` says on machines that lack something: one line, at once, and what helps."""

import os
import shutil
import subprocess

import pytest

TOOLS = ("bash", "env", "cat", "grep", "tail", "head", "sed", "rm", "mkdir", "uname", "mktemp", "touch")


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


class Machine:
    """A search path with a few tools and what a test adds; without apt-get, so that it is not Debian."""

    def __init__(self, folder, repository):
        self.folder, self.repository = folder, repository
        folder.mkdir()
        for tool in TOOLS:
            (folder / tool).symlink_to(shutil.which(tool))

    def python(self, name, version, has_venv=True):
        """A Python that answers the questions that are asked."""
        minor = version.removeprefix("3.")
        script(
            self.folder / name,
            f"""case "$2" in
            *"print("*) echo {version} ;;
            *sys.exit*) [ {minor} -ge 11 ] ;;
            *ensurepip*) {"true" if has_venv else "false"} ;;
            esac""",
        )

    def compiler(self, name, standard="c++20"):
        """A compiler that knows one standard."""
        script(self.folder / name, f'case "$*" in *-std={standard}*) exit 0 ;; esac; exit 1')

    def run(self, level, **variables):
        command = [self.folder / "bash", self.repository / "jobs" / "check_system.sh", level]
        environment = {"PATH": str(self.folder), "HOME": str(self.folder), **variables}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.stdout == ""
        return done.returncode, done.stderr.splitlines()


@pytest.fixture
def machine(tmp_path, repository):
    return Machine(tmp_path / "bin", repository)


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_nothing_is_said_where_nothing_is_missing(machine, compiler):
    machine.python("python3", "3.12")
    machine.compiler(compiler)
    assert machine.run("demo") == (0, [])


def test_cxx_may_have_arguments(machine):
    machine.python("python3", "3.12")
    machine.compiler("cc1")
    script(machine.folder / "ccache", 'exec "$@"')
    assert machine.run("demo", CXX="ccache cc1") == (0, [])


def test_without_a_compiler_the_demo_does_not_begin(machine):
    machine.python("python3", "3.12")
    status, (line,) = machine.run("demo")
    assert status == 1
    assert line.startswith(
        "eiassembly: missing: a C++20 compiler (g++); get it with: sudo apt-get install g++ "
    )


def test_a_compiler_that_is_too_old_is_none(machine):
    machine.python("python3", "3.12")
    machine.compiler("g++", standard="c++17")
    status, (line,) = machine.run("demo")
    assert (status, "missing: a C++20 compiler" in line) == (1, True)


def test_all_that_is_missing_is_one_line(machine):
    machine.python("python3", "3.11", has_venv=False)
    status, (line,) = machine.run("demo")
    assert status == 1
    assert "missing: a C++20 compiler (g++), the venv module of Python; " in line
    assert "apt-get install g++ python3.11-venv" in line


@pytest.mark.parametrize("version", ["3.10", "3.14"])
def test_a_python_without_a_ready_made_nest_is_refused(machine, version):
    machine.python("python3", version)
    machine.compiler("g++")
    status, (line,) = machine.run("demo")
    assert status == 1
    assert (
        f"missing: Python 3.11 to 3.13, for which NEST's ready-made package exists (python3 is {version})"
        in line
    )
    assert "make PYTHON=python3.12 demo" in line


def test_another_python_that_would_do_is_named(machine):
    machine.python("python3", "3.14")
    machine.python("python3.11", "3.11")
    machine.python("python3.13", "3.13")
    status, (line,) = machine.run("demo")
    assert status == 1
    assert line.endswith("; name yours: make PYTHON=python3.13 demo")


def test_no_python_is_said_too(machine):
    status, (line,) = machine.run("demo", PYTHON="python3.9")
    assert (status, "(python3.9 is absent)" in line) == (1, True)


def test_a_nest_that_is_built_here_takes_newer_pythons(machine):
    machine.python("python3", "3.14")
    status, (line,) = machine.run("mpi")
    assert (status, "missing: Python" in line, "cmake" in line) == (1, False, True)


def test_an_unknown_level_is_a_usage_error(machine):
    assert machine.run("everything")[0] == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs")
class TestAsRoot:
    @pytest.fixture(autouse=True)
    def python(self, machine):
        machine.python("python3", "3.12")

    def test_what_is_missing_is_installed(self, machine):
        gxx = machine.folder / "g++"
        script(
            machine.folder / "apt-get",
            f'[ "$1" = update ] || {{ printf "#!/bin/sh\\n" >{gxx}; chmod 755 {gxx}; }}',
        )
        (machine.folder / "chmod").symlink_to(shutil.which("chmod"))
        assert machine.run("demo") == (0, ["eiassembly: installing with apt-get: g++"])

    def test_what_cannot_be_installed_is_one_line_with_the_reason(self, machine):
        failing = 'echo "E: Failed to fetch http://a.b/c/d.deb  No route"; echo "E: more"; exit 100'
        script(machine.folder / "apt-get", failing)
        status, (_, line) = machine.run("demo")
        assert status == 1
        assert line.endswith("(g++); apt-get could not install it: E: Failed to fetch d.deb  No route")
