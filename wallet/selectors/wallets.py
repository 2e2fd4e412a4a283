from django.contrib.auth.models import User
from django.db.models import QuerySet

from wallet.errors import UnknownWallet
from wallet.models import Wallet


def login_wallets(*, user: User | None = None) -> QuerySet[Wallet]:
    """The wallets that log in, of one user or of all, the oldest first."""
    found = Wallet.objects.filter(can_login=True).select_related("user").order_by("pk")
    return found if user is None else found.filter(user=user)


def wallet_of(*, user: User, wallet_id: int) -> Wallet:
    """Raises ``UnknownWallet``, also where it is another user's."""
    wallet = Wallet.objects.filter(user=user, pk=wallet_id).first()
    if wallet is None:
        raise UnknownWallet("there is no such wallet")
    return wallet
