import hashlib

from django.utils.crypto import salted_hmac

SESSION_COLUMN = 40


def digest_of(secret: str) -> str:
    """What is kept of a secret: SHA-256 as hex."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def session_digest(session_key: str) -> str:
    """What is kept of a session's key, which is its cookie; with another ``SECRET_KEY`` no login is known any more."""
    return salted_hmac("wallet.login_session", session_key, algorithm="sha256").hexdigest()


def stored_session_key(session_key: str) -> str:
    """The same as Django's table has room for it."""
    return kept_session_key(session_digest(session_key))


def kept_session_key(digest: str) -> str:
    """The row of Django's table that belongs to a login's ``key_digest``."""
    return digest[:SESSION_COLUMN]
