"""The books of one account: balances, ledger, receipts, resets."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from paper_trading.models import BotSession, FillReceipt, LedgerEntry, LedgerPosting, PaperAccount, SessionStatus
from paper_trading.services.accounts import close_account, reset_account
from paper_trading.services.booking import unbook_trade
from paper_trading.tokens import NATIVE
from tests.api.world import Owned, furnish
from tests.paper_trading.world import USDC, WETH, World, block_at, new_account
from tests.support.api_client import user_named
from trading.models import Token

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"
PARTS = ("head", "figures", "balances", "ledger", "sums", "receipts", "chain", "resets")
DOLLAR = 10**6


def page(browser: Client, account: PaperAccount, **query: Any) -> str:
    answer = browser.get(f"/portfolio/{account.pk}/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def part(browser: Client, account: PaperAccount, name: str, **query: Any) -> str:
    return page(browser, account, part=name, **query)


def kinds(text: str) -> list[str]:
    return re.findall(r'<span class="mark [^"]*" title="[^"]*">(\w+)</span>', text)


def ids(text: str) -> list[int]:
    return [int(found) for found in re.findall(r'id="posting-(\d+)"', text)]


def changed(sql: str, *values: Any) -> None:
    """Past the ORM, which refuses it: what somebody with the database could do."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def end_sessions(owned: Owned) -> None:
    BotSession.objects.filter(account=owned.account).update(status=SessionStatus.ENDED)


def test_the_page_is_shown_with_all_its_parts(owned: Owned, browser: Client) -> None:
    shown = page(browser, owned.account)
    for name in PARTS:
        assert f'id="part-{name}"' in shown


@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_had_alone(owned: Owned, browser: Client, name: str) -> None:
    alone = part(browser, owned.account, name)
    assert "<html" not in alone
    assert alone.strip() in page(browser, owned.account)


@pytest.mark.parametrize("part_name", ["", *PARTS])
def test_the_account_of_somebody_else_is_not_there(browser: Client, part_name: str) -> None:
    foreign = furnish(user_named("mallory")).account
    query = {"part": part_name} if part_name else {}
    assert browser.get(f"/portfolio/{foreign.pk}/", query).status_code == 404


@pytest.mark.parametrize("pk", [0, 10**6, 2**63, 10**30])
def test_an_account_that_is_none_is_not_found(browser: Client, pk: int) -> None:
    assert browser.get(f"/portfolio/{pk}/").status_code == 404


def test_the_ledger_has_every_posting_newest_first(owned: Owned, browser: Client) -> None:
    shown = part(browser, owned.account, "ledger")
    assert kinds(shown) == [*["gas", "swap"] * 4, "opening"]
    assert ids(shown) == sorted(ids(shown), reverse=True)


def test_a_posting_leads_to_its_trade_and_says_its_block(owned: Owned, browser: Client) -> None:
    newest = LedgerPosting.objects.filter(account=owned.account).latest("pk")
    shown = part(browser, owned.account, "ledger").split(f'id="posting-{newest.pk}"')[1].split("</tr>")[0]
    assert f'href="/trades/{newest.trade_id}/"' in shown
    assert f"block {newest.block_number}" in shown
    assert newest.block_hash in shown


def test_a_swap_says_what_went_out_and_in_and_what_was_left(owned: Owned, browser: Client) -> None:
    first = LedgerPosting.objects.filter(account=owned.account, kind="swap").earliest("pk")
    shown = part(browser, owned.account, "ledger").split(f'id="posting-{first.pk}"')[1].split("</tr>")[0]
    assert re.findall(r'title="(-?[\d.]+ \w+)"', shown) == ["-100 DOLLAR", "0.05 ETHER", "9900 DOLLAR", "0.05 ETHER"]
    assert shown.count("✓") == 2


def test_every_entry_follows_from_the_one_before_it(owned: Owned, browser: Client) -> None:
    shown = part(browser, owned.account, "ledger")
    assert "✗" not in shown
    assert (
        shown.count('aria-label="follows"') == LedgerEntry.objects.filter(account=owned.account, book="wallet").count()
    )


