"""Accounts: all of them with what they are worth, and the books of one."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dashboard.pages import private_page
from dashboard.parts import EVERY_BLOCK, Ask, LivePage, Part
from dashboard.portfolio import accounts, books
from dashboard.portfolio.choices import chain_choices, deposits_on
from dashboard.portfolio.ledger import KIND_WORDS, Wanted, ledger, tokens_of
from dashboard.portfolio.subject import Subject, subject_of
from dashboard.visitors import Visitor
from paper_trading.feed.envelope import alerts_topic, market_topic, portfolio_topic
from paper_trading.services.hosts import served_chains

BOOKED = ("entry_fill", "exit_fill", "reorg", "account")
WORTHS = (*EVERY_BLOCK, *BOOKED, "entry_cancel", "exit_cancel", "position", "status")


def _topics_of_all(ask: Ask, subject: accounts.Subject) -> list[str]:
    chains = sorted({*(row.chain for row in subject.sessions), *served_chains()})
    return [portfolio_topic(ask.user_id), alerts_topic(ask.user_id), *map(market_topic, chains)]


def _read_all(ask: Ask, subject: accounts.Subject) -> Mapping[str, Any]:
    return {"choices": chain_choices()}


ALL: LivePage[accounts.Subject] = LivePage(
    name="portfolio",
    parts=(
        Part(name="totals", read=accounts.totals, on=WORTHS),
        Part(name="accounts", read=accounts.accounts, on=WORTHS),
        Part(name="others", read=accounts.others, on=("account",)),
    ),
    topics=_topics_of_all,
    read=_read_all,
)


def _topics_of_one(ask: Ask, subject: Subject) -> list[str]:
    own = [portfolio_topic(ask.user_id), alerts_topic(ask.user_id)]
    return own if subject.session is None else [*own, market_topic(subject.session.chain)]


def _read_one(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    return {
        "subject": subject,
        "account": subject.row,
        "tokens": tokens_of(subject),
        "kinds": KIND_WORDS.items(),
        "wanted": Wanted.of(ask),
        "choice": deposits_on(subject.holder.chain_id),
    }


ONE: LivePage[Subject] = LivePage(
    name="books",
    parts=(
        Part(name="head", read=books.head, on=("status", "account")),
        Part(name="figures", read=books.figures, on=WORTHS),
        Part(name="balances", read=books.balances, on=WORTHS),
        Part(name="ledger", read=ledger, on=BOOKED),
        Part(name="sums", read=books.sums),
        Part(name="receipts", read=books.receipts, on=BOOKED),
        Part(name="chain", read=books.chain),
        Part(name="resets", read=books.resets, on=("account",)),
    ),
    topics=_topics_of_one,
    read=_read_one,
)


@private_page
def portfolio(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    ask = Ask.of(request, visitor)
    return ALL.answer(ask, accounts.Subject(ask.user_id))


@private_page
def portfolio_account(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponseBase:
    ask = Ask.of(request, visitor)
    return ONE.answer(ask, subject_of(ask.user_id, pk))
