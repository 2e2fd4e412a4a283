import pytest

from dex.market.pools import Protocol
from dex.routing.plan import Hop
from dex.types import Address
from tests.support.paths import address, path_over

LOW, MIDDLE, HIGH = address(1), address(2), address(3)


def hop(token_in: Address, token_out: Address) -> Hop:
    return Hop(pool=address(9), protocol=Protocol.V2, token_in=token_in, token_out=token_out, fee_pips=3000)


def test_the_lower_address_is_token0() -> None:
    assert hop(LOW, HIGH).zero_for_one is True
    assert hop(HIGH, LOW).zero_for_one is False


def test_addresses_are_ordered_as_numbers_whatever_their_checksum_case() -> None:
    lower, upper = Address("0x" + "a" * 40), Address("0x" + "B" * 40)
    assert hop(lower, upper).zero_for_one is True


def test_a_path_s_tokens_are_those_it_passes_in_order() -> None:
    assert path_over(Protocol.V3, HIGH, LOW, MIDDLE).tokens == (HIGH, LOW, MIDDLE)


@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_path_has_the_protocol_of_its_hops(protocol: Protocol) -> None:
    assert path_over(protocol, LOW, MIDDLE, HIGH).protocol is protocol


def test_equal_paths_are_one_key() -> None:
    assert len({path_over(Protocol.V2, LOW, HIGH), path_over(Protocol.V2, LOW, HIGH)}) == 1
