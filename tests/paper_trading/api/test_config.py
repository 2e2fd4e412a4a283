"""What there is to choose from, and the slider in words."""

from typing import Any

import pytest

from paper_trading.intelligence.intel_slider import LEVELS, RANGES
from paper_trading.intelligence.signals import SIGNALS
from tests.paper_trading.api.asking import Asker
from trading.networks import networks

pytestmark = pytest.mark.django_db


def test_the_defaults_are_those_of_a_start(api: Asker) -> None:
    assert api.get("config/")["defaults"] == {"intel": 8, "account": "main", "chain": "devnet"}


def test_with_a_node_the_chain_follows_from_it(api: Asker, settings: Any) -> None:
    settings.RPC_URLS = ["http://127.0.0.1:1"]
    assert api.get("config/")["defaults"]["chain"] is None


def test_every_chain_tells_its_tokens_and_deposits(api: Asker) -> None:
    chains = {chain["name"]: chain for chain in api.get("config/")["chains"]}
    assert set(chains) == set(networks())
    assert chains["devnet"]["deposits"] == {"USDC": "10000", "ETH": "1"}
    assert [token["symbol"] for token in chains["devnet"]["tokens"]][:2] == ["WETH", "USDC"]


def test_every_level_setting_and_signal_is_explained(api: Asker) -> None:
    slider = api.get("config/levels/")
    assert [level["level"] for level in slider["levels"]] == list(LEVELS)
    assert slider["levels"][9]["settings"]["max_position_pct"] == LEVELS[10].max_position_pct
    assert (
        {setting["name"] for setting in slider["settings"]}
        == {*RANGES, "signals"}
        == {*slider["levels"][0]["settings"]}
    )
    assert [signal["name"] for signal in slider["signals"]] == list(SIGNALS)
    for explained in (*slider["levels"], *slider["settings"], *slider["signals"]):
        assert len(explained["meaning"]) > 20


def test_a_setting_tells_what_may_be_set(api: Asker) -> None:
    settings = {setting["name"]: setting for setting in api.get("config/levels/")["settings"]}
    assert (settings["max_position_pct"]["least"], settings["max_position_pct"]["most"]) == (1, 100)
    assert settings["signals"]["choices"] == list(SIGNALS)
