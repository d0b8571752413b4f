"""Which instructions this machine's processor has."""

import os
import platform
from pathlib import Path

VARIABLE = "EIASSEMBLY_PROCESSOR"
"""Environment variable that names another level than the highest: to compare them, or to get round one."""

LEVELS = {
    "x86-64-v4": ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"),
    "x86-64-v3": ("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"),
    "x86-64": (),
}
"""Levels of the x86-64 processor supplement, best first, with what they add (as /proc/cpuinfo calls it)."""


def features(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """Names of the instruction sets, as Linux calls them; none where it does not tell."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), ":")
    return frozenset(flags.partition(":")[2].split())


def levels() -> tuple[str, ...]:
    """Levels of x86-64 that this processor has, best first; none on other architectures.

    ``EIASSEMBLY_PROCESSOR`` leaves only the level that it names.
    """
    if platform.machine() != "x86_64":
        return ()
    has = features()
    names = list(LEVELS)
    found = [
        name
        for place, name in enumerate(names)
        # A level has everything that those below it have.
        if all(feature in has for lower in names[place:] for feature in LEVELS[lower])
    ]
    wanted = os.environ.get(VARIABLE)
    return tuple(name for name in found if wanted in (None, "", name))
