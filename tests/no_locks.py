"""A file system without locks: a library that is loaded first and refuses flock, as Lustre and NFS may."""

import errno
import shutil
import subprocess
from pathlib import Path

import pytest

REFUSALS = (errno.ENOLCK, errno.ENOSYS)
"""NFS without a lock daemon; Lustre without its option flock."""
_SOURCE = """
#include <errno.h>
#include <stdlib.h>

int flock(int descriptor, int operation)
{
    (void) descriptor;
    (void) operation;
    errno = atoi(getenv("REFUSED_WITH"));
    return -1;
}
"""


def refusing_flock(folder: Path) -> dict[str, str]:
    """Environment of a process whose flock fails; REFUSED_WITH is to be added: the error number."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler")
    source, library = folder / "no_locks.c", folder / "no_locks.so"
    source.write_text(_SOURCE, encoding="utf-8")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    return {"LD_PRELOAD": str(library)}
