"""An environment that cannot be made is one line with the reason; pip's own words are in a file."""

import subprocess

import pytest

NO_NETWORK = """\
WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by \
'NewConnectionError('Failed to establish a new connection: \
[Errno -3] Temporary failure in name resolution')': /simple/setuptools/
ERROR: Could not find a version that satisfies the requirement setuptools>=77 (from versions: none)
ERROR: No matching distribution found for setuptools>=77"""
NO_PACKAGE = """\
ERROR: Could not find a version that satisfies the requirement nest-simulator==3.10.0 (from versions: none)
ERROR: No matching distribution found for nest-simulator==3.10.0; extra == 'nest'"""
DISK_FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
CERTIFICATE = """\
WARNING: Retrying after connection broken by \
'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))'
ERROR: No matching distribution found for setuptools>=77"""
UNKNOWN = "Collecting something\nERROR: Something else went wrong\nand more"


def made(repository, folder, text, status):
    """Run the script with a Python whose venv has a pip that says this and ends so."""
    fake = folder / "python"
    fake.write_text(f"""#!/bin/sh
    mkdir -p "$4/bin"
    cat >"$4/bin/python" <<'END'
#!/bin/sh
case $1 in -V) echo Python 3.12.1 ;; *) cat '{folder}/text'; exit {status} ;; esac
END
    chmod 755 "$4/bin/python"
    """)
    fake.chmod(0o755)
    (folder / "text").write_text(text + "\n")
    command = [repository / "jobs" / "make_environment.sh", "new", "envi ronment", "--quiet", "numpy"]
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHON": str(fake)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (NO_NETWORK, "the package index cannot be reached"),
        (NO_PACKAGE, "there is no package nest-simulator==3.10.0 for "),
        (DISK_FULL, "the disk is full"),
        (CERTIFICATE, "the certificate of the package index is not trusted"),
        (UNKNOWN, "ERROR: Something else went wrong"),
        ("nothing that is known", "nothing that is known"),
    ],
)
def test_the_reason_is_one_line(repository, tmp_path, text, reason):
    done = made(repository, tmp_path, text, 1)
    progress, line = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert progress == "eiassembly: making the environment envi ronment, in a minute or two"
    assert line.startswith(f"eiassembly: the environment envi ronment could not be made: {reason}")
    assert line.endswith("; all that pip says is in envi ronment/pip.log")
    assert (tmp_path / "envi ronment" / "pip.log").read_text() == f"{text}\n"


def test_warnings_of_an_installation_that_succeeds_are_for_the_log(repository, tmp_path):
    done = made(repository, tmp_path, "WARNING: Running pip as root", 0)
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 1)


def test_a_venv_that_fails_is_one_line(repository, tmp_path):
    script = repository / "jobs" / "make_environment.sh"
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [script, "new", tmp_path / "file" / "x", "numpy"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 2)
    assert "file/x could not be made: " in done.stderr
