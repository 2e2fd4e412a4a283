import hashlib


def digest_of(secret: str) -> str:
    """What is kept of a secret: SHA-256 as hex."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
