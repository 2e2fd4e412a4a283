"""Which of several nodes to ask next, from what each has answered so far."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from chain.errors import NodeDisagrees
from chain.transport import Transport

KEPT_HEADERS = 512
"""Blocks a node's own answers are remembered for."""
REST_SECONDS = (1.0, 2.0, 5.0, 15.0, 30.0)
"""How long a node is left alone after its first, second, ... failure in a row."""


@dataclass(slots=True, kw_only=True)
class Node:
    """One URL's health. ``head`` is the highest block number it has shown, ``rested_at`` is on the client's clock."""

    transport: Transport
    head: int | None = None
    failures: int = 0
    rested_at: float = 0.0
    headers: OrderedDict[str, tuple[int, str]] = field(default_factory=OrderedDict)

    @property
    def name(self) -> str:
        return self.transport.name

    def succeeded(self) -> None:
        self.failures = 0
        self.rested_at = 0.0

    def failed(self, now: float) -> None:
        self.rested_at = now + REST_SECONDS[min(self.failures, len(REST_SECONDS) - 1)]
        self.failures += 1

    def saw_head(self, number: int) -> None:
        if self.head is None or number > self.head:
            self.head = number

    def saw_header(self, number: int, block_hash: str, parent_hash: str) -> None:
        """Remembers a header; raises ``NodeDisagrees`` when the node told another story of the same hash before.

        Another hash at the same number is a reorg and no contradiction.
        """
        known = self.headers.get(block_hash)
        if known is not None and known != (number, parent_hash):
            raise NodeDisagrees(f"node {self.name} contradicts itself about block {number} ({block_hash})")
        self.headers[block_hash] = (number, parent_hash)
        if len(self.headers) > KEPT_HEADERS:
            self.headers.popitem(last=False)
        self.saw_head(number)


def asking_order(nodes: Iterable[Node], *, now: float, max_lag: int) -> list[Node]:
    """Healthy nodes in order of preference, then resting ones; none more than ``max_lag`` blocks behind its peers."""
    everyone = list(nodes)
    best = max((node.head for node in everyone if node.head is not None), default=None)
    fresh = [node for node in everyone if best is None or node.head is None or node.head >= best - max_lag]
    return sorted(fresh, key=lambda node: node.rested_at > now)
