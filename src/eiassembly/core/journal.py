"""A file under HDF5 that a killed process leaves whole, up to its last commit.

HDF5 changes a file in place: a process that is killed while it does so may leave one that nobody can open.
Here only what nobody refers to is written at once, that is the bytes beyond the end of the last commit.
Changes of earlier bytes are held back in memory until `JournaledFile.commit`, which

1. appends all of them as a journal, behind everything that HDF5 knows of;
2. makes the changes;
3. cuts off the journal.

Killed before the journal is whole, the process leaves the file of the last commit, with something behind its
end that HDF5 ignores. Killed later, it leaves a journal, recognised by its checksum as the last bytes of the
file, that has all that is missing; making a change twice does no harm. So after `recover` the file always is
that of one commit or of the next, whatever HDF5 keeps where.

Step 2 takes some microseconds, and a reader can do without `recover` even then: the order of the changes is
such that nothing refers to what is not yet there (`_turn`).

This is about killed processes. When the whole machine fails, the order in which bytes reach the disk is not
known; `JournaledFile.close` waits for the disk, a commit does not.
"""

import errno
import hashlib
import io
import os
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from eiassembly.core.process_marks import mark

if sys.platform != "win32":
    import fcntl

_CHANGE = struct.Struct("<qq")
"""In the journal, before the bytes of a change: offset, number of bytes."""
_TRAILER = struct.Struct("<qq32s16s")
"""At its end: bytes of the changes, size of the file without journal, sha256 of all that, mark."""
_MARK = b"eiassembly redo\n"

Change = tuple[int, bytes]
"""Where, and what is to be there."""


class JournaledFile:
    """A file as HDF5 wants it, from commit to commit; after a refused write nothing more is written.

    Parameters
    ----------
    path : Path
        File to make, or to empty.
    keep : bool
        Go on with what is in the file, which must have been recovered (see `recover`).

    Raises
    ------
    OSError
        The file cannot be made, or another process is writing it.
    """

    def __init__(self, path: Path, keep: bool = False):
        self._descriptor = os.open(path, os.O_RDWR | (0 if keep else os.O_CREAT), 0o666)
        self._position = 0
        self._size = self._committed = os.fstat(self._descriptor).st_size if keep else 0
        self._held: dict[tuple[int, int], bytes] = {}
        self._abandoned = False
        self._closed = False
        self.error: OSError | None = None
        try:
            self._mark = lock(self._descriptor, path)
        except OSError:
            os.close(self._descriptor)
            raise
        try:
            os.ftruncate(self._descriptor, self._committed)
        except OSError:
            _release(self._descriptor, self._mark)
            raise

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to an offset."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        """Where the next byte is read or written."""
        return self._position

    def readinto(self, buffer: memoryview) -> int:
        """Read what the file is going to be, held back changes included."""
        found = self._content(self._position, max(0, min(len(buffer), self._size - self._position)))
        buffer[: len(found)] = found
        self._position += len(found)
        return len(found)

    def read(self, size: int = -1) -> bytes:
        """Read as `readinto` does; h5py takes nothing for a file that has no such method."""
        rest = max(0, self._size - self._position)
        buffer = memoryview(bytearray(rest if size < 0 else min(size, rest)))
        self.readinto(buffer)
        return bytes(buffer)

    def write(self, data: memoryview) -> int:
        """Write what lies beyond the last commit, hold back the rest."""
        start, size = self._position, len(data)
        inside = max(0, min(size, self._committed - start))
        if inside:
            # What came last is to win where changes overlap: last in the dictionary.
            self._held.pop((start, inside), None)
            self._held[start, inside] = bytes(data[:inside])
        if inside < size:
            self._put(start + inside, data[inside:])
        self._position += size
        self._size = max(self._size, self._position)
        return size

    def truncate(self, size: int) -> int:
        """Set the size of the file; it is changed at the next commit."""
        self._size = size
        return size

    def flush(self) -> None:
        """Do nothing: HDF5 asks for it in mid-change, too. See `commit`."""

    def abandon(self) -> None:
        """Let `close` leave the file as it was at the last commit."""
        self._abandoned = True

    def commit(self) -> None:
        """Make what HDF5 has written the state of the file, from which on a killed process loses nothing."""
        changes = list(self._changes())
        if changes:
            end = max(self._size, os.fstat(self._descriptor).st_size)
            self._put(end, _journal(changes, self._size))
        for offset, data in changes:
            self._put(offset, data)
        self._cut(self._size)
        if self.error is None:
            self._committed = self._size
            self._held.clear()

    def close(self) -> None:
        """Commit, unless the file is abandoned, and wait until everything is on the disk."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._abandoned:
                self._cut(self._committed)
            else:
                self.commit()
            if self.error is None:
                os.fsync(self._descriptor)
        except OSError as error:
            self.error = error
        finally:
            _release(self._descriptor, self._mark)

    def check(self) -> None:
        """Raise what the disk has refused."""
        if self.error is not None:
            raise self.error

    def _content(self, start: int, size: int) -> bytearray:
        content = bytearray(os.pread(self._descriptor, size, start))
        content.extend(bytes(size - len(content)))
        for (offset, length), data in self._held.items():
            first, last = max(start, offset), min(start + size, offset + length)
            if first < last:
                content[first - start : last - start] = data[first - offset : last - offset]
        return content

    def _changes(self) -> Iterator[Change]:
        """Held back bytes that differ from what is there, in the order in which to change them."""
        for offset, size in sorted(self._held, key=lambda place: _turn(place[0], self._held[place])):
            old, new = os.pread(self._descriptor, size, offset), self._content(offset, size)
            different = np.flatnonzero(np.frombuffer(old, np.uint8) != np.frombuffer(new, np.uint8))
            if len(different):
                first, last = int(different[0]), int(different[-1]) + 1
                yield offset + first, bytes(new[first:last])

    def _put(self, offset: int, data: memoryview | bytes) -> None:
        if self.error is None:
            try:
                _write_all(self._descriptor, offset, data)
            except OSError as error:
                self.error = error

    def _cut(self, size: int) -> None:
        if self.error is None:
            try:
                os.ftruncate(self._descriptor, size)
            except OSError as error:
                self.error = error


