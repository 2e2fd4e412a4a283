"""What will happen if the session is started as it is asked for, before it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.new_session.forecast import gas, sizes
from dashboard.new_session.hands import hands
from dashboard.new_session.levels import label_of
from dashboard.new_session.stake import stake_of
from dashboard.new_session.subject import Subject, on_network, problems_json
from dashboard.parts import Ask
from dex.types import Token
from paper_trading.api_views.levels import LEVEL_WORDS
from paper_trading.intelligence.intel_slider import level, with_overrides
from paper_trading.selectors.token_book import TokenBook
from paper_trading.services.control import StartRequest
from paper_trading.tokens import NATIVE
from trading.selectors.markets import is_stale


def check(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    asked = subject.asked
    told = {"problems": problems_json(asked), "asked": asked.request}
    if asked.request is None:
        return {**told, "lines": [(_field(name), lines) for name, lines in asked.problems.items()]}
    return {**told, **_plan(ask, on_network(subject, asked.request.network), asked.request)}


def _plan(ask: Ask, subject: Subject, request: StartRequest) -> Mapping[str, Any]:
    network, market = subject.network, subject.market
    usual = level(request.intel_level)
    settings = with_overrides(usual, request.overrides) if request.overrides else usual
    stake = stake_of(request, subject.chain_key)
    native = TokenBook().load([(network.chain_id, NATIVE)]).token(network.chain_id, NATIVE)
    figures = sizes(settings, cash=stake.cash, decimals=subject.quote.decimals)
    fees = None if market is None else gas(network, base_fee=market.base_fee, tip=market.tip, money=stake.gas)
    stale = market is not None and is_stale(market, block_time=network.block_time, now=ask.now)
    chosen = [network.token(address) for address in request.tokens]
    return {
        "network": network,
        "stake": stake,
        "sizes": figures,
        "gas": fees,
        "hands": hands(network.name, ask_workers="part" in ask.request.GET),
        "settings": settings,
        "level_words": LEVEL_WORDS[request.intel_level],
        "overridden": sorted(label_of(name) for name in settings.overridden),
        "tokens": chosen or subject.tokens,
        "chooses": bool(chosen),
        "quote": subject.quote,
        "native": native,
        "minutes": None if request.runtime is None else _spell(request.runtime),
        "market": market,
        "is_stale": stale,
        "unpriced": [] if market is None else _unpriced(chosen, market.prices),
    }


def _unpriced(tokens: Sequence[Token], prices: Mapping[str, float]) -> list[Token]:
    return [token for token in tokens if token.address not in prices]


def _spell(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    parts = [f"{minutes:,} minute{'' if minutes == 1 else 's'}"] if minutes else []
    parts += [f"{rest} second{'' if rest == 1 else 's'}"] if rest else []
    return " and ".join(parts)


def _field(name: str) -> str:
    """As the form calls it."""
    group, _, inner = name.partition(".")
    return label_of(inner) if group == "overrides" and inner else name.replace("_", " ").replace(".", " ")
