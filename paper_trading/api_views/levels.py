"""The intel slider in plain words."""

from collections.abc import Mapping
from types import MappingProxyType

FIELD_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "risk_tolerance": "How bold, 1 to 100. The bolder, the smaller the edge over costs that a buy must promise, "
        "the wider its stop, and the more of the account a stopped trade may lose.",
        "max_position_pct": "The largest position, in percent of what the account is worth.",
        "min_confidence_pct": "The least confidence, in percent, that a forecast must have to be traded on.",
        "min_trade_usd": "The smallest buy, in dollars. What would be smaller is not bought.",
        "max_open_positions": "How many tokens may be held at the same time.",
        "cooldown_blocks": "How many blocks pass after a trade in a token before it may be bought again.",
        "signals": "What is read before deciding. At least one of them has to expect a move of the price.",
        "fee_patience_blocks": "For how many full blocks in a row the fee cap keeps up with a rising base fee; after "
        "that the order waits, and expires.",
        "tolerance_ceiling_bps": "How far below its quote a fill may at most end, in hundredths of a percent; also the "
        "most that a buy may move the price, each way.",
    }
)

LEVEL_WORDS: Mapping[int, str] = MappingProxyType(
    {
        1: "As careful as it gets: one tiny position at a time, and only when nearly sure.",
        2: "Very careful: up to two tiny positions, long pauses after each trade.",
        3: "Careful: small positions, and high confidence before each of them.",
        4: "Somewhat careful: also buys what has fallen too far.",
        5: "Balanced, with a hand on the brake: a tenth of the account at most in one token.",
        6: "Balanced: from here on it also reads who buys and sells right now.",
        7: "Somewhat bold: larger positions, shorter pauses.",
        8: "Bold: the usual choice. Trades often enough to show what it can do.",
        9: "Very bold: large positions on little more than an even chance.",
        10: "As bold as it gets: a quarter of the account in one token, hardly a pause. Expect swings.",
    }
)

SIGNAL_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "trend": "The price is going somewhere: averages of the last minutes agree on a direction.",
        "mean_reversion": "The price has run away from its average and tends to come back.",
        "order_flow": "More is being bought than sold right now, or the other way round.",
        "volatility": "How much the price jumps about: wild markets make smaller positions.",
        "liquidity": "How deep the pools are: what could be bought could also be sold again.",
        "gas": "What the network charges now, against what it usually charges.",
    }
)
