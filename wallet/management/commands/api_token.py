import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from api.permissions import READ, SCOPES
from dex.errors import DexError
from wallet.models import ApiToken
from wallet.selectors.api_tokens import tokens_of
from wallet.services.api_tokens import create_token, revoke_token
from wallet.services.owner import get_user, local_owner


class Command(BaseCommand):
    help = "Create, list and revoke API tokens. A token's secret is printed once, at its creation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        # "--user" and "--json" come after the action, as people type them.
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="make a token and print its secret")
        create.add_argument("--name", default="script", help="what it is for")
        create.add_argument("--scopes", default=READ, help=f"some of {','.join(SCOPES)}")
        create.add_argument("--days", type=int, default=None, help="days until it expires; without it, never")
        revoke = actions.add_parser("revoke", help="end a token for good")
        revoke.add_argument("id", type=int)
        for each in (create, revoke, actions.add_parser("list", help="all tokens of the user")):
            each.add_argument("--user", default=None, help="whose tokens; default: the machine's owner")
            each.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, action: str, user: str | None, **options: Any) -> None:
        try:
            owner = local_owner() if user is None else get_user(user)
            self._act(action, owner, options)
        except DexError as error:
            raise CommandError(str(error)) from error

    def _act(self, action: str, owner: User, options: Mapping[str, Any]) -> None:
        as_json = options["json"]
        if action == "create":
            scopes = [scope.strip() for scope in options["scopes"].split(",")]
            created = create_token(user=owner, name=options["name"], scopes=scopes, days=options["days"])
            shown = {**_told(created.token), "secret": created.secret}
            self.stdout.write(json.dumps(shown) if as_json else created.secret)
            if not as_json:
                self.stderr.write(f"token {created.token.pk} of {owner.username}: {_line(created.token)}")
        elif action == "revoke":
            token = revoke_token(user=owner, token_id=options["id"])
            self.stdout.write(json.dumps(_told(token)) if as_json else _line(token))
        else:
            tokens = tokens_of(user=owner)
            if as_json:
                self.stdout.write(json.dumps([_told(token) for token in tokens]))
            for token in () if as_json else tokens:
                self.stdout.write(f"{token.pk:>5}  {_line(token)}")


def _told(token: ApiToken) -> dict[str, Any]:
    times = {name: getattr(token, name) for name in ("created_at", "last_used_at", "expires_at", "revoked_at")}
    return {
        "id": token.pk,
        "user": token.user.username,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.granted,
        **{name: None if at is None else at.isoformat() for name, at in times.items()},
    }


def _line(token: ApiToken) -> str:
    ends = "never expires" if token.expires_at is None else f"expires {token.expires_at:%Y-%m-%d}"
    if token.revoked_at is not None:
        ends = f"revoked {token.revoked_at:%Y-%m-%d}"
    used = "never used" if token.last_used_at is None else f"last used {token.last_used_at:%Y-%m-%d %H:%M}"
    return f"{token.prefix}…  {token.name}  {','.join(token.granted)}  {ends}, {used}"
