"""An account on paper, what it holds, and its books, as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from api.amounts import AmountSchema
from api.times import moment
from paper_trading.api_views.shapes.parts import AccountRefSchema, Money, TokenRefSchema, account_ref
from paper_trading.models import UNOPENED, Book, PostingKind
from paper_trading.selectors.rows import Row, holder_of


class AccountSchema(serializers.Serializer[Any]):
    """``opened`` says whether it holds money: a new account is opened with ``deposits`` (those that differ from the
    usual ones) by its first session. ``chain_key`` names the instance of the chain, ``generation`` counts resets,
    ``live_session`` is the session that trades on it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    mode = serializers.ChoiceField(choices=["paper"])
    chain = serializers.CharField()
    chain_id = serializers.IntegerField()
    chain_key = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)
    quote_token = TokenRefSchema()
    opened = serializers.BooleanField()
    deposits = serializers.ListField(child=serializers.CharField())
    generation = serializers.IntegerField()
    live_session = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class BalancesSchema(serializers.Serializer[Any]):
    """Every token that the account ever held, the native one included; exact, and worth nothing by itself: see
    ``positions/`` for what a sale would bring."""

    account = AccountRefSchema()
    balances = AmountSchema(many=True)


class EntrySchema(serializers.Serializer[Any]):
    """``amount`` went into (above 0) or out of ``book``; ``balance_after`` is what the wallet then held. The entries of
    one ``posting`` sum to zero in every token."""

    id = serializers.IntegerField()
    posting = serializers.IntegerField()
    account = AccountRefSchema()
    kind = serializers.ChoiceField(choices=PostingKind.choices)
    generation = serializers.IntegerField()
    block_number = serializers.IntegerField()
    block_hash = serializers.CharField()
    trade = serializers.IntegerField(allow_null=True)
    reverses = serializers.IntegerField(allow_null=True)
    book = serializers.ChoiceField(choices=Book.choices)
    token = TokenRefSchema()
    amount = AmountSchema()
    balance_after = AmountSchema(allow_null=True)
    created_at = serializers.DateTimeField()


def shape_accounts(accounts: Sequence[Row], live: Mapping[int, int]) -> list[dict[str, Any]]:
    """``accounts`` are rows of ``rows.ACCOUNT``, ``live`` session ids by account id; one query at most."""
    rows = [(account, holder_of(account)) for account in accounts]
    money = Money(holder for _, holder in rows)
    return [
        {
            "id": account.id,
            "name": account.name,
            "mode": "paper",
            "chain": money.chain(holder),
            "chain_id": account.chain_id,
            "chain_key": account.chain_key,
            "address": account.address,
            "quote_token": money.token(holder, account.quote_token),
            "opened": account.chain_key != UNOPENED,
            "deposits": list(account.deposits),
            "generation": account.generation,
            "live_session": live.get(account.id),
            "created_at": moment(account.created_at),
            "closed_at": moment(account.closed_at),
        }
        for account, holder in rows
    ]


def shape_balances(account: Row, balances: Mapping[str, int]) -> dict[str, Any]:
    """``account`` is a row of ``rows.ACCOUNT``, ``balances`` are base units by token address; one query at most."""
    holder = holder_of(account)
    money = Money((), ((holder, token) for token in balances))
    return {
        "account": account_ref(holder),
        "balances": [money.of(holder, token, held) for token, held in balances.items()],
    }


def shape_entries(entries: Sequence[Row]) -> list[dict[str, Any]]:
    """``entries`` are rows of ``rows.ENTRY``; one query at most."""
    rows = [(entry, holder_of(entry)) for entry in entries]
    money = Money((), ((holder, entry.token) for entry, holder in rows))
    return [
        {
            "id": entry.id,
            "posting": entry.posting_id,
            "account": account_ref(holder),
            "kind": entry.posting__kind,
            "generation": entry.posting__generation,
            "block_number": entry.posting__block_number,
            "block_hash": entry.posting__block_hash,
            "trade": entry.posting__trade_id,
            "reverses": entry.posting__reverses_id,
            "book": entry.book,
            "token": money.token(holder, entry.token),
            "amount": money.of(holder, entry.token, entry.amount),
            "balance_after": money.of(holder, entry.token, entry.balance_after),
            "created_at": moment(entry.posting__created_at),
        }
        for entry, holder in rows
    ]
