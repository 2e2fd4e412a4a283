"""The key that signs sessions and cursors: from the environment, from a file, or made once for this machine."""

import os
import secrets
import tempfile
from pathlib import Path

KEY_FILE = "secret_key"


class NoSecretKey(Exception):
    """A key that cannot be had: a key of a process's own would end the logins of all others."""


def secret_key(var_dir: Path) -> str:
    """``SECRET_KEY``, the content of ``SECRET_KEY_FILE``, or that of a file in ``var_dir`` that its owner alone reads.

    Raises ``NoSecretKey`` with one line that shows nothing of a key.
    """
    given = os.environ.get("SECRET_KEY", "")
    if given:
        return given
    named = os.environ.get("SECRET_KEY_FILE", "")
    path = Path(named) if named else var_dir / KEY_FILE
    try:
        return _read(path) if named or path.exists() else _make(path)
    except OSError as error:
        raise NoSecretKey(f"no secret key: {path}: {error.strerror or error}; or give one in SECRET_KEY") from error


def _read(path: Path) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise NoSecretKey(f"no secret key: {path} is no text") from None
    if key == "":
        raise NoSecretKey(f"no secret key: {path} is empty")
    return key


def _make(path: Path) -> str:
    """Of several processes that start at once, one's key becomes everyone's: a link is made whole or not at all."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".key-", delete=False, encoding="utf-8") as written:
        written.write(secrets.token_urlsafe(48))
        written.flush()
        os.fsync(written.fileno())  # an empty key file, as a power cut would leave it, stops every later start
    mine = Path(written.name)
    try:
        path.hardlink_to(mine)
    except FileExistsError:
        pass
    finally:
        mine.unlink()
    return _read(path)
