"""Progress of a run: a bar on a terminal, lines in a log."""

import os
import pty
import re
import subprocess
import termios

import pytest
from command_line import COMMAND, environment
from simulations import poisson_odors, random_network, saved

from eiassembly.core.progress import Progress


def lines(capsys):
    return re.findall(r"^simulated (\S+) of (\S+) s in \d+ s$", capsys.readouterr().err, re.MULTILINE)


@pytest.mark.parametrize("block", [0.3, 10.0, 99.0, 100.0])
def test_a_log_has_a_line_for_every_tenth(block, capsys):
    with Progress(1000.0) as progress:
        for step in range(1, int(1000 / block) + 1):
            progress.update(step * block)
        progress.update(1000.0)
    found = lines(capsys)
    assert len(found) in (10, 11)
    assert [float(now) for now, _ in found] == pytest.approx([k / 10 for k in range(1, 11)], abs=0.1001)
    assert {total for _, total in found} == {"1.0"}


def test_long_blocks_give_a_line_each(capsys):
    with Progress(1000.0) as progress:
        for now in (400.0, 800.0, 1000.0):
            progress.update(now)
    assert [now for now, _ in lines(capsys)] == ["0.4", "0.8", "1.0"]


def test_other_ranks_say_nothing(capsys):
    with Progress(1000.0, enabled=False) as progress:
        progress.update(1000.0)
    assert capsys.readouterr().err == ""


@pytest.mark.nest
def test_a_terminal_shows_a_bar(tmp_path):
    """Everything that a run writes, as a terminal receives it."""
    net, odors = saved(tmp_path, random_network(1), poisson_odors(1, 2000))
    arguments = ("simulate", net, odors, "--out", tmp_path / "run.h5", "--block", "20")
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (24, 80))
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stdin=its, stdout=its, stderr=its, env=environment(TERM="xterm")
    )
    os.close(its)
    shown = b""
    while chunk := _read(ours):
        shown += chunk
    os.close(ours)
    assert process.wait() == 0
    text = shown.decode()
    assert re.search(r"\r *\d+%\|.*\| 0\.\d/0\.2 s simulated \[", text)
    assert "100%|" in text
    assert not re.search(r"simulated \S+ of", text)
    assert text.splitlines()[-1].endswith("run.h5: written")


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux's way to say that nobody is at the other end any more
        return b""
