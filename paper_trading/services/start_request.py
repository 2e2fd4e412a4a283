"""From words that a user gave to a ``StartRequest`` that can run; everything wrong is named with its field."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User

from chain.networks import Network, find_network
from dex.errors import DexError
from dex.types import Address
from paper_trading.errors import WrongRequest
from paper_trading.intelligence.intel_slider import level, with_overrides
from paper_trading.services.control import StartRequest
from paper_trading.services.deposits import deposit_texts, deposits_of
from trading.networks import networks
from trading.selectors.markets import usual_chain

DEFAULT_LEVEL = 8
MAIN_ACCOUNT = "main"


def start_request(
    *,
    user: User,
    chain: str = "",
    account: str = MAIN_ACCOUNT,
    intel: int = DEFAULT_LEVEL,
    name: str = "",
    overrides: Mapping[str, Any] | None = None,
    tokens: Sequence[str] = (),
    runtime: int | None = None,
    deposits: Mapping[str, str] | None = None,
    key: str = "",
) -> StartRequest:
    """``tokens`` are symbols or addresses, ``runtime`` seconds, ``deposits`` whole tokens by symbol.

    Raises ``WrongRequest`` with the field that does not fit.
    """
    network = requested_network(chain)
    with blaming("intel"):
        base = level(intel)
    with blaming("overrides"):
        with_overrides(base, {} if overrides is None else overrides)
    texts = deposit_texts({} if deposits is None else deposits)
    with blaming("deposits"):
        deposits_of(network, texts)
    return StartRequest(
        user=user,
        network=network,
        account_name=account,
        intel_level=intel,
        name=name,
        overrides={} if overrides is None else overrides,
        tokens=_addresses(network, tokens),
        runtime=runtime,
        deposits=texts,
        key=key,
    )


def requested_network(chain: str) -> Network:
    """The network of that name or chain id; of the chain at hand where none is named.

    Raises ``WrongRequest`` for ``chain``, listing what there is.
    """
    with blaming("chain"):
        return find_network(networks(), chain or _usual_chain())


def _usual_chain() -> str:
    chain = usual_chain()
    if chain is None:
        raise WrongRequest(f"name the chain; there are: {', '.join(sorted(networks()))}", "chain")
    return chain


def _addresses(network: Network, tokens: Sequence[str]) -> list[Address]:
    with blaming("tokens"):
        addresses = list(dict.fromkeys(network.token(name).address for name in tokens))
    if network.quote_token in addresses:
        raise WrongRequest(f"{network.token(network.quote_token).symbol} is what tokens are bought with", "tokens")
    return addresses


@contextmanager
def blaming(field: str) -> Iterator[None]:
    """Says which field of the request was wrong."""
    try:
        yield
    except WrongRequest:
        raise
    except DexError as error:
        raise WrongRequest(str(error), field) from error
