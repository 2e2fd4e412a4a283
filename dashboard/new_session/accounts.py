"""The accounts that a new session may trade with."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from api.statements import compiled
from chain.networks import Network
from dex.amounts import short_units
from paper_trading.models import UNOPENED, PaperAccount
from paper_trading.selectors import owned
from paper_trading.selectors.live import live_by_account
from paper_trading.selectors.rows import Row
from paper_trading.selectors.wallets import balances_of
from paper_trading.services.accounts import RECORDING_KEY
from paper_trading.services.start_request import MAIN_ACCOUNT

MOST_OFFERED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``session`` is the account's live one, which a start would answer with."""

    name: str
    words: str
    session: int | None


def choices(user_id: int, network: Network, chain_key: str) -> list[Choice]:
    """By name, the newest account each; those that were closed begin nothing and are left out."""
    newest: dict[str, Row] = {}
    for row in _accounts(user_id, network.chain_id):
        newest.setdefault(row.name, row)
    rows = [row for row in newest.values() if row.closed_at is None]
    ids = [row.pk for row in rows]
    live = live_by_account(ids)
    held = balances_of(ids, [network.quote_token])
    return [
        Choice(
            name=row.name,
            words=_words(row, network, chain_key, live.get(row.pk), held[row.pk][network.quote_token]),
            session=live.get(row.pk),
        )
        for row in sorted(rows, key=lambda row: row.name)
    ]


def _words(row: Row, network: Network, chain_key: str, session: int | None, cash: int) -> str:
    if session is not None:
        return f"session {session} runs on it"
    if row.chain_key == UNOPENED:
        return "not opened yet"
    if chain_key not in ("", row.chain_key):
        return "from an earlier local chain"
    quote = network.token(network.quote_token)
    return f"{short_units(cash, quote.decimals)} {quote.symbol}"


def suggested(offered: Sequence[Choice], taken: Sequence[str]) -> str:
    """The account that is chosen at first: a free one, the main one if it is, else the name of a new one."""
    free = [choice.name for choice in offered if choice.session is None]
    if free:
        return MAIN_ACCOUNT if MAIN_ACCOUNT in free else free[0]
    return new_name(taken)


def new_name(taken: Sequence[str]) -> str:
    if MAIN_ACCOUNT not in taken:
        return MAIN_ACCOUNT
    number = 2
    while f"account {number}" in taken:
        number += 1
    return f"account {number}"


def names(user_id: int, network: Network) -> list[str]:
    """All that are taken on the chain, also by accounts that were closed."""
    return [row.name for row in _accounts(user_id, network.chain_id)]


@compiled
def _accounts(user_id: int, chain_id: int) -> QuerySet[PaperAccount, Row]:
    of_chain = owned.account_rows(user_id).filter(chain_id=chain_id).exclude(chain_key__startswith=RECORDING_KEY)
    return of_chain.order_by("-pk")[:MOST_OFFERED]
