"""Tying an account that was asked for ahead of time to the instance of the chain that a host really follows."""

from collections.abc import Mapping

from django.db import transaction

from dex.types import Address, BlockRef
from paper_trading.models import UNOPENED, BotSession, PaperAccount
from paper_trading.selectors import find_account
from paper_trading.services.accounts import account_address, open_account
from paper_trading.services.announcements import account_changed
from paper_trading.services.ledger import deposit
from paper_trading.services.wallet import lock_wallet


def unopened_account(*, user_id: int, chain_id: int, name: str) -> PaperAccount | None:
    return PaperAccount.objects.filter(user_id=user_id, chain_id=chain_id, name=name, chain_key=UNOPENED).first()


@transaction.atomic
def open_unopened(
    *, account: PaperAccount, chain_key: str, deposits: Mapping[Address, int], block: BlockRef
) -> PaperAccount:
    """Give the account its chain, its address and its money; one that is open already stays as it is."""
    wallet = lock_wallet(account.pk)
    locked = wallet.account
    if locked.is_opened:
        return locked
    locked.chain_key = chain_key
    locked.address = account_address(user_id=locked.user_id, account_id=locked.pk)
    locked.save(update_fields=["chain_key", "address"])
    deposit(wallet=wallet, deposits={str(token): amount for token, amount in deposits.items()}, block=block)
    account_changed(account=locked, event="opened")
    return locked


@transaction.atomic
def bind_account(
    *, session: BotSession, chain_key: str, deposits: Mapping[Address, int], block: BlockRef
) -> PaperAccount:
    """The account that a session which has not begun trades with on the instance ``chain_key``.

    One of the same name there is taken as it is; otherwise the session's own is opened, or a new one beside it where
    that lives on another instance.
    """
    account = session.account
    there = find_account(user_id=account.user_id, chain_key=chain_key, name=account.name)
    if there is None and not account.is_opened:
        return open_unopened(account=account, chain_key=chain_key, deposits=deposits, block=block)
    if there is None:
        there = open_account(
            user=account.user,
            name=account.name,
            chain_id=account.chain_id,
            chain_key=chain_key,
            quote_token=Address(account.quote_token),
            deposits={str(token): amount for token, amount in deposits.items()},
            block=block,
        )
    BotSession.objects.filter(pk=session.pk).update(account=there)
    return there
