"""`make reference` with a small repository of our own: all of it and right, or nothing."""

import hashlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("fetch.sh")
FILES = {"LICENSE": b"as you like\n", "nets/more/a.mat": b"\0\r\n\1" * 999, "odors.mat": b"\n\r\n"}
PLACES = {"nets/more/a.mat": "nets/a.mat"}
UNUSED = "never_used.mat"

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


def git(folder, *command):
    settings = ("-c", "user.name=N", "-c", "user.email=n@example.org", "-c", "core.autocrlf=false")
    done = subprocess.run(["git", "-C", folder, *settings, *command], capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path):
    """With an older commit, which is the wanted one, and a file that nobody wants."""
    folder = tmp_path / "their repository"
    for name, content in {**FILES, UNUSED: b"large"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "wanted")
    git(folder, "commit", "--quiet", "--message", "later", "--allow-empty")
    return folder


@pytest.fixture
def manifest(tmp_path, repository):
    lines = [
        f"{hashlib.sha256(content).hexdigest()}  {name}  {PLACES.get(name, '')}".rstrip()
        for name, content in FILES.items()
    ]
    path = tmp_path / "files.sha256"
    path.write_text("\n".join(["# theirs", f"commit {git(repository, 'rev-parse', 'HEAD~')}", *lines, ""]))
    return path