def test_an_entry_that_does_not_follow_is_marked(owned: Owned, browser: Client) -> None:
    swap = LedgerPosting.objects.filter(account=owned.account, kind="swap").latest("pk")
    entry = swap.entries.get(book="wallet", token=USDC)
    held = LedgerEntry._meta.get_field("balance_after").get_db_prep_value(1, connection)
    changed("UPDATE paper_trading_ledgerentry SET balance_after = %s WHERE id = %s", held, entry.pk)
    assert part(browser, owned.account, "ledger").count("✗ does not follow") == 1


def test_a_token_alone_is_shown(owned: Owned, browser: Client) -> None:
    assert kinds(part(browser, owned.account, "ledger", token=WETH)) == ["swap"] * 3
    assert kinds(part(browser, owned.account, "ledger", token=NATIVE)) == [*["gas"] * 4, "opening"]


@pytest.mark.parametrize(
    ("kind", "count"), [("opening", 2), ("swap", 5), ("gas", 5), ("reversal", 2), ("reset", 1), ("nonsense", 15)]
)
def test_a_kind_alone_is_shown(owned: Owned, browser: Client, world: World, kind: str, count: int) -> None:
    trade = world.buy(WETH, 10 * DOLLAR, 10**15)
    unbook_trade(trade=trade, block=world.next_block())
    end_sessions(owned)
    reset_account(account=owned.account, deposits={USDC: 5}, block=world.next_block())
    found = kinds(part(browser, owned.account, "ledger", kind=kind))
    assert len(found) == count
    assert kind == "nonsense" or set(found) == {kind}


def test_a_token_and_a_kind_together_are_shown(owned: Owned, browser: Client) -> None:
    assert kinds(part(browser, owned.account, "ledger", token=USDC, kind="opening")) == ["opening"]
    assert "No posting fits." in part(browser, owned.account, "ledger", token=WETH, kind="gas")


def test_older_postings_are_had_without_a_gap(owned: Owned, browser: Client, world: World) -> None:
    for _ in range(12):
        world.buy(WETH, DOLLAR, 10**12)
    first = part(browser, owned.account, "ledger")
    older = re.search(r'data-before="(\d+)">Older', first)
    assert older is not None
    found = ids(first) + ids(part(browser, owned.account, "ledger", ledger_before=older[1]))
    every = LedgerPosting.objects.filter(account=owned.account).order_by("-pk").values_list("pk", flat=True)
    assert found == list(every)


def test_older_postings_of_one_token_are_had_without_a_gap(owned: Owned, browser: Client, world: World) -> None:
    for _ in range(25):
        world.buy(WETH, DOLLAR, 10**12)
    first = part(browser, owned.account, "ledger", token=WETH)
    older = part(browser, owned.account, "ledger", token=WETH, ledger_before=ids(first)[-1])
    assert (len(ids(first)), len(ids(older))) == (25, 3)
    assert max(ids(older)) < min(ids(first))


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30])
def test_a_cursor_that_is_none_gives_the_newest(owned: Owned, browser: Client, before: str) -> None:
    assert len(ids(part(browser, owned.account, "ledger", ledger_before=before))) == 9


def test_the_csv_has_what_is_chosen(owned: Owned, browser: Client) -> None:
    shown = part(browser, owned.account, "ledger", token=WETH, kind="swap")
    address = re.search(r'href="([^"]+)" download', shown)
    assert address is not None
    answer: Any = browser.get(address[1].replace("&amp;", "&"))
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 1 + 6  # three swaps, each in the wallet's and the market's book


def test_sums_are_taken_only_where_they_are_asked_for(owned: Owned, browser: Client) -> None:
    assert "✓" not in part(browser, owned.account, "sums")
    shown = part(browser, owned.account, "sums", check="1")
    assert "Every balance is the sum of its entries" in shown
    assert shown.count("✓") == 4


def test_a_balance_that_is_not_the_sum_is_found(owned: Owned, browser: Client) -> None:
    entry = LedgerEntry.objects.filter(account=owned.account, book="wallet", token=USDC).earliest("pk")
    less = LedgerEntry._meta.get_field("amount").get_db_prep_value(1, connection)
    changed("UPDATE paper_trading_ledgerentry SET amount = %s WHERE id = %s", less, entry.pk)
    shown = part(browser, owned.account, "sums", check="1")
    assert "A balance is not the sum of its entries" in shown
    assert shown.count("✗") == 1


