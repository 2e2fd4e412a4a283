"""The one way in which the local chain's node is set up: live, resumed from a checkpoint, or in the background."""

from contextlib import ExitStack
from pathlib import Path

from chain.devnet import deploy
from chain.devnet.anvil import LOOPBACK, Anvil
from chain.devnet.checkpoints import Checkpoint
from chain.devnet.world import ACCOUNTS, CHAIN_ID

_BALANCE_ETHER = 1_000_000
_GENESIS_BASE_FEE = 2 * 10**9
_ASIDE = 10


def start(
    directory: Path,
    genesis_timestamp: int,
    *,
    checkpoint: Checkpoint | None = None,
    port: int | None = None,
    host: str = LOOPBACK,
    background: bool = False,
) -> Anvil:
    """A running node. Raises ``PortBusy``, ``ConfigurationError``, ``DevnetCrashed`` and ``CheckpointUnusable``.

    In the background it steps aside for everybody else and forgets the transactions of past blocks, which make up nine
    tenths of a dump.
    """
    with ExitStack() as unpacked:
        extra: list[str] = ["--balance", str(_BALANCE_ETHER), "--gas-limit", str(deploy.GAS_LIMIT)]
        extra += ["--block-base-fee-per-gas", str(_GENESIS_BASE_FEE)]
        if checkpoint is not None:
            extra += ["--load-state", str(unpacked.enter_context(checkpoint.unpacked()))]
        if background:
            extra += ["--transaction-block-keeper", "1"]
        node = Anvil(
            port=port,
            host=host,
            chain_id=CHAIN_ID,
            accounts=ACCOUNTS,
            genesis_timestamp=genesis_timestamp,
            scratch_parent=directory,
            history=not background,
            niceness=_ASIDE if background else 0,
            extra=extra,
        )
        node.start()
    return node
