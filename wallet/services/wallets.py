"""Wallets of users: those that log in, and those that are only looked at."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from wallet.addresses import checksummed
from wallet.errors import LastWallet, UnknownWallet, WalletTaken, WrongLabel
from wallet.models import Wallet
from wallet.selectors.wallets import login_wallets, wallet_of
from wallet.services.events import note
from wallet.services.login_sessions import end_logins

MOST_LABEL = 80
MOST_WALLETS = 100


def allow_wallet(*, address: str, user: User, label: str = "") -> Wallet:
    """From now on the key of ``address`` logs in as ``user``; again changes nothing.

    Raises ``WrongAddress``, and ``WalletTaken`` where it logs in as somebody else.
    """
    address = checksummed(address)
    try:
        with transaction.atomic():
            defaults = {"can_login": True} | ({"label": _label(label)} if label else {})
            wallet, _ = Wallet.objects.update_or_create(user=user, address=address, defaults=defaults)
    except IntegrityError:
        raise WalletTaken(f"{address} logs in as another user") from None
    note("wallet_allowed", user=user.username, address=address)
    return wallet


def add_watched(*, address: str, user: User, label: str = "") -> Wallet:
    """An address that ``user`` looks at. Raises ``WrongAddress``, ``WrongLabel``, and ``WalletTaken`` where the user
    has it already, or has too many."""
    address, label = checksummed(address), _label(label)
    if Wallet.objects.filter(user=user).count() >= MOST_WALLETS:
        raise WalletTaken(f"nobody has more than {MOST_WALLETS} wallets here")
    wallet, created = Wallet.objects.get_or_create(user=user, address=address, defaults={"label": label})
    if not created:
        raise WalletTaken(f"you have {address} already")
    note("wallet_watched", user=user.username, address=address)
    return wallet


def relabel_wallet(*, user: User, wallet_id: int, label: str) -> Wallet:
    """Raises ``UnknownWallet`` and ``WrongLabel``."""
    wallet = wallet_of(user=user, wallet_id=wallet_id)
    wallet.label = _label(label)
    wallet.save(update_fields=["label"])
    return wallet


@transaction.atomic
def remove_wallet(*, user: User, wallet_id: int, keep_one: bool = True) -> Wallet:
    """Removes it and ends the logins that were made with it.

    With ``keep_one`` the last wallet that logs in as ``user`` stays. Raises ``UnknownWallet`` and ``LastWallet``.
    """
    # The wallet before its user, as a login takes them, so that the two never wait for each other.
    list(Wallet.objects.select_for_update().filter(user=user, pk=wallet_id))
    # Of two who remove at once, the second counts what the first has left.
    User.objects.select_for_update().get(pk=user.pk)
    wallet = wallet_of(user=user, wallet_id=wallet_id)
    if wallet.can_login and keep_one and not login_wallets(user=user).exclude(pk=wallet.pk).exists():
        raise LastWallet("this is the only wallet that you can log in with")
    end_logins(wallet.logins.all(), now=timezone.now())
    note("wallet_removed", user=user.username, address=wallet.address, could_login=wallet.can_login)
    wallet.delete()
    return wallet


def forbid_wallet(*, address: str) -> Wallet:
    """Removes the wallet that logs in with ``address``, whoever's it is, the last one too.

    Raises ``WrongAddress`` and ``UnknownWallet``.
    """
    address = checksummed(address)
    wallet = login_wallets().filter(address=address).first()
    if wallet is None:
        raise UnknownWallet(f"nobody logs in with {address}")
    return remove_wallet(user=wallet.user, wallet_id=wallet.pk, keep_one=False)


def _label(text: str) -> str:
    text = text.strip()
    if len(text) > MOST_LABEL or not text.isprintable():
        raise WrongLabel(f"a label has at most {MOST_LABEL} printable characters")
    return text
