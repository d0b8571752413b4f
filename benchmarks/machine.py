"""Where it was measured: processor, memory, versions. No names of machines or folders."""

import datetime
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

import psutil

import eiassembly
from benchmarks.plan import available_processors

_PACKAGES = ("nest-simulator", "numpy", "scipy", "h5py", "mpi4py", "numba")


def description() -> dict[str, str | int | float]:
    """Return the machine and what ran on it, by name."""
    found: dict[str, str | int | float] = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": _processor(),
        "processors": available_processors(),
        "memory_GiB": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": round(os.getloadavg()[0], 2),
        "eiassembly": eiassembly.__version__,
        "commit": _first_line("git", "describe", "--always", "--dirty"),
        "Python": platform.python_version(),
        "compiler": _first_line("g++", "--version"),
        "MPI": _first_line("mpirun", "--version"),
        "OMP_WAIT_POLICY": os.environ.get("OMP_WAIT_POLICY", "not set"),
    }
    return found | {name: importlib.metadata.version(name) for name in _PACKAGES}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return platform.processor() or "unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _first_line(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    except OSError:
        return "not found"
    return (done.stdout.splitlines() or ["unknown"])[0]


def peak_memory() -> float:
    """Largest resident memory of this process so far, MiB.

    Not from `getrusage`: a process that was started by a large one inherits that one's peak.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:  # not Linux
        return float(psutil.Process().memory_info().rss / 2**20)
    kB = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kB) / 1024
