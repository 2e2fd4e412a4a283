"""The key that signs sessions and cursors: from the environment, from a file, or made once for this machine."""

import os
import secrets
import tempfile
from pathlib import Path

KEY_FILE = "secret_key"


def secret_key(var_dir: Path) -> str:
    """``SECRET_KEY``, the content of ``SECRET_KEY_FILE``, or that of a file in ``var_dir`` that its owner alone reads.

    Where ``var_dir`` cannot be written, nothing can be kept either: the key is this process's own.
    """
    given = os.environ.get("SECRET_KEY", "")
    named = os.environ.get("SECRET_KEY_FILE", "")
    if given:
        return given
    if named:
        return _read(Path(named))
    kept = var_dir / KEY_FILE
    try:
        return _read(kept) if kept.exists() else _make(kept)
    except OSError:
        return secrets.token_urlsafe(48)


def _read(path: Path) -> str:
    key = path.read_text(encoding="utf-8").strip()
    if key == "":
        raise OSError(f"{path} holds no key")
    return key


def _make(path: Path) -> str:
    """Of several processes that start at once, one's key becomes everyone's: a link is made whole or not at all."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".key-", delete=False, encoding="utf-8") as written:
        written.write(secrets.token_urlsafe(48))
    mine = Path(written.name)
    try:
        path.hardlink_to(mine)
    except FileExistsError:
        pass
    finally:
        mine.unlink()
    return _read(path)
