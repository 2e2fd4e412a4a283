"""Where ``ExactSum`` is looked for from here; it lives beside the fields that it adds up."""

from trading.aggregates import ExactSum, register_exact_sum

__all__ = ["ExactSum", "register_exact_sum"]
