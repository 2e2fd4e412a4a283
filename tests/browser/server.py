"""The program's web process with a database of its own, and people who may log in to it."""

import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eth_account.signers.local import LocalAccount

from chain.devnet.anvil import free_port
from tests.browser.wallets import key_of
from tests.support.hosts import Stack

USERS = 64
SET_UP = """
import json
from django.contrib.auth.models import User
from wallet.services.bootstrap import make_token
from wallet.services.wallets import allow_wallet
for name, address in json.loads({people!r}):
    allow_wallet(user=User.objects.get_or_create(username=name)[0], address=address)
print(make_token())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user and the key of the wallet that logs in as them."""

    name: str
    key: LocalAccount

    @property
    def address(self) -> str:
        return str(self.key.address)


class Server:
    """``bootstrap_secret`` is the one-time token with which a wallet becomes the local owner's."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._people = iter([Person(name=f"user{number}", key=key_of(f"user {number}")) for number in range(USERS)])
        stack.manage("migrate", "--verbosity", "0")
        named = [[f"user{number}", key_of(f"user {number}").address] for number in range(USERS)]
        script = SET_UP.format(people=json.dumps(named))
        self.bootstrap_secret = stack.manage("shell", "--no-imports", "-c", script).stdout.strip().splitlines()[-1]
        self.url = self._start()

    def newcomer(self) -> Person:
        """Somebody whom no other test has met."""
        return next(self._people)

    def allow(self, address: str, person: Person) -> None:
        """From now on ``address`` logs in as ``person``, too."""
        self._stack.manage("wallet_allow", address, "--user", person.name)

    def _start(self) -> str:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "daphne", "--bind", "127.0.0.1", "--port", str(port)]
        web = self._stack.start_program(
            "web",
            [*command, "dexproject.asgi:application"],
            DEXPROJECT_ROLE="web",
            PUBLIC_URL=url,
            LOGIN_REQUESTS_PER_CLIENT="0",  # all browsers of these tests are one client
        )
        self._stack.wait(lambda: _answers(f"{url}/healthz/"), "the web process does not start", alive=web)
        return url


@contextmanager
def running_server(var: Path, *, chain: bool = False) -> Iterator[Server]:
    """``chain`` runs the local chain beside it, from which balances can be had."""
    stack = Stack(var=var, database_url=f"sqlite:///{var / 'db.sqlite3'}")
    try:
        if chain:
            stack.start_chain()
        yield Server(stack)
    finally:
        stack.end_all()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server
            return True
    except OSError:
        return False