@pytest.fixture
def programs(tmp_path):
    """A folder that comes first on PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    return folder


@pytest.fixture
def begin(tmp_path, repository, manifest, programs):
    """Start the script in a session of its own."""

    def begun(**variables):
        changed = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "XDG_CACHE_HOME": str(tmp_path / "my cache"),
            "EIASSEMBLY_REFERENCE_REPOSITORY": str(repository),
            "no_proxy": "*",
        }
        command, pipe = ["bash", str(SCRIPT), str(manifest)], subprocess.PIPE
        environment = {**os.environ, **changed, **variables}
        # A shell that starts the tests in the background has it ignored, and bash would pass that on.
        reset = ["env", "--default-signal=INT", *command]
        return subprocess.Popen(reset, stderr=pipe, text=True, env=environment, start_new_session=True)

    return begun


@pytest.fixture
def fetched(begin):
    """Exit status, and the lines it says after that it begins."""

    def call(**variables):
        process = begin(**variables)
        lines = process.communicate(timeout=60)[1].splitlines()
        return process.returncode, [line for line in lines if not line.startswith("eiassembly: fetching")]

    return call


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "my cache" / "eiassembly"


def kept(cache):
    """What is in the cache, except for the lock."""
    return {
        str(path.relative_to(cache)): path.read_bytes()
        for path in cache.rglob("*")
        if path.is_file() and path.name != "reference.lock"
    }


WHOLE = {f"reference/pdp_model/{PLACES.get(name, name)}": content for name, content in FILES.items()}


def instead_of_git(programs, script):
    """A program that the script takes for git; $git is the real one."""
    fake = programs / "git"
    fake.write_text(f"#!/usr/bin/env bash\ngit={shutil.which('git')}\n{script}\n")
    fake.chmod(0o755)


def test_what_is_wanted_is_there(fetched, cache):
    assert fetched() == (0, [f"eiassembly: the authors' data are in {cache}/reference"])
    assert kept(cache) == WHOLE
    assert sorted(path.name for path in cache.iterdir()) == ["reference", "reference.lock"]


def test_what_is_not_wanted_is_not_transferred(fetched, cache, repository):
    git(repository, "config", "uploadpack.allowFilter", "true")
    blob = git(repository, "rev-parse", f"HEAD:{UNUSED}")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    assert fetched()[0] == 0
    assert kept(cache) == WHOLE


def test_again_nothing_is_done(fetched, cache, programs):
    assert fetched()[0] == 0
    instead_of_git(programs, "exit 1")
    assert fetched()[0] == 0
    assert kept(cache) == WHOLE


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"short"), Path.unlink])
def test_what_was_damaged_is_fetched_anew(fetched, cache, damage):
    fetched()
    damage(cache / "reference" / "pdp_model" / "odors.mat")
    assert fetched()[0] == 0
    assert kept(cache) == WHOLE


def test_another_content(fetched, cache, manifest):
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join(f"{'0' * 64}  {i.split()[1]}" if "odors" in i else i for i in lines))
    status, [line] = fetched()
    assert status == 1
    assert line.startswith("eiassembly: odors.mat of ")
    assert "another sha256" in line
    assert kept(cache) == {}


def test_a_file_that_is_not_in_the_repository(fetched, cache, manifest):
    with manifest.open("a") as text:
        text.write(f"{'0' * 64}  nets/b.mat\n")
    status, [line] = fetched()
    assert status == 1
    assert line.startswith("eiassembly: nets/b.mat: not in ")
    assert kept(cache) == {}


@pytest.mark.parametrize(("address", "why"), [
    ("http://127.0.0.1:9/their/repository", "127.0.0.1"),
    ("/there/is/no/such/folder", "/there/is/no/such/folder"),
])  # fmt: skip
def test_no_network_or_no_repository(fetched, cache, address, why):
    status, [line] = fetched(EIASSEMBLY_REFERENCE_REPOSITORY=address)
    assert status == 1
    assert f"from {address} (fatal: " in line
    assert why in line.split("(fatal: ")[1]
    assert "EIASSEMBLY_REFERENCE_REPOSITORY" in line
    assert list(cache.iterdir()) == [cache / "reference.lock"]


def test_a_commit_that_is_not_in_the_repository(fetched, cache, manifest, repository):
    wanted = git(repository, "rev-parse", "HEAD~")
    manifest.write_text(manifest.read_text().replace(wanted, "0123456789" * 4))
    status, [line] = fetched()
    assert status == 1
    assert line.startswith(f"eiassembly: cannot fetch {'0123456789' * 4} from ")
    assert kept(cache) == {}


@pytest.mark.parametrize("content", ["", "commit 12\n", None])
def test_no_manifest(fetched, manifest, content):
    if content is None:
        manifest.unlink()
    else:
        manifest.write_text(content)
    status, [line] = fetched()
    assert status == 1
    assert line.startswith(f"eiassembly: {manifest}: expected ")


def test_a_cache_that_cannot_be_made(fetched, tmp_path):
    (tmp_path / "file").touch()
    status, [line] = fetched(XDG_CACHE_HOME=str(tmp_path / "file"))
    assert (status, line) == (1, f"eiassembly: {tmp_path}/file/eiassembly: cannot be made")


def wait_for(path):
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.02)


@pytest.mark.parametrize("step", ["fetch", "checkout"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted(begin, fetched, cache, programs, tmp_path, how, step):
    """Also after the files have come; what a killed process leaves is removed by the next."""
    there = tmp_path / "there"
    instead_of_git(
        programs,
        f'[[ $* == *" {step} "* ]] || exec "$git" "$@"\n"$git" "$@"\n: >"{there}"\nexec sleep 600',
    )
    process = begin()
    wait_for(there)
    os.killpg(process.pid, how)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert not (cache / "reference").exists()
    assert (cache / "reference.fetching").exists() == (how == signal.SIGKILL)
    (programs / "git").unlink()
    assert fetched()[0] == 0
    assert kept(cache) == WHOLE


def test_two_at_once_fetch_once(begin, cache, programs, tmp_path):
    there, calls = tmp_path / "there", tmp_path / "calls"
    instead_of_git(
        programs,
        f'if [[ $* == *" fetch --quiet "* && $* == *" --depth "* ]]; then\necho >>"{calls}"\n'
        f'until [[ -e "{there}" ]]; do sleep 0.02; done\nfi\nexec "$git" "$@"',
    )
    one = begin()
    wait_for(calls)
    other = begin()
    there.touch()
    for process in (one, other):
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert calls.read_text() == "\n"
    assert kept(cache) == WHOLE


def test_the_script_is_clean():
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    subprocess.run(["shellcheck", SCRIPT], check=True)
