from collections import defaultdict
from collections.abc import Iterable

Flows = dict[str, int]
"""Signed base units by name; what nets to nothing is left out."""


def net(amounts: Iterable[tuple[str, int]]) -> Flows:
    """
    >>> net([("weth", 5), ("usdc", 1), ("usdc", -1)])
    {'weth': 5}
    """
    sums: defaultdict[str, int] = defaultdict(int)
    for name, amount in amounts:
        sums[name] += amount
    return {name: amount for name, amount in sums.items() if amount != 0}
