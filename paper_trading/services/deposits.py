"""What an account on paper starts with: base units by token address, ``NATIVE`` in wei."""

from collections.abc import Mapping, Sequence

from chain.errors import ConfigurationError
from chain.networks import Network
from dex.amounts import parse_units
from dex.types import Address
from paper_trading.tokens import NATIVE

QUOTE_UNITS, NATIVE_UNITS = "10000", "1"
NATIVE_DECIMALS = 18


def usual_deposits(network: Network) -> dict[Address, str]:
    """Whole tokens by address, as an account that trades on a node gets them where nothing else is asked for."""
    return {network.quote_token: QUOTE_UNITS, NATIVE: NATIVE_UNITS}


def deposits_of(
    network: Network, texts: Sequence[str], usual: Mapping[Address, str] | None = None
) -> dict[Address, int]:
    """The usual deposits, but of a token that ``texts`` (``SYMBOL=AMOUNT``) name what they name; 0 leaves it out.

    Raises ``ConfigurationError`` and ``AmountError`` with one line each.
    """
    default = usual_deposits(network) if usual is None else usual
    amounts = {address: parse_units(text, _decimals(network, address)) for address, text in default.items()}
    named: dict[Address, int] = {}
    for text in texts:
        name, separator, amount = text.partition("=")
        if separator == "":
            raise ConfigurationError(f"a deposit is SYMBOL=AMOUNT, not {text!r}")
        native = name.lower() == network.native_symbol.lower()
        address = NATIVE if native else network.token(name).address
        named[address] = named.get(address, 0) + parse_units(amount, _decimals(network, address))
    # A sum of several texts could pass what a token contract can hold.
    if any(amount >= 2**256 for amount in named.values()):
        raise ConfigurationError("a deposit is more than any token contract can hold")
    return {address: amount for address, amount in (amounts | named).items() if amount > 0}


def deposit_texts(deposits: Mapping[str, str]) -> list[str]:
    """``{"USDC": "500"}`` as the texts that accounts keep."""
    return [f"{name}={amount}" for name, amount in deposits.items()]


def _decimals(network: Network, address: Address) -> int:
    return NATIVE_DECIMALS if address == NATIVE else network.token(address).decimals
