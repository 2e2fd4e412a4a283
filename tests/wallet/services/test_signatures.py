import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from tests.wallet.browser import ALICE, MALLORY, address_of, signed
from wallet.errors import WrongSignature
from wallet.services.signatures import CURVE_ORDER, signer_of

TEXT = "two\nlines, and a heart: ♥"


def parts(signature: str) -> tuple[int, int, int]:
    raw = bytes.fromhex(signature[2:])
    return int.from_bytes(raw[:32]), int.from_bytes(raw[32:64]), raw[64]


def joined(r: int, s: int, v: int) -> str:
    return "0x" + (r.to_bytes(32) + s.to_bytes(32) + bytes([v])).hex()


def test_the_signer_of_a_text_is_found() -> None:
    assert signer_of(text=TEXT, signature=signed(TEXT)) == address_of(ALICE)


def test_another_text_has_another_signer() -> None:
    assert signer_of(text=TEXT + " ", signature=signed(TEXT)) != address_of(ALICE)


@pytest.mark.parametrize("key", [ALICE, MALLORY])
def test_both_ways_to_write_v_are_taken(key: str) -> None:
    r, s, v = parts(signed(TEXT, key))
    assert v in (27, 28)
    assert signer_of(text=TEXT, signature=joined(r, s, v - 27)) == address_of(key)


@pytest.mark.parametrize("v", [2, 3, 4, 26, 29, 35, 37, 38, 255])
def test_no_other_v_is_taken(v: int) -> None:
    r, s, _ = parts(signed(TEXT))
    with pytest.raises(WrongSignature):
        signer_of(text=TEXT, signature=joined(r, s, v))


def test_the_twin_of_a_signature_with_high_s_is_refused() -> None:
    r, s, v = parts(signed(TEXT))
    twin = joined(r, CURVE_ORDER - s, 55 - v)
    # The twin is a signature of the same key, which is why it must be refused.
    found = Account.recover_message(encode_defunct(text=TEXT), signature=bytes.fromhex(twin[2:]))
    assert found == address_of(ALICE)
    with pytest.raises(WrongSignature):
        signer_of(text=TEXT, signature=twin)


@pytest.mark.parametrize("r", [0, CURVE_ORDER, CURVE_ORDER + 1, 2**256 - 1])
def test_r_is_between_nothing_and_the_order_of_the_curve(r: int) -> None:
    _, s, v = parts(signed(TEXT))
    with pytest.raises(WrongSignature, match="out of range"):
        signer_of(text=TEXT, signature=joined(r, s, v))


@pytest.mark.parametrize("s", [0, CURVE_ORDER // 2 + 1, CURVE_ORDER, 2**256 - 1])
def test_s_is_between_nothing_and_half_the_order_of_the_curve(s: int) -> None:
    r, _, v = parts(signed(TEXT))
    with pytest.raises(WrongSignature, match="out of range"):
        signer_of(text=TEXT, signature=joined(r, s, v))


def test_an_r_that_is_on_no_point_of_the_curve_is_refused() -> None:
    with pytest.raises(WrongSignature, match="no signature of any key"):
        signer_of(text=TEXT, signature=joined(5, 1, 27))


@pytest.mark.parametrize("length", [0, 1, 64, 66, 128, 4_000])
def test_another_length_is_refused_and_contract_wallets_are_named(length: int) -> None:
    with pytest.raises(WrongSignature, match="contracts cannot log in"):
        signer_of(text=TEXT, signature="0x" + "11" * length)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0x1",
        "zz",
        "11" * 65,
        "0X" + "11" * 65,
        "0x" + "1g" * 65,
        "0x" + "11" * 65 + "\n",
        " 0x",
        "0x" + "\uff11\uff11" * 65,
    ],
)
def test_what_is_not_hex_is_refused(written: str) -> None:
    with pytest.raises(WrongSignature):
        signer_of(text=TEXT, signature=written)


def test_a_compact_signature_of_eip_2098_is_refused() -> None:
    r, s, v = parts(signed(TEXT))
    compact = "0x" + (r.to_bytes(32) + (s | ((v - 27) << 255)).to_bytes(32)).hex()
    with pytest.raises(WrongSignature):
        signer_of(text=TEXT, signature=compact)
