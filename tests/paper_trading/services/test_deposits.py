"""What an account starts with, from the network's usual deposits and what is named."""

import pytest

from chain.errors import ConfigurationError
from dex.amounts import AmountError
from paper_trading.services.deposits import deposits_of
from paper_trading.tokens import NATIVE
from trading.networks import networks

DEVNET = networks()["devnet"]
USDC, WETH = DEVNET.quote_token, DEVNET.token("WETH").address


def test_nothing_named_is_the_usual() -> None:
    assert deposits_of(DEVNET, []) == {USDC: 10_000_000_000, NATIVE: 10**18}


def test_what_is_named_stands_in_the_place_of_the_usual() -> None:
    assert deposits_of(DEVNET, ["usdc=2.5", "WETH=1"]) == {USDC: 2_500_000, NATIVE: 10**18, WETH: 10**18}


def test_nothing_of_a_token_leaves_it_out() -> None:
    assert deposits_of(DEVNET, ["ETH=0"]) == {USDC: 10_000_000_000}


def test_a_token_named_twice_is_added_up() -> None:
    assert deposits_of(DEVNET, ["USDC=1", f"{USDC}=2"], {}) == {USDC: 3_000_000}


@pytest.mark.parametrize("text", ["USDC", "NOPE=1", f"{NATIVE}=1"])
def test_what_is_no_deposit_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        deposits_of(DEVNET, [text])


@pytest.mark.parametrize("amount", ["", "1e3", "-1", "1.1234567"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(AmountError):
        deposits_of(DEVNET, [f"USDC={amount}"])


def test_no_sum_is_more_than_a_contract_holds() -> None:
    half = str(2**255 // 10**6)
    assert deposits_of(DEVNET, [f"USDC={half}"])
    with pytest.raises(ConfigurationError):
        deposits_of(DEVNET, [f"USDC={half}", f"USDC={half}", f"USDC={half}"])
