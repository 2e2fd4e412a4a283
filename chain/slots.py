"""Finds a token's balance and allowance slots, so that a paper account can be laid over the chain's state.

One ``eth_call`` plants a different marker in every candidate slot and reads the token's answer: the marker that comes
back names the layout. A second call with another value confirms it, because a token may answer anything.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from eth_utils.crypto import keccak

from chain import erc20
from chain.client import ChainClient
from chain.errors import RpcError, SlotNotFound
from chain.hexes import word
from chain.layouts import (
    MappingLayout,
    allowance_candidates,
    allowance_slot,
    balance_candidates,
    balance_slot,
)
from dex.types import Address, BlockRef

PROBE_OWNER = "0x00000000000000000000000000000000DeC0de01"
PROBE_SPENDER = "0x00000000000000000000000000000000DeC0de02"
_MARKER = 0x5EED << 40
"""Markers stay under 2^96, because some tokens (UNI, COMP) pack their amounts into uint96."""
_CONFIRMATION = 0xACCE55ED << 32


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLayout:
    balances: MappingLayout
    allowances: MappingLayout


@dataclass(frozen=True, slots=True, kw_only=True)
class _Probe:
    """One of the two mappings: how to find its slots and how to ask the token about it."""

    calldata: str
    slot: Callable[[MappingLayout], str]
    candidates: Callable[[], Iterable[MappingLayout]]


_BALANCES = _Probe(
    calldata=erc20.balance_of(PROBE_OWNER),
    slot=lambda layout: balance_slot(layout, PROBE_OWNER),
    candidates=balance_candidates,
)
_ALLOWANCES = _Probe(
    calldata=erc20.allowance(PROBE_OWNER, PROBE_SPENDER),
    slot=lambda layout: allowance_slot(layout, PROBE_OWNER, PROBE_SPENDER),
    candidates=allowance_candidates,
)


@cache
def _planted(probe: _Probe) -> tuple[Sequence[MappingLayout], Mapping[str, int]]:
    """All candidates and the marker for each one's slot; the same for every token, and some hundred hashes to find."""
    candidates = tuple(probe.candidates())
    return candidates, {probe.slot(layout): _MARKER + i for i, layout in enumerate(candidates)}


class SlotFinder:
    """Layouts by token, found once. Tokens of one code share a layout, which is still confirmed for each of them."""

    def __init__(self, client: ChainClient) -> None:
        self._client = client
        self._by_token: dict[Address, TokenLayout] = {}
        self._by_code: dict[bytes, TokenLayout] = {}

    async def layout(self, token: Address, block: BlockRef) -> TokenLayout:
        """Raises ``SlotNotFound`` for a token whose answers follow no known layout."""
        known = self._by_token.get(token)
        if known is None:
            known = self._by_token[token] = await self._find(token, block)
        return known

    def forget(self, token: Address) -> None:
        """Drops what is known of ``token``: an upgrade moved its storage."""
        self._by_token.pop(token, None)

    async def _find(self, token: Address, block: BlockRef) -> TokenLayout:
        code = bytes.fromhex((await self._client.call("eth_getCode", [token, {"blockHash": block.hash}]))[2:])
        if code == b"":
            raise SlotNotFound(f"there is no contract at {token}")
        code_hash = keccak(code)
        known = self._by_code.get(code_hash)
        if known is not None and await self._confirm(token, known, block):
            return known
        found = TokenLayout(
            balances=await self._search(token, _BALANCES, block),
            allowances=await self._search(token, _ALLOWANCES, block),
        )
        if not await self._confirm(token, found, block):
            raise SlotNotFound(f"token {token} does not answer what its storage holds")
        self._by_code[code_hash] = found
        return found

    async def _search(self, token: Address, probe: _Probe, block: BlockRef) -> MappingLayout:
        candidates, planted = _planted(probe)
        answer = await self._ask(token, probe, planted, block)
        if answer is None or not 0 <= answer - _MARKER < len(candidates):
            raise SlotNotFound(f"no storage layout known to us fits token {token}")
        return candidates[answer - _MARKER]

    async def _confirm(self, token: Address, layout: TokenLayout, block: BlockRef) -> bool:
        for probe, one in ((_BALANCES, layout.balances), (_ALLOWANCES, layout.allowances)):
            if await self._ask(token, probe, {probe.slot(one): _CONFIRMATION}, block) != _CONFIRMATION:
                return False
        return True

    async def _ask(self, token: Address, probe: _Probe, planted: Mapping[str, int], block: BlockRef) -> int | None:
        overrides = {token: {"stateDiff": {slot: "0x" + word(value) for slot, value in planted.items()}}}
        call = {"to": token, "data": probe.calldata}
        try:
            answer = await self._client.call("eth_call", [call, {"blockHash": block.hash}, overrides])
        except RpcError:
            return None
        return int(answer[2:66], 16) if isinstance(answer, str) and len(answer) >= 66 else None
