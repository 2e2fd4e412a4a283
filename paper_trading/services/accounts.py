"""Opening, resetting and closing paper accounts."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from eth_utils.address import to_checksum_address

from chain.errors import ConfigurationError
from chain.networks import Network
from dex.types import Address, BlockRef
from paper_trading.errors import AccountExistsError, SessionStillOpenError
from paper_trading.models import (
    LIVE_STATUSES,
    UNOPENED,
    Book,
    PaperAccount,
    PaperTrade,
    Position,
    PositionStatus,
    PostingKind,
    TradeStatus,
)
from paper_trading.selectors import balances, find_account
from paper_trading.services.announcements import account_changed
from paper_trading.services.deposits import deposits_of
from paper_trading.services.ledger import deposit
from paper_trading.services.postings import draft, pair, write
from paper_trading.services.wallet import lock_account, lock_wallet
from trading.models import Market

RESET = "reset"
RECORDING_KEY = "recording:"
"""What the ``chain_key`` of a recording's account begins with."""


class ChainNotFollowed(ConfigurationError):
    """No host has followed the account's chain yet, so that no block is known to book at."""


class AccountClosed(ConfigurationError):
    """Nothing new begins on an account that was closed."""


def account_address(*, user_id: int, account_id: int) -> Address:
    """The account's address on chain: the last 20 bytes of a hash, so that nobody can hold a key for it."""
    digest = hashlib.sha256(f"paper account {account_id} of user {user_id}".encode()).digest()
    return Address(to_checksum_address(digest[-20:]))


def newest_account(*, user_id: int, chain_id: int, name: str) -> PaperAccount | None:
    """The user's account of that name on the newest instance of the chain; those of recordings are left out."""
    named = PaperAccount.objects.filter(user_id=user_id, chain_id=chain_id, name=name)
    return named.exclude(chain_key__startswith=RECORDING_KEY).order_by("-pk").first()


@transaction.atomic
def open_account(
    *,
    user: User,
    name: str,
    chain_id: int,
    chain_key: str,
    quote_token: Address,
    deposits: Mapping[str, int],
    block: BlockRef,
) -> PaperAccount:
    """A new account with ``deposits``: base units by token address, ``NATIVE`` in wei.

    Raises AccountExistsError.
    """
    if find_account(user_id=user.pk, chain_key=chain_key, name=name) is not None:
        raise AccountExistsError(f"{user.username} already has an account {name!r} on this chain")
    account = PaperAccount.objects.create(
        user=user, name=name, chain_id=chain_id, chain_key=chain_key, quote_token=quote_token
    )
    account.address = account_address(user_id=user.pk, account_id=account.pk)
    account.save(update_fields=["address"])
    deposit(wallet=lock_wallet(account.pk), deposits=deposits, block=block)
    account_changed(account=account, event="opened")
    return account


def create_account(*, user: User, name: str, network: Network, deposits: Sequence[str]) -> PaperAccount:
    """An account that its first session opens with ``deposits`` (``SYMBOL=AMOUNT`` texts) in place of the usual ones.

    Raises ``AccountExistsError``, and ``ConfigurationError`` and ``AmountError`` for deposits that are none.
    """
    deposits_of(network, deposits)
    with transaction.atomic():
        # Two requests of one user come one after another, so that the second finds what the first made.
        User.objects.select_for_update().get(pk=user.pk)
        if _is_taken(user=user, name=name, chain_id=network.chain_id):
            raise AccountExistsError(f"{user.username} already has an account {name!r} on {network.name}")
        account = PaperAccount.objects.create(
            user=user,
            name=name,
            chain_id=network.chain_id,
            chain_key=UNOPENED,
            quote_token=network.quote_token,
            deposits=list(deposits),
        )
        account_changed(account=account, event="created")
        return account


def _is_taken(*, user: User, name: str, chain_id: int) -> bool:
    """Whether the name is used on the chain as it is now; an instance of it that was put aside takes no name."""
    named = PaperAccount.objects.filter(user=user, name=name, chain_id=chain_id)
    named = named.exclude(chain_key__startswith=RECORDING_KEY)
    newest = Market.objects.filter(chain__chain_id=chain_id).order_by("-observed_at").first()
    if newest is not None:
        named = named.filter(chain_key__in=[UNOPENED, newest.chain_key])
    return named.exists()


def reset_at_head(*, account: PaperAccount, deposits: Mapping[str, int]) -> PaperAccount:
    """``reset_account`` at the newest block that a host saw of the account's chain.

    Raises ``ChainNotFollowed``, and ``AccountClosed`` for one that was closed.
    """
    if account.closed_at is not None:
        raise AccountClosed(f"account {account.name!r} is closed")
    market = Market.objects.filter(chain_key=account.chain_key).first() if account.is_opened else None
    if market is None:
        raise ChainNotFollowed(f"no host has followed the chain of account {account.name!r} yet: start a session first")
    block = BlockRef(
        number=market.head_number,
        hash=market.head_hash,
        parent_hash="",
        timestamp=int(market.head_time.timestamp()),
        base_fee_per_gas=market.base_fee,
    )
    return reset_account(account=account, deposits=deposits, block=block)


@transaction.atomic
def reset_account(*, account: PaperAccount, deposits: Mapping[str, int], block: BlockRef) -> PaperAccount:
    """Starts over with ``deposits`` in a new generation; all that was booked stays.

    Raises SessionStillOpenError while one runs.
    """
    wallet = lock_wallet(account.pk)
    locked = wallet.account
    _require_idle(locked)
    held = balances(locked)
    movements = [
        move
        for token, amount in held.items()
        for move in pair(token=token, amount=amount, source=Book.WALLET, target=Book.CAPITAL)
    ]
    write([draft(wallet=wallet, kind=PostingKind.RESET, block=block, movements=movements)])
    PaperTrade.objects.filter(account=locked, status=TradeStatus.PENDING).update(status=TradeStatus.CANCELLED)
    Position.objects.filter(account=locked, status=PositionStatus.OPEN).update(
        status=PositionStatus.CLOSED,
        closed_block=block.number,
        closed_at=datetime.fromtimestamp(block.timestamp, tz=UTC),
        exit_reason=RESET,
    )
    locked.generation += 1
    locked.save(update_fields=["generation"])
    deposit(wallet=wallet, deposits=deposits, block=block)
    account_changed(account=locked, event="reset")
    return locked


@transaction.atomic
def close_account(*, account: PaperAccount) -> PaperAccount:
    """Keeps everything and lets nothing new begin; closing again changes nothing."""
    locked = lock_account(account.pk)
    _require_idle(locked)
    if locked.closed_at is None:
        locked.closed_at = timezone.now()
        locked.save(update_fields=["closed_at"])
        account_changed(account=locked, event="closed")
    return locked


def _require_idle(account: PaperAccount) -> None:
    if account.sessions.filter(status__in=LIVE_STATUSES).exists():
        raise SessionStillOpenError(f"account {account.name!r} has a session that has not ended")
