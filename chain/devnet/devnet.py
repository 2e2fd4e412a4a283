"""The local chain as one thing: starts by playing its journal, goes on block by block, ends without a trace."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from eth_utils.address import to_checksum_address

from chain.devnet import checkpoints, deploy, directory, endpoint, journal, miner, node
from chain.devnet.anvil import LOOPBACK, Anvil
from chain.devnet.checkpointer import Checkpointer
from chain.devnet.checkpoints import Checkpoint
from chain.devnet.driver import Driver, Pending
from chain.devnet.errors import CheckpointUnusable, DevnetCrashed, ReplayDiverged
from chain.devnet.journal import Header, Journal, JournalBlock
from chain.devnet.miner import MinedBlock
from chain.devnet.rpc import Rpc
from chain.devnet.world import World, build_world
from chain.errors import ConfigurationError, NodeUnavailable, RpcError
from dex.types import Address

MAX_REPLAY_BLOCKS = 20_000
"""A longer journal is put aside and a new chain begins. With a checkpoint, only some 220 blocks of it are played;
without one, or for checking receipts, all are: 10 to 15 ms each, some five minutes at this length."""

Progress = Callable[[str], None]


def _silent(_: str) -> None:
    pass


class Devnet:
    """A seeded chain in ``directory``. Stepped (``step``), the same seed gives the same blocks, hash for hash; timed
    (``run``), blocks carry wall-clock seconds, strictly increasing.

    ``block_time`` is seconds and, rounded up to at least 1, what a stepped block adds to the time. ``warm_up`` blocks
    are made at once when a new chain begins, dated back from now, so that a timed chain has a past to look at. ``host``
    is where its node listens, see ``Anvil``. ``actors=False`` plays the journal whatever its seed or length, and makes
    only empty blocks, when asked to. Any other is published in its directory while it runs (``endpoint``), for the
    processes that want to share it.
    """

    def __init__(
        self,
        directory: Path,
        *,
        seed: int = 7,
        block_time: float = 1.0,
        port: int | None = None,
        host: str = LOOPBACK,
        fresh: bool = False,
        actors: bool = True,
        warm_up: int = 0,
        max_replay_blocks: int = MAX_REPLAY_BLOCKS,
    ) -> None:
        self.directory = directory
        self.seed = seed
        self.block_time = block_time
        self._port = port
        self._host = host
        self._fresh = fresh
        self._actors = actors
        self._warm_up = warm_up
        self._max_replay_blocks = max_replay_blocks
        self._resources = ExitStack()
        self._anvil: Anvil | None = None
        self._driver: Driver | None = None
        self._keeper: Checkpointer | None = None

    def start(self, progress: Progress = _silent) -> None:
        """Deploys or resumes. Raises ``PortBusy``, ``DirectoryBusy``, ``ConfigurationError``, ``DevnetCrashed``, and
        ``ReplayDiverged`` where the journal does not lead to the chain that it recorded."""
        with ExitStack() as resources:
            resources.enter_context(directory.locked(self.directory))
            directory.tidy(self.directory)
            header, blocks = self._recorded(progress)
            world, base = self._launch_resumed(resources, header, blocks)
            digest = directory.rules(world)
            if header is not None and header.rules != digest:
                if not self._actors:
                    raise ConfigurationError("the rules of this chain have changed: it cannot be played again")
                progress("the rules of this chain have changed: a new chain begins")
                header, blocks, base = None, [], None
            if header is None:
                header = directory.new_header(
                    seed=self.seed, generation=directory.archive(self.directory), digest=digest
                )
                if header.generation > 0:
                    world = self._launch(resources, header)
                book = Journal.create(self._journal_path, header)
            else:
                book = Journal.resume(self._journal_path, header)
            resources.callback(book.close)
            self._driver = self._grow_resumed(resources, world, book, blocks, base, progress)
            if self._actors:  # a chain that stands still is nobody's place to trade
                resources.enter_context(endpoint.published(self.directory, url=self.url, genesis=self._genesis()))
            self._resources = resources.pop_all()

    @property
    def url(self) -> str:
        return self._node.url

    @property
    def node_pid(self) -> int:
        return self._node.pid

    @property
    def alive(self) -> bool:
        return self._anvil is not None and self._anvil.alive

    @property
    def driver(self) -> Driver:
        if self._driver is None:
            raise RuntimeError("the devnet has not been started")
        return self._driver

    @property
    def world(self) -> World:
        return self.driver.world

    @property
    def head(self) -> MinedBlock:
        return self.driver.head

    def step(self, blocks: int = 1) -> list[MinedBlock]:
        """The next blocks, each ``block_time`` (rounded up to whole seconds) after the one before it."""
        self._node.check()
        return [self.driver.seal(self._pending(), self.head.timestamp + self._step_seconds) for _ in range(blocks)]

    def run(self, stop: threading.Event, on_block: Callable[[MinedBlock], None] | None = None) -> None:
        """Makes a block every ``block_time`` seconds until ``stop`` is set. Transactions wait in the pool for half of
        that, in everybody's sight. Below one second a block, the chain's clock runs ahead of the wall's. Raises
        ``DevnetCrashed``."""
        try:
            self._run(stop, on_block)
        except NodeUnavailable as error:
            raise DevnetCrashed(f"the local node ended unexpectedly: {error}") from error

    def _run(self, stop: threading.Event, on_block: Callable[[MinedBlock], None] | None) -> None:
        due = time.monotonic()
        while not stop.is_set():
            self._node.check()
            pending = self._pending()
            due = max(due + self.block_time, time.monotonic() + self.block_time / 4)
            if stop.wait(max(0.0, due - self.block_time / 2 - time.monotonic())):
                return
            mined = self.driver.seal(pending, max(self.head.timestamp + 1, int(time.time())))
            if self._keeper is not None:
                self._keeper.look()
            if on_block is not None:
                on_block(mined)
            stop.wait(max(0.0, due - time.monotonic()))

    def stop(self) -> None:
        """Ends the node; the journal keeps the chain. Calling it again does nothing."""
        self._resources.close()
        self._anvil = self._driver = self._keeper = None

    def _genesis(self) -> str:
        with Rpc(self._node.url) as rpc:
            return str(rpc.call("eth_getBlockByNumber", "0x0", False)["hash"])

    def _pending(self) -> Pending:
        return self.driver.send() if self._actors else {}

    @property
    def _node(self) -> Anvil:
        if self._anvil is None:
            raise RuntimeError("the devnet has not been started")
        return self._anvil

    @property
    def _journal_path(self) -> Path:
        return self.directory / directory.JOURNAL

    @property
    def _step_seconds(self) -> int:
        return max(1, -int(-self.block_time // 1))

    def _recorded(self, progress: Progress) -> tuple[Header | None, list[JournalBlock]]:
        """What there is to go on with; nothing where a new chain must begin."""
        if self._fresh or not self._journal_path.exists() or not journal.has_header(self._journal_path):
            return None, []
        header, blocks = journal.read(self._journal_path)
        if not self._actors:
            return header, blocks
        if header.seed != self.seed:
            progress(f"the chain so far has seed {header.seed}: a new chain begins")
            return None, []
        if len(blocks) > self._max_replay_blocks:
            progress(f"the chain so far has {len(blocks)} blocks, too many to play again: a new chain begins")
            return None, []
        return header, blocks

    def _launch_resumed(
        self, resources: ExitStack, header: Header | None, blocks: list[JournalBlock]
    ) -> tuple[World, Checkpoint | None]:
        """A node with the newest checkpoint that is the journal's, or with nothing."""
        base = checkpoints.newest(self.directory, len(blocks)) if self._actors and header is not None else None
        if base is not None:
            try:
                return self._launch(resources, header, base, blocks), base
            except (CheckpointUnusable, DevnetCrashed, ReplayDiverged, NodeUnavailable):
                base.path.unlink(missing_ok=True)
        return self._launch(resources, header), None

    def _launch(
        self,
        resources: ExitStack,
        header: Header | None,
        base: Checkpoint | None = None,
        blocks: Sequence[JournalBlock] = (),
    ) -> World:
        if self._anvil is not None:
            self._anvil.stop()
        genesis = directory.FIRST_GENESIS if header is None else header.genesis_timestamp
        self._anvil = node.start(self.directory, genesis, checkpoint=base, port=self._port, host=self._host)
        resources.callback(self._anvil.stop)
        with Rpc(self._anvil.url) as rpc:
            if base is not None:
                miner.adopt(rpc, blocks[base.number - 1])
            return build_world([Address(to_checksum_address(account)) for account in rpc.call("eth_accounts")])

    def _grow_resumed(
        self,
        resources: ExitStack,
        world: World,
        book: Journal,
        blocks: list[JournalBlock],
        base: Checkpoint | None,
        progress: Progress,
    ) -> Driver:
        if base is not None:
            try:
                return self._grow(resources, world, book, blocks, base, progress)
            except (ReplayDiverged, RpcError) as error:
                progress(f"the checkpoint is of no use: {error}")
                base.path.unlink(missing_ok=True)
                world = self._launch(resources, book.header)
        return self._grow(resources, world, book, blocks, None, progress)

    def _grow(
        self,
        resources: ExitStack,
        world: World,
        book: Journal,
        blocks: list[JournalBlock],
        base: Checkpoint | None,
        progress: Progress,
    ) -> Driver:
        rpc = resources.enter_context(Rpc(self._node.url))
        driver = Driver(rpc, world, book)
        known = 0 if base is None else base.number
        driver.skip(blocks[:known])
        for number in driver.replay(blocks[known:]):
            if number % 100 == 0:
                progress(f"playing the journal: block {number} of {len(blocks)}")
        missing = deploy.BLOCKS - driver.head.number
        if missing > 0:
            progress("deploying contracts, tokens and pools")
            driver.deploy(book.header.genesis_timestamp + 1)
        self._keeper = keeper = Checkpointer(self.directory, book.header.genesis_timestamp, base, driver.played)
        resources.callback(keeper.close)
        if not blocks and self._actors:
            for timestamp in self._past(driver.head.timestamp):
                driver.step(timestamp)
                if driver.head.number % 50 == 0:
                    progress(f"making a past: block {driver.head.number} of {deploy.BLOCKS + self._warm_up}")
        return driver

    def _past(self, after: int) -> Iterator[int]:
        first = int(time.time()) - self._warm_up * self._step_seconds
        for i in range(self._warm_up):
            yield max(after + 1 + i, first + i * self._step_seconds)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
