"""What Slurm is told, by a Slurm that only notes it; and what the functions of the batch scripts do."""

import os
import shlex
import subprocess

import pytest

from eiassembly.campaign.slurm import SCRIPTS
from eiassembly.cli import main
from eiassembly.core.errors import EiassemblyError

CAMPAIGN = """
[slurm]
ranks = 3
at_once = 7
[simulation]
threads = 4
[vary.network]
seed = [1, 2, 3, 4]
"""
SBATCH = """#!/bin/sh
n=$(cat "$NOTES/n" 2>/dev/null || echo 40)
n=$((n + 1))
echo "$n" >"$NOTES/n"
for word; do echo "$word"; done >"$NOTES/$n"
echo "partition=$SBATCH_PARTITION" >>"$NOTES/$n"
echo "$n;cluster"
"""


def program(folder, name, text):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A campaign and a Slurm."""
    program(tmp_path / "bin", "sbatch", SBATCH)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    monkeypatch.setenv("NOTES", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.toml").write_text(CAMPAIGN)
    return tmp_path


def campaign(command, *options):
    main(["campaign", command, "c.toml", "--out", "out", *options])


def test_the_array_and_the_collection(place, capsys):
    (place / "environment.sh").write_text("echo modules are loaded\nexport SBATCH_PARTITION=fast\n")
    campaign("submit", "--environment", "environment.sh", "--set", "odors.novel=2")
    assert capsys.readouterr().out == "c: 4 runs submitted as job 41, job 42 collects them\n"
    array, collection = ((place / n).read_text().splitlines() for n in ("41", "42"))
    wanted = {
        "--array=0-3%7",
        "--ntasks=3",
        "--cpus-per-task=4",
        "--signal=B:USR1@300",
        "--set=odors.novel=2",
    }
    assert wanted <= set(array)
    assert "partition=fast" in array
    assert "--dependency=afterany:41" in collection
    assert f"--out={place}/out" in collection
    (frozen,) = (place / "out" / "jobs").glob("*/c.toml")
    assert str(frozen) in array
    assert frozen.read_text() == CAMPAIGN
    for name in SCRIPTS:
        assert (place / "out" / "jobs" / name).is_file()
    assert (place / "out" / "logs").is_dir()


def test_a_dry_run_prints_everything_and_does_nothing(place, capsys):
    campaign("submit", "--dry-run")
    lines = capsys.readouterr().out.splitlines()
    assert shlex.split(lines[0])[:2] == ["sbatch", "--parsable"]
    assert "--dependency=afterany:ARRAY" in lines[1]
    assert "#SBATCH --requeue" in lines
    assert sorted(path.name for path in place.iterdir()) == ["bin", "c.toml"]


def test_only_what_is_left_is_submitted_again(place, capsys):
    campaign("submit")
    capsys.readouterr()
    runs = place / "out" / "runs"
    runs.mkdir()
    from eiassembly.campaign.plan import load_campaign

    (runs / load_campaign(place / "c.toml").runs[2].name).mkdir()
    campaign("resume")
    assert "--array=0-3%7" in (place / "43").read_text().splitlines()


def test_a_campaign_that_has_begun_is_not_submitted_anew(place, plan_folder):
    (plan_folder / "log").write_text("2026-01-01T00:00:00 failed a reason\n")
    with pytest.raises(EiassemblyError, match="has not begun, found 4 runs: 1 failed, 3 missing; use resume"):
        main_raising("submit")


@pytest.fixture
def plan_folder(place):
    """The folder of the first run."""
    from eiassembly.campaign.plan import load_campaign

    folder = place / "out" / "runs" / load_campaign(place / "c.toml").runs[0].name
    folder.mkdir(parents=True)
    return folder


def main_raising(command, *options):
    """As `campaign`, but errors are not turned into a line."""
    from eiassembly.cli.application import application

    application(["campaign", command, "c.toml", "--out", "out", *options], standalone_mode=False)


def test_what_sbatch_refuses_is_said(place):
    program(place / "bin", "sbatch", "#!/bin/sh\necho 'sbatch: error: invalid partition' >&2\nexit 1\n")
    with pytest.raises(EiassemblyError, match=r"^sbatch: invalid partition$"):
        main_raising("submit")


def test_a_grace_as_long_as_the_limit_is_refused(place):
    with pytest.raises(EiassemblyError, match=r"slurm\.grace: expected less than .* 5 min, found 300 s"):
        main_raising("submit", "--set", "slurm.minutes=5")


def test_the_environment_must_be_there(place):
    with pytest.raises(EiassemblyError, match=r"expected a shell file, found no file none\.sh"):
        main_raising("submit", "--environment", "none.sh")


@pytest.fixture
def bash(place, repository):
    """Run lines of a batch script; returns status and output."""
    program(place / "bin", "scontrol", '#!/bin/sh\necho "scontrol $*"\n')

    def run(lines, **variables):
        text = f". {repository}/jobs/in_job.sh\n{lines}\n"
        environment = {**os.environ, "SLURM_JOB_ID": "7", "SLURM_JOB_NODELIST": "n1", **variables}
        done = subprocess.run(
            ["bash", "-uc", text], env=environment, capture_output=True, text=True, check=False, timeout=20
        )
        return done.returncode, done.stdout + done.stderr

    return run


ENDING = "sh -c 'trap \"sleep 0.1; exit 143\" USR1; touch ready; while :; do sleep 0.02; done'"
SIGNALLED = """
rm -f ready
(until [ -e ready ]; do sleep 0.02; done; kill -{signal} $$) &
run_with_grace {command}
"""


def test_the_grace_signal_is_handed_on_and_the_job_requeued(bash):
    status, said = bash(SIGNALLED.format(signal="USR1", command=ENDING))
    assert status == 143
    assert "scontrol requeue 7" in said


def test_the_grace_signal_may_come_while_the_environment_is_read(bash, place):
    """The job goes back into the queue, and nothing is begun."""
    (place / "slow.sh").write_text("kill -USR1 $$\nsleep 0.1\necho read\n")
    status, said = bash(
        'begin; run_with_grace echo "begun anyway"', EIASSEMBLY_ENVIRONMENT=str(place / "slow.sh")
    )
    assert status == 143
    assert "scontrol requeue 7" in said
    assert "begun anyway" not in said


def test_a_cancelled_job_is_not_requeued(bash):
    status, said = bash(SIGNALLED.format(signal="TERM", command=ENDING))
    assert status == 143
    assert "scontrol" not in said


def test_a_run_that_ends_in_the_grace_is_done(bash):
    ending_well = ENDING.replace("exit 143", "exit 0")
    status, said = bash(SIGNALLED.format(signal="USR1", command=ending_well))
    assert status == 0
    assert "scontrol" not in said


@pytest.mark.parametrize("status", [0, 1, 143])
def test_the_status_is_that_of_the_command(status, bash):
    found, said = bash(f"run_with_grace sh -c 'exit {status}'")
    assert found == status
    assert "scontrol" not in said


@pytest.mark.parametrize(
    ("ntasks", "has_pmix", "variables", "launcher"),
    [
        ("1", True, {}, ""),
        ("4", True, {}, "srun --mpi=pmix --cpus-per-task=2"),
        ("4", False, {}, "mpirun --map-by slot:PE=2 --bind-to core"),
        ("4", True, {"EIASSEMBLY_LAUNCHER": "mpiexec -x A"}, "mpiexec -x A"),
    ],
)
def test_the_launcher_is_what_is_there(ntasks, has_pmix, variables, launcher, bash, place):
    kinds = "none pmi2" + (" pmix pmix_v4" if has_pmix else "")
    program(place / "bin", "srun", f"#!/bin/sh\nprintf '%s\\n' {kinds} >&2\n")
    status, said = bash(
        'find_launcher; echo "found ${launcher[*]}"',
        SLURM_NTASKS=ntasks,
        SLURM_CPUS_PER_TASK="2",
        **variables,
    )
    assert (status, said.strip()) == (0, f"found {launcher}".strip())


@pytest.mark.parametrize("name", ["in_job.sh", "environment.sh", "one_run.sbatch", *SCRIPTS[:2]])
def test_the_scripts_are_bash(name, repository):
    done = subprocess.run(["bash", "-n", repository / "jobs" / name], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
