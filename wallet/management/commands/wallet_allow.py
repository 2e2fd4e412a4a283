import json
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from dex.errors import DexError
from wallet.models import Wallet
from wallet.selectors.wallets import login_wallets
from wallet.services.owner import get_user, local_owner, make_user
from wallet.services.wallets import allow_wallet, forbid_wallet


class Command(BaseCommand):
    help = "Say which wallets may log in, and as whom."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("address", nargs="?", help="the wallet that may log in from now on")
        what.add_argument("--list", action="store_true", help="the wallets that may log in")
        what.add_argument("--remove", metavar="ADDRESS", help="that wallet may not log in any more; ends its logins")
        parser.add_argument("--user", default=None, help="as whom; default: the machine's owner")
        parser.add_argument("--create-user", action="store_true", help="--user is a new user")
        parser.add_argument("--label", default="", help="what you call the wallet")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, address: str | None, remove: str | None, **options: Any) -> None:
        if options["create_user"] and options["user"] is None:
            raise CommandError("--create-user needs the name: --user NAME")
        try:
            if remove is not None:
                self._tell(forbid_wallet(address=remove), "removed", options)
            elif address is not None:
                self._tell(self._allow(address, options), "allowed", options)
            else:
                self._list(options)
        except DexError as error:
            raise CommandError(str(error)) from error

    def _allow(self, address: str, options: dict[str, Any]) -> Wallet:
        return allow_wallet(address=address, user=_user(options), label=options["label"])

    def _tell(self, wallet: Wallet, what: str, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps({what: _told(wallet)}))
            return
        self.stdout.write(f"{what}: {_line(wallet)}")
        if what == "removed":
            self.stdout.write("Its logins have ended; API tokens of its user are as they were: `api_token list`.")

    def _list(self, options: dict[str, Any]) -> None:
        name = options["user"]
        wallets = login_wallets(user=None if name is None else get_user(name))
        if options["json"]:
            self.stdout.write(json.dumps([_told(wallet) for wallet in wallets]))
            return
        for wallet in wallets:
            self.stdout.write(_line(wallet))
        if not wallets:
            self.stdout.write("No wallet may log in yet.")


def _user(options: dict[str, Any]) -> User:
    name = options["user"]
    if name is None:
        return local_owner()
    return make_user(name) if options["create_user"] else get_user(name)


def _told(wallet: Wallet) -> dict[str, Any]:
    return {"address": wallet.address, "user": wallet.user.username, "label": wallet.label}


def _line(wallet: Wallet) -> str:
    return f"{wallet.address}  logs in as {wallet.user.username}  {wallet.label}".rstrip()
