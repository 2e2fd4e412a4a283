"""What the page of a new session is about: a chain, what is known of it, and what the form asks for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import QuerySet

from api.statements import compiled
from chain.networks import Network
from dashboard.new_session.accounts import Choice, choices, names, new_name, suggested
from dashboard.new_session.asked import Asked, asked_of, untouched
from dashboard.parts import Ask
from dex.types import Token
from paper_trading.errors import WrongRequest
from paper_trading.models import BotHost
from paper_trading.services.hosts import living_hosts
from paper_trading.services.start_request import requested_network
from trading.networks import networks
from trading.selectors.markets import newest_markets
from trading.selectors.rows import Row


@dataclass(frozen=True, kw_only=True)
class Subject:
    """``chains`` are names to choose from; ``market`` is a row of ``rows.MARKET``, None where nobody ever followed the
    chain."""

    ask: Ask
    network: Network
    chains: list[str]
    market: Row | None

    @property
    def chain_key(self) -> str:
        return "" if self.market is None else str(self.market.chain_key)

    @property
    def quote(self) -> Token:
        return self.network.token(self.network.quote_token)

    @cached_property
    def accounts(self) -> list[Choice]:
        return choices(self.ask.user_id, self.network, self.chain_key)

    @cached_property
    def free_name(self) -> str:
        """What a new account could be called."""
        return new_name(self._taken)

    @cached_property
    def account(self) -> str:
        """The name that is chosen at first: the one that the address names, where there is one."""
        wanted = self.ask.request.GET.get("account", "")
        if wanted in [choice.name for choice in self.accounts]:
            return wanted
        return suggested(self.accounts, self._taken)

    @cached_property
    def asked(self) -> Asked:
        text = self.ask.request.GET.get("asked")
        if text is None:
            text = untouched(chain=self.network.name, account=self.account)
        return asked_of(self.ask.visitor.user, text)

    @property
    def tokens(self) -> list[Token]:
        """What may be bought: of the listed tokens those that the market follows, all where nobody follows one."""
        listed = [token for token in self.network.tokens if token.address != self.network.quote_token]
        prices: Mapping[str, float] = {} if self.market is None else self.market.prices
        followed = [token for token in listed if token.address in prices]
        return followed or listed

    @cached_property
    def _taken(self) -> list[str]:
        return names(self.ask.user_id, self.network)


def subject_of(ask: Ask) -> Subject:
    """On the chain that the address names, else on one that is run now, else on the usual one."""
    known = networks()
    running = [name for name in dict.fromkeys(_running()) if name in known]
    network = known.get(ask.request.GET.get("chain", "")) or _usual(running)
    return Subject(ask=ask, network=network, chains=sorted({*running, network.name}), market=_market(network))


def on_network(subject: Subject, network: Network) -> Subject:
    """The same on the chain that the form says, should the page have come to another one since."""
    if network == subject.network:
        return subject
    return replace(subject, network=network, market=_market(network))


def _market(network: Network) -> Row | None:
    return next((one for one in newest_markets() if one.chain__chain_id == network.chain_id), None)


def _usual(running: list[str]) -> Network:
    known = networks()
    try:
        usual = requested_network("")
    except WrongRequest:  # a node is set, and which chain it is nobody knows yet
        usual = next(iter(known.values()))
    return usual if usual.name in running or not running else known[running[0]]


@compiled
def _running() -> QuerySet[BotHost, str]:
    return living_hosts().order_by("pk").values_list("chain", flat=True)


def problems_json(asked: Asked) -> str:
    return json.dumps({field: list(lines) for field, lines in asked.problems.items()})
