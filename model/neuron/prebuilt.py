"""The compiled neurons that our wheel carries, for NEST's ready-made package on x86-64 Linux.

``prebuilt/PLATFORM/LEVEL/eiassembly_module.so`` beside this file, and ``prebuilt/manifest.json`` with a hash
of the sources that they were compiled from and of each. A clone has none.
"""

import concurrent.futures
import ctypes
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

from eiassembly.core.nest_installation import NestInstallation
from eiassembly.model.neuron.processor import LEVELS, levels
from eiassembly.model.neuron.toolchain import MODULE, Compiler, build, source_digest

FOLDER = Path(__file__).parent / "prebuilt"
MANIFEST = "manifest.json"

_LIBRARIES = ("libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1")
_VERSION = re.compile(rb"\b(?:GLIBC|GLIBCXX|CXXABI|GCC)_\d[\d.]*")


def platform_of(nest: NestInstallation) -> str | None:
    """Return a ready-made package's name, under which the neurons for it are kept; None for other builds.

    NEST's packages for several Pythons differ in nothing that the neuron uses.
    """
    tag = next((tag for tag in nest.tags if "manylinux" in tag and tag.endswith("x86_64")), None)
    if tag is None or nest.has_mpi:
        return None
    return f"nest-{nest.version}-{tag.rpartition('-')[2]}"


def prebuilt_module(nest: NestInstallation, folder: Path = FOLDER) -> Path | None:
    """Return the neuron for this NEST and the best of this processor's levels, if the package carries one.

    Not one that is damaged, was made from other sources than are here, or wants newer system libraries.
    """
    platform = platform_of(nest)
    manifest = _manifest(folder)
    if platform is None or manifest.get("sources") != source_digest():
        return None
    for level in levels():
        path = folder / platform / level / MODULE
        expected = manifest["files"].get(path.relative_to(folder).as_posix())
        if expected and path.is_file():
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() == expected and _loads_here(content):
                return path
    return None


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def versions_wanted(module: bytes) -> frozenset[bytes]:
    """Versions of system libraries that a shared library asks for, e.g. ``GLIBC_2.14``."""
    return frozenset(_VERSION.findall(module))


def _loads_here(module: bytes) -> bool:
    offered: set[bytes] = set()
    for name in _LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
    for path in _loaded_files(_LIBRARIES):
        offered |= versions_wanted(path.read_bytes())
    return versions_wanted(module) <= offered


def _loaded_files(names: tuple[str, ...]) -> list[Path]:
    """Files of libraries that this process has loaded; their names may carry a version."""
    # libm.so.6 or, until glibc 2.33, libm-2.31.so
    stems = tuple(name.partition(".so")[0] + sign for name in names for sign in ".-")
    mapped = Path("/proc/self/maps").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    fields = (line.split(maxsplit=5) for line in mapped)
    paths = {Path(parts[5]) for parts in fields if len(parts) == 6}
    return sorted(path for path in paths if path.name.startswith(stems) and path.is_file())


def write_prebuilt(nest: NestInstallation, compiler: Compiler, folder: Path) -> list[Path]:
    """Compile the neurons of all levels for a ready-made NEST.

    Parameters
    ----------
    nest : NestInstallation
        Only its headers are used: it may be a package for another Python.
    compiler : Compiler
        Of an x86-64 machine.
    folder : Path
        Where to write them and the manifest; what is there is removed first.

    Returns
    -------
    list of Path
        The files; none for a NEST that is not a ready-made package.

    Raises
    ------
    EnvironmentProblemError
        The compiler fails.
    """
    shutil.rmtree(folder, ignore_errors=True)
    platform = platform_of(nest)
    if platform is None:
        return []
    paths = [folder / platform / level / MODULE for level in LEVELS]
    for path in paths:
        path.parent.mkdir(parents=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda path: build(compiler, nest, path.parent.name, path, folder / "log"), paths))
    files = {path.relative_to(folder).as_posix(): path for path in paths}
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    manifest = {"sources": source_digest(), "compiler": compiler.version(), "files": digests}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return [*paths, folder / MANIFEST]
