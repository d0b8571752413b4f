"""Our compiled NEST extension module: that of the package, or compiled once and kept in a cache."""

import atexit
import contextlib
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.nest_installation import NestInstallation
from eiassembly.model.neuron.prebuilt import prebuilt_module
from eiassembly.model.neuron.processor import features
from eiassembly.model.neuron.toolchain import MODULE, NATIVE, build, find_compiler, source_digest

NEURON = "alif_cond_exp_euler"
SOURCE = "spike_train_source"
SYNAPSE = "contact_synapse"

_NAME_LENGTH = 20
"""Hexadecimal digits of a hash in the name of a folder."""

_PATIENCE = 120.0
"""Seconds to wait for another process that compiles, several times what it takes."""


def cache_directory() -> Path:
    """Directory of the user's cache for compiled modules (XDG_CACHE_HOME is respected)."""
    return user_cache_path("eiassembly") / "extension"


def build_key(nest: NestInstallation) -> str:
    """Hash of everything the compiled module depends on.

    Not the compiler: whichever it was, the spikes are the same, and compute nodes may have none.
    """
    library = nest.library.stat()
    facts = (
        nest.version,
        str(nest.library),
        library.st_size,
        library.st_mtime_ns,
        nest.has_mpi,
        nest.cxx11_strings,
    )
    # A module compiled for one node of a cluster may use instructions that another node lacks.
    everything = facts, sorted(features()), source_digest()
    return hashlib.sha256(repr(everything).encode()).hexdigest()[:_NAME_LENGTH]


def _announce(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def compiled_module(nest: NestInstallation, announce: Callable[[str], None] = _announce) -> Path:
    """Return the compiled module, compiled if need be: by one of several processes, the others wait.

    Parameters
    ----------
    nest : NestInstallation
        The NEST to compile for.
    announce : callable
        Receives a line before and after a compilation.

    Raises
    ------
    EnvironmentProblemError
        No compiler, the compilation fails, or its result cannot be kept anywhere.
    """
    carried = prebuilt_module(nest)
    if carried:
        return carried
    folder = _writable_folder(build_key(nest), announce)
    return _kept(folder) or _compiled(nest, folder, announce)


def _compiled(nest: NestInstallation, folder: Path, announce: Callable[[str], None]) -> Path:
    compiler = find_compiler(nest.has_mpi)
    with _lock(folder):
        kept = _kept(folder)
        if kept:
            return kept
        remark = f" ({compiler.remark})" if compiler.remark else ""
        announce(f"compiling the neuron for NEST {nest.version} with {compiler}{remark} (once, about 20 s) …")
        with tempfile.TemporaryDirectory(dir=folder, prefix=".") as work:
            module = Path(work) / MODULE
            build(compiler, nest, NATIVE, module, folder / "compilation.log")
            _keep(module, folder)
        kept = _kept(folder)
    if kept is None:
        raise EnvironmentProblemError(f"{folder}: the compiled neuron was not kept as it was written")
    announce(f"compiled: {kept}")
    return kept


def _digest(module: Path) -> str:
    return hashlib.sha256(module.read_bytes()).hexdigest()[:_NAME_LENGTH]


def _keep(module: Path, folder: Path) -> None:
    """Move a module to a folder named by its content, so that damage is seen before it is loaded."""
    target = folder / _digest(module)
    target.mkdir(exist_ok=True)
    module.replace(target / MODULE)


def _kept(folder: Path) -> Path | None:
    """Return the module in a folder, if there is one and it is whole; damaged ones are removed."""
    for module in sorted(folder.glob(f"*/{MODULE}")):
        with contextlib.suppress(OSError):
            if _digest(module) == module.parent.name:
                return module
            shutil.rmtree(module.parent)
    return None


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Let one process at a time compile; where that takes too long or nothing can be locked, several do.

    They do it to the same end: a lock only saves their time.
    """
    # Without flock the file is the lock, and stays behind a process that is killed: hence the patience.
    lock = FileLock(folder / "lock", timeout=_PATIENCE)
    try:
        with warnings.catch_warnings(category=UserWarning, action="ignore"):
            lock.acquire()
    except (OSError, NotImplementedError, Timeout):
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _writable_folder(key: str, announce: Callable[[str], None]) -> Path:
    """Folder for a key: of the user's cache, else a private temporary one."""
    folder = cache_directory() / key
    if _can_write(folder) or _kept(folder):
        return folder
    other = _temporary(key)
    announce(f"{cache_directory()}: cannot be written; the compiled neuron is kept in {other}")
    return other


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _temporary(key: str) -> Path:
    """Folder that this user's processes, now and later, share until the machine cleans up, nobody else.

    One of that name which others could have written to is not trusted: then this process has one for itself.
    """
    own = Path(tempfile.gettempdir()) / f"eiassembly-{os.getuid()}"
    with contextlib.suppress(OSError):
        own.mkdir(mode=0o700, exist_ok=True)
        facts = own.lstat()
        is_private = facts.st_uid == os.getuid() and not facts.st_mode & 0o077
        if stat.S_ISDIR(facts.st_mode) and is_private and _can_write(own / key):
            return own / key
    try:
        alone = tempfile.mkdtemp(prefix="eiassembly-")
    except OSError as error:
        raise EnvironmentProblemError(
            f"{cache_directory()}: cannot keep the compiled neuron here or in a temporary folder: "
            f"{error.strerror}; set XDG_CACHE_HOME to a directory you can write to"
        ) from error
    atexit.register(shutil.rmtree, alone, ignore_errors=True)
    return Path(alone)
