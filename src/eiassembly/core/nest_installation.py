"""Which NEST is installed, found out without importing it.

Importing NEST starts its kernel, and under a launcher it may even end the process; so questions that can be
answered from its files are answered here.
"""

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from eiassembly.core.errors import EnvironmentProblemError

INSTALL_HINT = (
    "in a clone: make demo, or pip install '.[nest]'; elsewhere: pip install nest-simulator==3.10.0"
)


@dataclass(frozen=True)
class NestInstallation:
    """What has to be known about a NEST to compile an extension for it.

    Parameters
    ----------
    version : str
        Of the Python package.
    library : Path
        Shared library of the kernel.
    include : Path
        Directory of its headers.
    has_mpi : bool
        Built with MPI.
    cxx11_strings : bool
        With the newer of the GNU C++ library's two string layouts; the ready-made package has the older.
    tags : tuple of str
        Of the wheel it was installed from, e.g. ``cp311-cp311-manylinux2014_x86_64``.
    """

    version: str
    library: Path
    include: Path
    has_mpi: bool
    cxx11_strings: bool
    tags: tuple[str, ...] = ()


def _headers(package: Path) -> Path:
    # A pip-installed nest-config names the machine it was built on, so look beside the package first.
    include = package / "include" / "nest"
    if include.is_dir():
        return include
    config = shutil.which("nest-config")
    if config:
        flags = subprocess.run(
            [config, "--includes"], capture_output=True, encoding="utf-8", errors="replace", check=False
        ).stdout
        for flag in flags.split():
            if (Path(flag.removeprefix("-I")) / "nest_extension_interface.h").is_file():
                return Path(flag.removeprefix("-I"))
    raise EnvironmentProblemError(f"{package}: the headers of NEST are missing; {INSTALL_HINT}")


def find_nest() -> NestInstallation:
    """Return the NEST that ``import nest`` would load.

    Raises
    ------
    EnvironmentProblemError
        NEST or its headers are not installed.
    """
    spec = importlib.util.find_spec("nest")
    if spec is None or spec.origin is None:
        raise EnvironmentProblemError(f"NEST is not installed for this Python; {INSTALL_HINT}")
    package = Path(spec.origin).parent
    libraries = sorted(package.glob("nestkernel_api*.so"))
    if not libraries:
        raise EnvironmentProblemError(f"{package}: the kernel library of NEST is missing; {INSTALL_HINT}")
    try:
        metadata = importlib.metadata.distribution("nest-simulator")
        version, wheel = metadata.version, metadata.read_text("WHEEL") or ""
    except importlib.metadata.PackageNotFoundError:
        version, wheel = "unknown", ""
    include = _headers(package)
    return NestInstallation(
        version=version,
        library=libraries[0],
        include=include,
        has_mpi="#define HAVE_MPI 1" in (include / "config.h").read_text(encoding="utf-8"),
        cxx11_strings=b"_ZN4nest11BadPropertyC1ENSt7__cxx11" in libraries[0].read_bytes(),
        tags=tuple(re.findall(r"^Tag: (\S+)", wheel, re.MULTILINE)),
    )
