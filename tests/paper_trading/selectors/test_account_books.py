"""An account's postings, sums and receipts, on both databases."""

from itertools import product

import pytest

from paper_trading.models import FillReceipt, LedgerPosting, PostingKind, SessionStatus
from paper_trading.selectors.account_books import (
    added_up,
    capital_rows,
    movements,
    newest_links_problems,
    posting_ids,
    postings,
)
from paper_trading.services.accounts import reset_account
from paper_trading.services.booking import unbook_trade
from tests.paper_trading.world import USDC, WETH, World, new_world

pytestmark = pytest.mark.usefixtures("books_db")
DOLLAR = 10**6


def busy_world() -> World:
    """Postings of every kind: opening, swap, gas, swap, gas, two reversals, reset, opening."""
    world = new_world()
    world.buy(WETH, 100 * DOLLAR, 10**18)
    trade = world.buy(WETH, 10 * DOLLAR, 10**17)
    unbook_trade(trade=trade, block=world.next_block())
    world.session.status = SessionStatus.ENDED
    world.session.save(update_fields=["status"])
    reset_account(account=world.account, deposits={USDC: 300 * DOLLAR}, block=world.next_block())
    return world


def ids_of(world: World, **asked: object) -> list[int]:
    return list(posting_ids(world.account.user_id, world.account.pk, **asked))  # type: ignore[arg-type]


def test_postings_are_those_that_are_asked_for() -> None:
    world = busy_world()
    every = list(LedgerPosting.objects.filter(account=world.account).order_by("-pk"))
    moved = {(posting.pk, entry.token) for posting in every for entry in posting.entries.filter(book="wallet")}
    for kind, token in product(("", *PostingKind.values), ("", USDC, WETH)):
        fitting = [
            posting.pk
            for posting in every
            if kind in ("", posting.kind) and (token == "" or (posting.pk, token) in moved)
        ]
        assert ids_of(world, kind=kind, token=token) == fitting, (kind, token)
        older = [pk for pk in fitting if pk < every[3].pk]
        assert ids_of(world, kind=kind, token=token, before=every[3].pk) == older, (kind, token)


def test_each_movement_says_what_was_there_before_it() -> None:
    world = busy_world()
    account = world.account
    rows = movements(account.user_id, account.pk, ids_of(world))
    held: dict[str, int] = {}
    for row in rows:
        assert row.before == held.get(row.token)
        held[row.token] = row.balance_after
    assert [row.id for row in postings(account.user_id, account.pk, ids_of(world))] == ids_of(world)


def test_nothing_of_it_is_shown_to_somebody_else() -> None:
    world = busy_world()
    stranger, account = world.account.user_id + 1, world.account.pk
    assert list(posting_ids(stranger, account)) == []
    assert postings(stranger, account, ids_of(world)) == []
    assert movements(stranger, account, ids_of(world)) == []
    assert capital_rows(stranger, account) == []


def test_what_the_owner_paid_in_and_took_out_is_found() -> None:
    world = busy_world()
    rows = capital_rows(world.account.user_id, world.account.pk)
    assert [row.posting__kind for row in rows][:2] == ["opening", "reset"]
    assert rows[0].amount == -300 * DOLLAR
    assert {row.book for row in rows} == {"capital"}


def test_entries_add_up_to_the_balances() -> None:
    sums = added_up(busy_world().account)
    assert {one.token: one.summed for one in sums if one.summed > 0} == {USDC: 300 * DOLLAR}
    assert all(one.is_right for one in sums)


@pytest.mark.parametrize(("most", "checked"), [(1, 1), (2, 2), (9, 3)])
def test_the_newest_receipts_follow_from_those_before_them(most: int, checked: int) -> None:
    assert newest_links_problems(busy_world().account, most) == (checked, [])


def test_a_receipt_that_hangs_on_nothing_is_found() -> None:
    world = busy_world()
    FillReceipt.objects.filter(account=world.account, sequence=2)._raw_delete("default")
    _, problems = newest_links_problems(world.account, 1)
    assert [problem.detail for problem in problems] == ["receipt 2 is missing", "does not follow the one before"]
