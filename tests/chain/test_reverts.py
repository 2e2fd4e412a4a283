import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from chain.reverts import revert_reason


def reverting(signature: str, kinds: list[str], values: list[object]) -> str:
    return "0x" + (keccak(text=signature)[:4] + encode(kinds, values)).hex()


@pytest.mark.parametrize(
    ("data", "message", "reason"),
    [
        (reverting("Error(string)", ["string"], ["Too little received"]), "", "Too little received"),
        (reverting("Error(string)", ["string"], [""]), "", "reverted with an empty reason"),
        (reverting("Error(string)", ["string"], ["a\nb\x1b[31m"]), "", "ab[31m"),
        (reverting("Panic(uint256)", ["uint256"], [0x11]), "", "panic 0x11: arithmetic overflow"),
        (reverting("Panic(uint256)", ["uint256"], [0x99]), "", "panic 0x99: unknown"),
        ("0xdeadbeef", "", "custom error 0xdeadbeef"),
        ("0x", "execution reverted", "reverted without a reason"),
        ("0x", "out of gas", "out of gas"),
        ("0x", "", "reverted without a reason"),
        ("0x08c379a0", "", "custom error 0x08c379a0"),
        ("0x01", "", "reverted without a reason"),
    ],
)
def test_a_revert_is_put_into_words(data: str, message: str, reason: str) -> None:
    assert revert_reason(data, message) == reason


def test_a_wild_length_is_cut() -> None:
    data = "0x08c379a0" + f"{32:064x}" + "f" * 64 + "41" * 2000
    assert len(revert_reason(data)) <= 200
