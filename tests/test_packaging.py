"""What is installed is what is in the repository, and it says the same version and citation everywhere."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cffconvert import Citation

import eiassembly

PLACES = {
    "model": "model",
    "connectivity": "connectivity",
    "analysis": "analysis",
    "jobs": "jobs",
    "src/eiassembly": "",
}
BIN = Path(sys.executable).parent


def run(*command, cwd, **variables):
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **variables},
    )


@pytest.fixture(scope="session")
def tracked(repository):
    """Files of the working tree that git knows or would take, relative to the repository."""
    if not shutil.which("git") or not (repository / ".git").exists():
        pytest.skip("not a git clone: which files belong to the sources is unknown")
    listing = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=repository).stdout
    return [name for name in sorted(set(listing.splitlines())) if (repository / name).exists()]


def copied(repository, tracked, folder):
    for name in tracked:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(repository / name, target, follow_symlinks=False)
    return folder


def built(source, outdir):
    """Files in the wheel made from the source archive made from this folder, without the metadata."""
    # The compiled neurons are another matter, and take time: see test_wheel.py.
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", outdir, source)
    run(*build, cwd=source, EIASSEMBLY_PREBUILT="no")
    (wheel,) = outdir.glob("*.whl")
    return wheel


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="session")
def wheel(repository, tracked, tmp_path_factory):
    source = copied(repository, tracked, tmp_path_factory.mktemp("source") / "eiassembly")
    return built(source, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def wheel_without_links(repository, tracked, tmp_path_factory):
    """The wheel of a clone whose file system has no symbolic links: git writes them as text files."""
    source = copied(repository, tracked, tmp_path_factory.mktemp("plain") / "eiassembly")
    links = [path for path in (source / "src" / "eiassembly").iterdir() if path.is_symlink()]
    assert {link.name for link in links} == {"model", "connectivity", "analysis", "jobs"}
    for link in links:
        text = str(link.readlink())
        link.unlink()
        link.write_text(text)
    return built(source, tmp_path_factory.mktemp("dist"))


def expected(repository, tracked):
    files = set()
    for name in tracked:
        for folder, place in PLACES.items():
            if name.startswith(f"{folder}/") and not (repository / name).is_symlink():
                files.add(str(Path("eiassembly") / place / name.removeprefix(f"{folder}/")))
    return files


def test_the_wheel_holds_every_tracked_file_of_the_package_and_nothing_else(repository, tracked, wheel):
    files = expected(repository, tracked)
    assert {Path(name).suffix for name in files} >= {".py", ".cpp", ".h", ".j2", ".css"}
    assert contents(wheel) == files


def test_the_wheel_does_not_depend_on_symbolic_links(wheel, wheel_without_links):
    assert contents(wheel_without_links) == contents(wheel)


def test_the_unpacked_wheel_is_importable_as_it_is(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = "import sys; sys.path.insert(0, sys.argv[1]); import eiassembly.model as m; print(m.__file__)"
    printed = run(sys.executable, "-I", "-c", code, tmp_path, cwd="/").stdout.strip()
    assert Path(printed) == tmp_path / "eiassembly" / "model" / "__init__.py"


@pytest.mark.parametrize("name", ["model", "connectivity", "analysis"])
def test_the_folders_are_no_top_level_modules(name):
    code = f"import importlib.util as u, sys; sys.exit(u.find_spec({name!r}) is not None)"
    run(sys.executable, "-I", "-c", code, cwd="/")


def test_the_command_is_installed():
    assert run(BIN / "eiassembly", "--version", cwd="/").stdout.split()[-1] == eiassembly.__version__


def test_the_wheel_brings_the_command(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "eiassembly = eiassembly.cli:main" in archive.read(name).decode()


def test_the_version_is_the_same_everywhere(repository, wheel):
    citation = re.search(r"^version: (\S+)$", (repository / "CITATION.cff").read_text(), re.MULTILINE)
    newest = re.search(r"^## (\d\S*)", (repository / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert citation.group(1) == newest.group(1) == eiassembly.__version__
    assert wheel.name.startswith(f"eiassembly-{eiassembly.__version__}-")


def test_the_citation_file_is_valid(repository):
    Citation((repository / "CITATION.cff").read_text()).validate()
