"""Standard output and error as they may be: of any encoding, closed, full, or with nobody who reads them.

What cannot be said stops no work: a simulation of hours goes on when its log cannot be written, and what is
wrong with standard output is said at the end. What an encoding lacks is spelt in ASCII.
"""

import codecs
import errno
import io
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_SPELT = {
    "–": "-", "—": "-", "−": "-", "‑": "-", "×": "x", "…": "...", "·": ".", "±": "+-", "≥": ">=", "≤": "<=",
    "≈": "~", "≠": "!=", "→": "->", "←": "<-", "∞": "inf", "√": "sqrt", "∑": "sum", "∫": "integral ",
    "≫": ">>", "≪": "<<", "µ": "u", "°": " deg",
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'", "′": "'", "«": '"', "»": '"', "•": "*",
    "⁄": "/", "∈": "in", "∝": "~", "§": "section ", "ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "ł": "l",
}  # fmt: skip
"""What Unicode knows no plain form of, or a longer one."""
_SPELLING = "eiassembly_spelling"
_ASCII = "eiassembly_ascii"
_CLOSED_PIPE = 128 + 13
"""Exit status that a shell gives to what has ended by SIGPIPE."""


def spelt(character: str) -> str:
    """Return a character in ASCII: its name if it is Greek, without its accent, or a question mark."""
    if character in _SPELT:
        return _SPELT[character]
    kind, _, name = unicodedata.name(character, "").partition(" LETTER ")
    if kind in ("GREEK SMALL", "GREEK CAPITAL"):
        name = name.split()[0].replace("LAMDA", "LAMBDA").replace("FINAL", "SIGMA")
        return name.lower() if kind == "GREEK SMALL" else name.capitalize()
    parts = [part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)]
    if parts == [character]:
        return character if character.isascii() else "?"
    return "".join(map(spelt, parts))


def _spell(error: UnicodeError) -> tuple[str | bytes, int]:
    """Handle what an encoding lacks, as `codecs.register_error` wants it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    first = error.object[error.start]
    if "\udc80" <= first <= "\udcff":
        # A byte of a file's name that Python could not decode: it goes out as it came in.
        return bytes([ord(first) - 0xDC00]), error.start + 1
    return spelt(first), error.start + 1


def _ascii(name: str) -> codecs.CodecInfo | None:
    """ASCII under another name: click writes UTF-8 to a stream that says it is ASCII."""
    if name != _ASCII:
        return None
    plain = codecs.lookup("ascii")
    return codecs.CodecInfo(
        name=_ASCII,
        encode=plain.encode,
        decode=plain.decode,
        incrementalencoder=plain.incrementalencoder,
        incrementaldecoder=plain.incrementaldecoder,
    )


codecs.register(_ascii)
codecs.register_error(_SPELLING, _spell)


class _Lasting(io.RawIOBase):
    """Bytes of a standard stream: after the first that are refused, the others are dropped.

    Parameters
    ----------
    descriptor : int
        File descriptor; it stays open.
    """

    def __init__(self, descriptor: int):
        self._descriptor = descriptor
        self.error: OSError | None = None

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        """Write all of it, as nobody above asks how much was taken."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest and self.error is None:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except OSError as error:
                self.error = error
        return size


def _lasting_text(stream: TextIO, raw: _Lasting) -> TextIO:
    is_ascii = codecs.lookup(stream.encoding).name == "ascii"
    is_unbuffered = getattr(stream, "write_through", False)  # PYTHONUNBUFFERED
    binary: Any = raw if is_unbuffered else io.BufferedWriter(raw)
    return io.TextIOWrapper(
        binary,
        encoding=_ASCII if is_ascii else stream.encoding,
        errors=_SPELLING,
        line_buffering=getattr(stream, "line_buffering", False),
        write_through=is_unbuffered,
    )


def _occupy() -> None:
    """Let no file of ours become standard output, where that was closed: NEST writes to it."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)


@contextmanager
def lasting_streams() -> Iterator[None]:
    """Make standard output and error ones that can be written to, whatever they are, for a block.

    Streams that somebody else has put there (a notebook, a test) are left alone.

    Raises
    ------
    SystemExit
        At the end, if standard output could not be written and nothing else has failed.
    """
    _occupy()
    kept = sys.stdout, sys.stderr
    raw = {"stdout": _Lasting(1), "stderr": _Lasting(2)}
    for name, lasting in raw.items():
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # until the end
        elif stream is getattr(sys, f"__{name}__"):
            stream.flush()
            setattr(sys, name, _lasting_text(stream, lasting))
    try:
        yield
        sys.stdout.flush()
        _say(raw["stdout"].error)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = kept


def _say(error: OSError | None) -> None:
    """End with an error where standard output has refused something; without a word if nobody wants more."""
    if error is None:
        return
    if error.errno == errno.EPIPE:
        sys.exit(_CLOSED_PIPE)
    from eiassembly.core.files import describe_os_error  # imports h5py: not for --help

    click.echo(f"eiassembly: error: standard output: cannot write: {describe_os_error(error)}", err=True)
    sys.exit(1)
