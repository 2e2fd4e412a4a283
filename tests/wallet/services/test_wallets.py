import pytest
from django.db import IntegrityError, transaction

from tests.support.api_client import user_named
from tests.wallet.browser import ALICE, MALLORY, address_of, mistyped
from wallet.addresses import checksummed
from wallet.errors import LastWallet, UnknownWallet, WalletTaken, WrongAddress, WrongLabel
from wallet.models import Wallet
from wallet.services.wallets import add_watched, allow_wallet, forbid_wallet, relabel_wallet, remove_wallet

pytestmark = pytest.mark.usefixtures("books_db")
HERS = address_of(ALICE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0x",
        HERS[:-1],
        HERS + "0",
        HERS[2:],
        mistyped(HERS),
        "0x" + "0" * 40,
        HERS + "\n",
        "0x" + "g" * 40,
        " " + HERS,
    ],
)
def test_a_text_that_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(WrongAddress):
        checksummed(text)


def test_capitals_are_a_checksum_only_where_both_cases_are_there() -> None:
    assert checksummed(HERS) == checksummed(HERS.lower()) == checksummed("0x" + HERS[2:].upper()) == HERS


def test_a_wallet_is_kept_with_its_checksum() -> None:
    assert allow_wallet(address=HERS.lower(), user=user_named("alice")).address == HERS


def test_a_watched_wallet_can_be_allowed_and_stays_one() -> None:
    watched = add_watched(address=HERS, user=user_named("alice"), label="cold")
    allowed = allow_wallet(address=HERS, user=user_named("alice"))
    assert (allowed.pk, allowed.can_login, allowed.label) == (watched.pk, True, "cold")


def test_an_address_logs_in_as_one_user() -> None:
    allow_wallet(address=HERS, user=user_named("alice"))
    with pytest.raises(WalletTaken):
        allow_wallet(address=HERS, user=user_named("mallory"))
    assert list(Wallet.objects.values_list("user__username", flat=True)) == ["alice"]


def test_the_database_itself_holds_an_address_to_one_user() -> None:
    allow_wallet(address=HERS, user=user_named("alice"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Wallet.objects.create(address=HERS, user=user_named("mallory"), can_login=True)


def test_two_users_may_look_at_one_address() -> None:
    allow_wallet(address=HERS, user=user_named("alice"))
    watched = add_watched(address=HERS, user=user_named("mallory"))
    assert not watched.can_login


def test_nobody_adds_an_address_twice() -> None:
    add_watched(address=HERS, user=user_named("alice"))
    with pytest.raises(WalletTaken):
        add_watched(address=HERS.lower(), user=user_named("alice"))


def test_nobody_adds_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wallet.services.wallets.MOST_WALLETS", 1)
    add_watched(address=HERS, user=user_named("alice"))
    with pytest.raises(WalletTaken):
        add_watched(address=address_of(MALLORY), user=user_named("alice"))


@pytest.mark.parametrize("label", ["x" * 81, "a\nb", "\x1b[2J", "\u202egnp"])
def test_a_label_is_short_and_printable(label: str) -> None:
    wallet = add_watched(address=HERS, user=user_named("alice"))
    with pytest.raises(WrongLabel):
        relabel_wallet(user=wallet.user, wallet_id=wallet.pk, label=label)


def test_the_last_wallet_that_logs_in_stays() -> None:
    alice = user_named("alice")
    first = allow_wallet(address=HERS, user=alice)
    second = allow_wallet(address=address_of(MALLORY), user=alice)
    add_watched(address="0x" + "1" * 40, user=alice)
    remove_wallet(user=alice, wallet_id=first.pk)
    with pytest.raises(LastWallet):
        remove_wallet(user=alice, wallet_id=second.pk)
    assert Wallet.objects.filter(can_login=True).get() == second


def test_a_watched_wallet_can_always_be_removed() -> None:
    wallet = add_watched(address=HERS, user=user_named("alice"))
    remove_wallet(user=wallet.user, wallet_id=wallet.pk)
    assert not Wallet.objects.exists()


def test_the_wallet_of_another_is_not_there() -> None:
    wallet = add_watched(address=HERS, user=user_named("alice"))
    mallory = user_named("mallory")
    with pytest.raises(UnknownWallet):
        remove_wallet(user=mallory, wallet_id=wallet.pk)
    with pytest.raises(UnknownWallet):
        relabel_wallet(user=mallory, wallet_id=wallet.pk, label="mine")


def test_whoever_runs_the_machine_can_remove_the_last_one_too() -> None:
    allow_wallet(address=HERS, user=user_named("alice"))
    assert forbid_wallet(address=HERS.lower()).address == HERS
    with pytest.raises(UnknownWallet):
        forbid_wallet(address=HERS)
