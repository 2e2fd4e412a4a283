from datetime import timedelta

import pytest
from django.utils import timezone

from tests.support.api_client import user_named
from tests.wallet.browser import ALICE, MALLORY, address_of
from wallet.errors import NotAllowed
from wallet.models import BootstrapToken, Wallet
from wallet.services.bootstrap import login_link, make_token, somebody_can_log_in, use_token
from wallet.services.owner import local_owner
from wallet.services.wallets import allow_wallet

pytestmark = pytest.mark.usefixtures("books_db")


def new_token() -> str:
    secret = make_token()
    assert secret is not None
    return secret


def test_the_wallet_that_brings_it_becomes_the_owners() -> None:
    wallet = use_token(secret=new_token(), address=address_of(ALICE))
    assert (wallet.user, wallet.address, wallet.can_login) == (local_owner(), address_of(ALICE), True)


def test_it_is_used_once() -> None:
    secret = new_token()
    use_token(secret=secret, address=address_of(ALICE))
    Wallet.objects.all().delete()
    with pytest.raises(NotAllowed):
        use_token(secret=secret, address=address_of(MALLORY))
    assert not Wallet.objects.exists()


def test_it_is_over_once_somebody_is_the_owner() -> None:
    secret = new_token()
    allow_wallet(address=address_of(ALICE), user=local_owner())
    with pytest.raises(NotAllowed):
        use_token(secret=secret, address=address_of(MALLORY))
    assert BootstrapToken.objects.get().used_at is None


def test_somebody_elses_wallet_does_not_make_it_over() -> None:
    allow_wallet(address=address_of(MALLORY), user=user_named("mallory"))
    assert use_token(secret=new_token(), address=address_of(ALICE)).user == local_owner()


def test_there_is_none_once_somebody_is_the_owner() -> None:
    allow_wallet(address=address_of(ALICE), user=local_owner())
    assert make_token() is None
    assert login_link() is None
    assert not BootstrapToken.objects.exists()


def test_a_new_one_ends_the_one_before() -> None:
    first, second = new_token(), new_token()
    with pytest.raises(NotAllowed):
        use_token(secret=first, address=address_of(MALLORY))
    use_token(secret=second, address=address_of(ALICE))


def test_it_is_over_after_a_week() -> None:
    secret = new_token()
    left = BootstrapToken.objects.get().expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    BootstrapToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(NotAllowed):
        use_token(secret=secret, address=address_of(ALICE))


@pytest.mark.parametrize("secret", ["", "x", "0" * 32])
def test_a_guess_is_none(secret: str) -> None:
    new_token()
    with pytest.raises(NotAllowed):
        use_token(secret=secret, address=address_of(ALICE))


def test_it_lets_nobody_in_as_an_owner_who_is_switched_off() -> None:
    secret, owner = new_token(), local_owner()
    owner.is_active = False
    owner.save()
    with pytest.raises(NotAllowed):
        use_token(secret=secret, address=address_of(ALICE))


def test_the_secret_is_kept_nowhere() -> None:
    secret = new_token()
    assert len(secret) >= 32
    assert secret not in " ".join(str(value) for value in BootstrapToken.objects.values_list().get())


def test_the_link_leads_to_the_login_page() -> None:
    link = login_link()
    assert link is not None
    page, secret = link.rsplit("#bootstrap=", 1)
    assert page == "http://127.0.0.1:8000/login/"
    use_token(secret=secret, address=address_of(ALICE))


def test_somebody_can_log_in_once_a_link_was_used() -> None:
    secret = new_token()
    assert not somebody_can_log_in()
    use_token(secret=secret, address=address_of(ALICE))
    assert somebody_can_log_in()
