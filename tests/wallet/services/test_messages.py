from dataclasses import replace
from datetime import UTC, datetime

from tests.wallet.browser import ALICE, address_of
from wallet.services.messages import Terms, message_text

TERMS = Terms(
    origin="https://bot.example.org:8443",
    address=address_of(ALICE),
    chain_id=10,
    nonce="0123456789abcdef0123456789abcdef",
    statement="Log in to your trading bot.",
    issued_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    expires_at=datetime(2026, 1, 2, 3, 9, 5, tzinfo=UTC),
)


def test_a_message_is_written_as_eip_4361_has_it() -> None:
    assert message_text(TERMS) == (
        "bot.example.org:8443 wants you to sign in with your Ethereum account:\n"
        f"{address_of(ALICE)}\n"
        "\n"
        "Log in to your trading bot.\n"
        "\n"
        "URI: https://bot.example.org:8443\n"
        "Version: 1\n"
        "Chain ID: 10\n"
        "Nonce: 0123456789abcdef0123456789abcdef\n"
        "Issued At: 2026-01-02T03:04:05Z\n"
        "Expiration Time: 2026-01-02T03:09:05Z"
    )


def test_wallets_can_read_what_we_write() -> None:
    terms = replace(TERMS, resources=["urn:dexproject:step-up:sha256:" + "0f" * 32])
    message = message_text(terms)
    from siwe import SiweMessage  # once its warnings are silenced

    read = SiweMessage.from_message(message)
    assert read.domain == "bot.example.org:8443"
    assert read.statement == TERMS.statement
    assert read.resources == terms.resources
