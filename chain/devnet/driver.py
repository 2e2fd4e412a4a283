"""Makes one block after another: asks the actors, puts their transactions in order, has them mined, keeps the books."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from eth_utils.address import to_checksum_address

from chain.devnet import deploy, miner
from chain.devnet.actors import apes, arbitrageur, attacker, launcher, providers, traders
from chain.devnet.chronicle import Chronicle
from chain.devnet.journal import BlockPlan, Journal, JournalBlock
from chain.devnet.miner import MinedBlock
from chain.devnet.reference import Reference
from chain.devnet.rpc import Rpc
from chain.devnet.transactions import Wish, pack, to_request
from chain.devnet.view import View, parse_states, state_requests
from chain.devnet.world import World

GAS_LIMIT = 2_800_000
"""So small that a usual block is about half full and the base fee lives."""

Pending = Mapping[str, Mapping[str, Any]]
"""Transactions in the node's pool: hash to request, in the order of sending."""


class Driver:
    """Owns the chain's future: nobody else may mine. Foreign transactions are welcome and enter the journal."""

    def __init__(self, rpc: Rpc, world: World, journal: Journal) -> None:
        self._rpc = rpc
        self.world = world
        self._journal = journal
        self._seed = journal.header.seed
        self._reference = Reference(world, self._seed)
        self.chronicle = Chronicle()
        self.head = miner.head(rpc)
        self.played: list[JournalBlock] = []
        """Blocks that were mined since the node began, or since its checkpoint; the checkpointer drops old ones."""

    def deploy(self, first_timestamp: int) -> None:
        """Mines the first blocks, one second apart; raises ``RpcError`` where the node refuses something."""
        for i, wishes in enumerate(deploy.deployment(self.world)):
            self.seal(self._send(wishes), first_timestamp + i, deploy.GAS_LIMIT)

    def skip(self, blocks: Sequence[JournalBlock]) -> None:
        """Takes note of blocks that the node already has."""
        for block in blocks:
            self.chronicle.record(block.plan.number, block.plan.transactions)

    def replay(self, blocks: Sequence[JournalBlock]) -> Iterable[int]:
        """Yields each block's number as it is mined again; raises ``ReplayDiverged`` at the end, or before it mines a
        block whose hash is not known yet."""
        for i, block in enumerate(blocks):
            if block.hash is None and i > 0:
                self._compare(blocks[i - 1])
            mined = miner.replay(self._rpc, block)
            self.chronicle.record(block.plan.number, block.plan.transactions)
            if mined is not None:
                self._journal.confirm(mined.number, mined.hash)
            self.played.append(block if mined is None else replace(block, hash=mined.hash))
            yield block.plan.number
        if blocks:
            self._compare(blocks[-1])
        self.head = miner.head(self._rpc)

    def _compare(self, block: JournalBlock) -> None:
        miner.check_hash(miner.head(self._rpc), block.plan.number, block.hash)

    def wishes(self) -> list[Wish]:
        """What the actors want for the next block, in the order of that block."""
        if miner.is_quiet(self.head.number + 1):
            return []
        view = self.view()
        launches = list(launcher.act(view, self._dice(view, "launcher")))
        crowd = list(traders.act(view, self._dice(view, "traders")))
        # An opening fills the block by itself: no room for three that must stay together.
        busy = sum(wish.gas for wish in launches) > GAS_LIMIT // 2
        sandwich, others = ([], crowd) if busy else attacker.wrap(view, self._dice(view, "attacker"), crowd)
        return [
            *sandwich,
            *launches,
            *providers.act(view, self._dice(view, "providers")),
            *arbitrageur.act(view, self._dice(view, "arbitrageur")),
            *apes.act(view, self._dice(view, "apes")),
            *others,
        ]

    def step(self, timestamp: int) -> MinedBlock:
        """One block of the actors' making."""
        return self.seal(self.send(), timestamp)

    def send(self) -> Pending:
        """Puts the actors' transactions into the node's pool, where everybody sees them before they are mined."""
        return self._send(pack(self.wishes(), GAS_LIMIT))

    def seal(self, pending: Pending, timestamp: int, gas_limit: int = GAS_LIMIT) -> MinedBlock:
        """Mines what was sent, and what others sent meanwhile; ``{}`` makes a block without the actors."""
        plan = BlockPlan(
            number=self.head.number + 1,
            timestamp=timestamp,
            transactions=list(pending.values()),
            gas_limit=gas_limit if self.head.gas_limit != gas_limit else None,
        )
        self._journal.announce(plan)
        miner.set_gas_limit(self._rpc, plan)
        if miner.is_quiet(plan.number):
            miner.settle(self._rpc, timestamp)
        mined = miner.mine(self._rpc, timestamp)
        actual = None if mined.tx_hashes == tuple(pending) else self._actual(mined, pending)
        self._journal.confirm(mined.number, mined.hash, actual)
        played = plan if actual is None else replace(plan, transactions=actual)
        self.played.append(JournalBlock(plan=played, hash=mined.hash))
        self.chronicle.record(mined.number, played.transactions)
        self.head = mined
        return mined

    def prices(self) -> Mapping[str, float]:
        """The outside reference at the head, dollars a whole token."""
        return self._reference.at(self.head.number)

    def view(self) -> View:
        """What the actors see before the next block."""
        states = parse_states(self.world.pools, self._rpc.batch(state_requests(self.world.pools)))
        return View(
            number=self.head.number + 1,
            seed=self._seed,
            base_fee=self.head.base_fee,
            world=self.world,
            prices=self._reference.at(self.head.number + 1),
            states=states,
            chronicle=self.chronicle,
            rpc=self._rpc,
        )

    def _dice(self, view: View, actor: str) -> Random:
        return Random(f"{self._seed}:{view.number}:{actor}")

    def _send(self, wishes: Sequence[Wish]) -> Pending:
        nonces, base_fee = self.chronicle.nonces, self.head.base_fee
        requests = [
            {**to_request(wish, nonce=nonces.take(wish.sender), base_fee=base_fee), "note": wish.note}
            for wish in wishes
        ]
        hashes = miner.send(self._rpc, requests) if requests else []
        return dict(zip(hashes, requests, strict=True))

    def _actual(self, mined: MinedBlock, ours: Pending) -> list[Mapping[str, Any]]:
        """The block's transactions as they are, where others' are among them."""
        foreign = [tx_hash for tx_hash in mined.tx_hashes if tx_hash not in ours]
        raw = dict(zip(foreign, self._rpc.batch([("eth_getRawTransactionByHash", [x]) for x in foreign]), strict=True))
        facts = dict(zip(foreign, self._rpc.batch([("eth_getTransactionByHash", [x]) for x in foreign]), strict=True))
        return [
            ours[x]
            if x in ours
            else {"raw": raw[x], "from": to_checksum_address(facts[x]["from"]), "nonce": facts[x]["nonce"]}
            for x in mined.tx_hashes
        ]