def recover(path: Path) -> bool:
    """Finish the last commit of a file whose process was killed in the midst of it.

    Returns
    -------
    bool
        Whether there was anything to do.

    Raises
    ------
    OSError
        The file cannot be opened for writing, or another process is writing it (errno EBUSY).
    """
    descriptor = os.open(path, os.O_RDWR)
    own = None
    try:
        own = lock(descriptor, path)
        found = _read_journal(descriptor)
        if found is None:
            return False
        changes, size = found
        for offset, data in changes:
            _write_all(descriptor, offset, data)
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
        return True
    finally:
        _release(descriptor, own)


def lock(descriptor: int, path: Path) -> Path | None:
    """Refuse a file that another process is writing.

    Parameters
    ----------
    descriptor : int
        Of the open file; the lock ends with it.
    path : Path
        Its name, beside which a mark is made where the file system has no locks.

    Returns
    -------
    Path or None
        The mark, to be removed after closing the file.

    Raises
    ------
    OSError
        With the errno EBUSY.
    """
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY)) from error
    except OSError:
        return mark(path)
    return None


def _release(descriptor: int, own: Path | None) -> None:
    os.close(descriptor)
    if own is not None:
        own.unlink(missing_ok=True)


def _turn(offset: int, data: bytes) -> tuple[int, int]:
    """Sorts changes such that what is referred to comes before what refers to it.

    First the superblock, as it says where the file ends. Then the index of the chunks, from the root to the
    leaves: a node that is split loses entries, which must be reachable on the new way before. Then, in the
    order of HDF5, raw data and headers, which say how much of the data counts; last what the names of new
    objects are found by.
    """
    kind, level = data[:5], -data[5] if len(data) > 5 else 0
    if offset == 0:
        return 0, 0
    if kind == b"TREE\1":
        return 1, level
    if kind == b"TREE\0":
        return 3, level
    return (4, 0) if kind[:4] == b"SNOD" else (2, 0)


def _write_all(descriptor: int, offset: int, data: memoryview | bytes) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(descriptor, rest, offset)
        rest, offset = rest[written:], offset + written


def _journal(changes: Iterable[Change], size: int) -> bytes:
    body = b"".join(_CHANGE.pack(offset, len(data)) + data for offset, data in changes)
    return body + _TRAILER.pack(len(body), size, _checksum(body, size), _MARK)


def _checksum(body: bytes, size: int) -> bytes:
    return hashlib.sha256(_CHANGE.pack(len(body), size) + body).digest()


def _read_journal(descriptor: int) -> tuple[list[Change], int] | None:
    """Return the changes and the size of the file without journal, if its last bytes are a whole journal."""
    trailer_start = os.fstat(descriptor).st_size - _TRAILER.size
    if trailer_start < 0:
        return None
    length, size, checksum, mark = _TRAILER.unpack(os.pread(descriptor, _TRAILER.size, trailer_start))
    if mark != _MARK or not 0 <= length <= trailer_start:
        return None
    body = os.pread(descriptor, length, trailer_start - length)
    if _checksum(body, size) != checksum:
        return None
    changes, start = [], 0
    while start < length:
        offset, n_bytes = _CHANGE.unpack_from(body, start)
        start += _CHANGE.size + n_bytes
        changes.append((offset, body[start - n_bytes : start]))
    return changes, size
