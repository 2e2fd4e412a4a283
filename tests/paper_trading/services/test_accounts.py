from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from paper_trading.errors import AccountExistsError, SessionStillOpenError
from paper_trading.models import LedgerPosting, PaperAccount, Position, TradeSide, TradeStatus
from paper_trading.selectors import balances, check_ledger
from paper_trading.services.accounts import account_address, close_account, reset_account
from paper_trading.tokens import NATIVE
from tests.paper_trading.world import DEPOSITS, USDC, WETH, World, block_at, new_account, new_session, new_world


@pytest.fixture
def idle(books_db: str) -> World:
    """An account that bought, with no session running."""
    world = new_world()
    world.buy(WETH, 3_000, 100)
    world.session.status = "ended"
    world.session.save()
    return world


def test_an_account_opens_with_its_deposits(books_db: str) -> None:
    account = new_account()
    assert balances(account) == DEPOSITS
    assert check_ledger(account) == []


def test_a_user_has_several_accounts_with_money_of_their_own(books_db: str) -> None:
    main, other = new_account(), new_account(name="other", deposits={USDC: 5})
    assert balances(main) == DEPOSITS
    assert balances(other) == {USDC: 5}
    assert main.address != other.address


def test_a_second_account_of_the_same_name_is_refused(books_db: str) -> None:
    new_account()
    with pytest.raises(AccountExistsError, match="alice already has an account 'main'"):
        new_account()


def test_two_users_may_use_the_same_name(books_db: str) -> None:
    new_account()
    assert new_account(user=User.objects.create(username="bob")).name == "main"


def test_an_address_follows_from_the_ids_alone() -> None:
    address = account_address(user_id=1, account_id=2)
    assert address == account_address(user_id=1, account_id=2) == "0x708cE886eB1595841e8Db4E97A363cc4cc783400"
    assert address != account_address(user_id=2, account_id=1)


def test_a_negative_deposit_is_refused(books_db: str) -> None:
    with pytest.raises(ValueError, match="cannot move"):
        new_account(deposits={USDC: -1})


def test_a_reset_starts_over_with_the_new_deposits(idle: World) -> None:
    account = reset_account(account=idle.account, deposits={USDC: 7, NATIVE: 1}, block=block_at(9))
    assert balances(account) == {USDC: 7, NATIVE: 1, WETH: 0}
    assert account.generation == 2
    assert check_ledger(account) == []


def test_a_reset_keeps_what_was_booked(idle: World) -> None:
    before = list(LedgerPosting.objects.order_by("pk").values("pk", "kind", "generation"))
    reset_account(account=idle.account, deposits=DEPOSITS, block=block_at(9))
    assert list(LedgerPosting.objects.order_by("pk").values("pk", "kind", "generation"))[: len(before)] == before


def test_a_reset_closes_open_positions_without_a_result(idle: World) -> None:
    reset_account(account=idle.account, deposits=DEPOSITS, block=block_at(9))
    position = Position.objects.get()
    assert (position.status, position.exit_reason, position.result) == ("closed", "reset", None)
    assert (position.closed_block, position.closed_at) == (9, datetime.fromtimestamp(block_at(9).timestamp, tz=UTC))


def test_a_reset_cancels_orders_that_wait(idle: World) -> None:
    waiting = idle.trade(TradeSide.BUY, WETH, 1_000)
    reset_account(account=idle.account, deposits=DEPOSITS, block=block_at(9))
    waiting.refresh_from_db()
    assert waiting.status == TradeStatus.CANCELLED


def test_trading_goes_on_after_a_reset(idle: World) -> None:
    idle.account = reset_account(account=idle.account, deposits=DEPOSITS, block=idle.next_block())
    idle.session = new_session(idle.account)
    idle.buy(WETH, 2_000, 50)
    idle.sell(WETH, 50, 2_100)
    assert Position.objects.latest("pk").result == 100
    assert check_ledger(idle.account) == []


def test_an_account_with_a_running_session_is_not_reset(books_db: str) -> None:
    world = new_world()
    with pytest.raises(SessionStillOpenError):
        reset_account(account=world.account, deposits=DEPOSITS, block=block_at(9))
    assert PaperAccount.objects.get().generation == 1


def test_closing_an_account_again_changes_nothing(idle: World) -> None:
    first = close_account(account=idle.account).closed_at
    assert first is not None
    assert close_account(account=idle.account).closed_at == first
