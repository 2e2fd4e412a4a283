"""How the first wallet comes in: by a link that the program prints where only its owner looks."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from wallet.digests import digest_of
from wallet.errors import NotAllowed
from wallet.models import BootstrapToken, Wallet
from wallet.selectors.wallets import login_wallets
from wallet.services.events import note
from wallet.services.owner import local_owner
from wallet.services.wallets import allow_wallet

SECRET_BYTES = 24
VALID = timedelta(days=7)
LINK = "{url}/login/#bootstrap={secret}"


@transaction.atomic
def make_token() -> str | None:
    """A secret that makes one wallet the local owner's; None once somebody can log in as the local owner.

    There is one at a time: the link of an earlier run is over.
    """
    owner = _locked_owner()
    if login_wallets(user=owner).exists():
        return None
    BootstrapToken.objects.filter(used_at=None).delete()
    secret = secrets.token_urlsafe(SECRET_BYTES)
    BootstrapToken.objects.create(digest=digest_of(secret), expires_at=timezone.now() + VALID)
    note("bootstrap_made")
    return secret


def login_link() -> str | None:
    """Where the owner's first wallet logs in, for him alone to see; None where somebody can log in already."""
    secret = make_token()
    return None if secret is None else LINK.format(url=settings.PUBLIC_URLS[0], secret=secret)


def somebody_can_log_in() -> bool:
    """As the local owner: a link that was printed is of no use any more."""
    return login_wallets(user=local_owner()).exists()


@transaction.atomic
def use_token(*, secret: str, address: str) -> Wallet:
    """Makes ``address`` a wallet that logs in as the local owner, and the token useless; for a proven address.

    Of several that come at once one gets in. Raises ``NotAllowed``.
    """
    owner = _locked_owner()
    if not owner.is_active or login_wallets(user=owner).exists():
        raise NotAllowed("this bot has its owner already: the link is over")
    fresh = Q(digest=digest_of(secret), used_at=None) & (Q(expires_at=None) | Q(expires_at__gt=Now()))
    if BootstrapToken.objects.filter(fresh).update(used_at=Now()) != 1:
        raise NotAllowed("this link is over: start the bot again, it prints a new one")
    wallet = allow_wallet(address=address, user=owner)
    note("bootstrap_used", user=owner.username, address=address)
    return wallet


def _locked_owner() -> User:
    return User.objects.select_for_update().get(pk=local_owner().pk)
