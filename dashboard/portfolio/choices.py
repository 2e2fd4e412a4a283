"""What a new or a reset account may be given: the tokens of its chain, and what is given of each as usual."""

from collections.abc import Sequence
from dataclasses import dataclass

from chain.networks import Network
from paper_trading.services.deposits import NATIVE_UNITS, QUOTE_UNITS
from trading.networks import network_of, networks
from trading.selectors.markets import usual_chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """``usual`` is whole tokens."""

    symbol: str
    usual: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``usual`` deposits are asked for at once, ``others`` on demand."""

    name: str
    is_usual: bool
    usual: Sequence[Deposit]
    others: Sequence[Deposit]


def chain_choices() -> list[Choice]:
    chosen = usual_chain()
    known = networks().values()
    return [_choice(network, is_usual=chosen in (network.name, str(network.chain_id))) for network in known]


def deposits_on(chain_id: int) -> Choice | None:
    """None where no network file names the chain any more."""
    network = network_of(chain_id)
    return None if network is None else _choice(network, is_usual=True)


def _choice(network: Network, *, is_usual: bool) -> Choice:
    quote = network.token(network.quote_token)
    return Choice(
        name=network.name,
        is_usual=is_usual,
        usual=[
            Deposit(symbol=quote.symbol, usual=QUOTE_UNITS, meaning="to trade with"),
            Deposit(symbol=network.native_symbol, usual=NATIVE_UNITS, meaning="to pay for gas"),
        ],
        others=[
            Deposit(symbol=token.symbol, usual="0", meaning="")
            for token in network.tokens
            if token.address != network.quote_token
        ],
    )