def test_receipts_are_counted_and_the_newest_hash_stands_there(owned: Owned, browser: Client) -> None:
    newest = FillReceipt.objects.filter(account=owned.account).latest("sequence")
    shown = part(browser, owned.account, "receipts")
    assert f'value="{newest.sequence}"' in shown
    assert newest.hash in shown
    assert "verify_trade --all" in shown


def test_a_chain_of_receipts_that_was_not_touched_holds(owned: Owned, browser: Client) -> None:
    assert "All 4 receipts are as they were written" in part(browser, owned.account, "chain", check="1")


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE paper_trading_fillreceipt SET gas_used = 1 WHERE id = %s", "was changed after it was written"),
        ("DELETE FROM paper_trading_fillreceipt WHERE id = %s", "is missing"),
    ],
)
def test_a_chain_of_receipts_that_was_touched_does_not(owned: Owned, browser: Client, sql: str, told: str) -> None:
    changed(sql, FillReceipt.objects.get(account=owned.account, sequence=2).pk)
    shown = part(browser, owned.account, "chain", check="1")
    assert "The chain is broken" in shown
    assert told in shown


def test_only_the_newest_part_of_a_long_chain_is_checked(
    owned: Owned, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.portfolio.books.MOST_CHECKED", 2)
    assert "The newest 2 receipts are as they were written" in part(browser, owned.account, "chain", check="1")


def test_what_was_paid_in_and_taken_out_is_listed(owned: Owned, browser: Client) -> None:
    end_sessions(owned)
    reset_account(account=owned.account, deposits={USDC: 300 * DOLLAR}, block=block_at(77))
    rows = part(browser, owned.account, "resets").split('<li class="row">')[1:]
    assert ["Paid in after reset 1" in rows[0], "Taken out for a reset" in rows[1], "Opened" in rows[2]] == [True] * 3
    assert "300 DOLLAR" in rows[0]
    assert "block 77" in rows[1]
    assert "10000 DOLLAR" in rows[2]


def test_what_runs_must_end_before_a_reset(owned: Owned, browser: Client) -> None:
    assert re.search(r'data-do="reset" disabled', part(browser, owned.account, "head"))
    end_sessions(owned)
    assert 'data-do="reset">' in part(browser, owned.account, "head")


def test_a_closed_account_has_nothing_to_press(browser: Client, alice: User) -> None:
    account = close_account(account=new_account(user=alice))
    assert "data-do=" not in part(browser, account, "head")


def test_a_new_account_says_what_it_waits_for(owned: Owned, browser: Client) -> None:
    account = owned.ended.account
    shown = page(browser, account)
    for told in ("its first session opens it with USDC=5", "Nothing is booked yet", "There is no receipt yet"):
        assert told in shown
    assert "There is no entry to add up" in part(browser, account, "sums", check="1")
    assert "There is no receipt to check" in part(browser, account, "chain", check="1")


def test_what_people_and_tokens_call_things_stays_text(owned: Owned, browser: Client) -> None:
    Token.objects.update(symbol=HOSTILE)
    PaperAccount.objects.update(name=HOSTILE)
    BotSession.objects.update(name=HOSTILE)
    shown = page(browser, owned.account)
    assert HOSTILE not in shown
    assert shown.count("&lt;script&gt;alert(1)") > 5


def test_the_page_of_a_session_leads_here(owned: Owned, browser: Client) -> None:
    shown = browser.get(f"/sessions/{owned.running.pk}/").content.decode()
    assert f'href="/portfolio/{owned.account.pk}/"' in shown


def queries(browser: Client, account: PaperAccount) -> int:
    page(browser, account)
    with CaptureQueriesContext(connection) as asked:
        page(browser, account)
    return len(asked)


def test_it_asks_the_database_as_often_for_many_as_for_few(owned: Owned, browser: Client, world: World) -> None:
    few = queries(browser, owned.account)
    for _ in range(26):
        world.buy(WETH, DOLLAR, 10**12)
    assert queries(browser, owned.account) == few
    assert few <= 26
