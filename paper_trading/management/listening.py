"""Where a bot serves its dashboard: the port, and the address that browsers are told and believed."""

import errno
import socket

from django.conf import settings

from chain.errors import ConfigurationError

FIRST_PORT, PORTS = 8000, 10
ANYWHERE = "0.0.0.0"  # noqa: S104 - compared with, not bound to
WAITING = 128


class PortTaken(ConfigurationError):
    """Another program listens there."""


def listen(bind: str, port: int | None) -> socket.socket:
    """A socket on the IPv4 address ``bind``; without ``port`` on the first of ``PORTS`` that is free.

    Raises ``ConfigurationError`` with one line, ``PortTaken`` where it is no more than that.
    """
    if port is not None:
        if not 0 <= port <= 65535:
            raise ConfigurationError(f"--port is 0 to 65535, not {port}")
        return _listen(bind, port)
    for one in range(FIRST_PORT, FIRST_PORT + PORTS):
        try:
            return _listen(bind, one)
        except PortTaken:
            continue
    raise PortTaken(f"ports {FIRST_PORT} to {FIRST_PORT + PORTS - 1} of {bind} are all taken: --port N names another")


def serve_at(bind: str, port: int) -> str:
    """The dashboard's address, by which logins and origins are judged from now on where ``PUBLIC_URL`` names none."""
    if not settings.HAS_PUBLIC_URL:
        names = ["127.0.0.1", "localhost"] if bind in (ANYWHERE, "127.0.0.1", "localhost") else [bind]
        # In place: what Django trusts for its CSRF check is the same list.
        settings.PUBLIC_URLS[:] = [f"http://{name}:{port}" for name in names]
        settings.ALLOWED_HOSTS += [name for name in names if name not in settings.ALLOWED_HOSTS]
    return f"{settings.PUBLIC_URLS[0]}/"


def _listen(bind: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((bind, port))
        listening.listen(WAITING)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"port {port} of {bind} is taken by another program") from error
        raise ConfigurationError(f"the dashboard cannot listen on {bind}:{port}: {error.strerror}") from error
    return listening
