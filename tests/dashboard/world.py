"""People in front of the pages."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from wallet.digests import session_digest
from wallet.models import LoginSession, Wallet

ADDRESSES = {
    "alice": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "mallory": "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def login_of(user: User, client: Client, *, agent: str = FIREFOX) -> LoginSession:
    """``client`` is from now on a browser of ``user``."""
    client.force_login(user)
    now = timezone.now()
    wallet, _ = Wallet.objects.get_or_create(
        user=user, address=ADDRESSES[user.username], defaults={"can_login": True, "label": "main"}
    )
    return LoginSession.objects.create(
        user=user,
        wallet=wallet,
        chain_id=1,
        key_digest=session_digest(str(client.session.session_key)),
        created_at=now,
        last_seen_at=now,
        ends_at=now + settings.LOGIN_ABSOLUTE,
        client_address="192.0.2.7",
        user_agent=agent,
    )


def browser_of(user: User) -> Client:
    client = Client()
    login_of(user, client)
    return client


LONG_AGO = timedelta(days=400)
