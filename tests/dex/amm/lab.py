"""The official contracts on a local node, for asking what they do with the same numbers as our models."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi import decode, encode
from eth_utils import keccak, to_checksum_address

from chain.devnet.anvil import NODE_MODULES, Anvil
from chain.devnet.artifacts import load
from chain.devnet.rpc import Rpc
from tests.dex.amm import evm

SUPPLY = (1 << 256) - 1
V3_SWAP = "0x" + keccak(text="Swap(address,address,int256,int256,uint160,uint128,int24)").hex()
GAS = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    to: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``revert`` is the reason string, empty for a revert without one, None for success."""

    revert: str | None
    data: bytes
    logs: Sequence[dict[str, Any]]

    def words(self, *types: str) -> tuple[Any, ...]:
        return decode(types, self.data)

    def swap_event(self) -> tuple[int, int, int, int, int]:
        """amount0, amount1, sqrtPriceX96, liquidity, tick of the only V3 Swap event."""
        (log,) = [log for log in self.logs if log["topics"][0] == V3_SWAP]
        return decode(("int256", "int256", "uint160", "uint128", "int24"), bytes.fromhex(log["data"][2:]))


def calldata(signature: str, *arguments: Any) -> bytes:
    types = signature[signature.index("(") + 1 : -1]
    return keccak(text=signature)[:4] + encode(types.split(",") if types else [], arguments)


class Lab:
    """One node with a pair of endless tokens; ``simulate`` runs calls one after the other and forgets them."""

    def __init__(self) -> None:
        self.anvil = Anvil(extra=("--gas-limit", str(10**15)))
        self.anvil.start()
        self.rpc = Rpc(self.anvil.url, timeout=120)
        self.account: str = to_checksum_address(self.rpc.call("eth_accounts")[0])
        tokens = [self.deploy_code(_test_token()) for _ in range(2)]
        self.token0, self.token1 = sorted(tokens, key=lambda address: int(address, 16))
        self.payer = self.deploy_code(evm.creation(evm.payer(self.token0, self.token1)))
        for token in (self.token0, self.token1):
            self.send(token, calldata("transfer(address,uint256)", self.payer, SUPPLY // 2))

    def close(self) -> None:
        self.rpc.close()
        self.anvil.stop()

    def deploy(self, name: str, types: Sequence[str] = (), arguments: Sequence[Any] = ()) -> str:
        return self.deploy_code(bytes.fromhex(load(name).bytecode[2:]) + encode(types, arguments))

    def deploy_code(self, code: bytes) -> str:
        return to_checksum_address(self._transact({"data": "0x" + code.hex()})["contractAddress"])

    def send(self, to: str, data: bytes) -> None:
        self._transact({"to": to, "data": "0x" + data.hex()})

    def pay(self, to: str, data: bytes) -> Call:
        """The call made by the payer, who answers the pool's callback."""
        return Call(to=self.payer, data=bytes.fromhex(to[2:]).rjust(32, b"\0") + data)

    def simulate(self, calls: Sequence[Call]) -> list[Outcome]:
        requests = [
            {"from": self.account, "to": call.to, "data": "0x" + call.data.hex(), "gas": hex(GAS)} for call in calls
        ]
        payload = {"blockStateCalls": [{"calls": requests}], "validation": False}
        (block,) = self.rpc.call("eth_simulateV1", payload, "latest")
        return [_outcome(result) for result in block["calls"]]

    def _transact(self, fields: dict[str, str]) -> dict[str, Any]:
        sent = self.rpc.call("eth_sendTransaction", {"from": self.account, "gas": hex(30_000_000), **fields})
        self.rpc.call("evm_mine")
        receipt: dict[str, Any] = self.rpc.call("eth_getTransactionReceipt", sent)
        assert receipt["status"] == "0x1", "a transaction of the set-up failed"
        return receipt


def _outcome(result: dict[str, Any]) -> Outcome:
    data = bytes.fromhex(result["returnData"][2:])
    if result["status"] == "0x1":
        return Outcome(revert=None, data=data, logs=result["logs"])
    reason = decode(("string",), data[4:])[0] if data[:4] == bytes.fromhex("08c379a0") else ""
    return Outcome(revert=reason, data=data, logs=())


def _test_token() -> bytes:
    """Creation code of the ERC-20 that the V2 pair's own tests use: its whole supply goes to the sender."""
    path = NODE_MODULES / "@uniswap" / "v2-core" / "build" / "ERC20.json"
    code = json.loads(path.read_text(encoding="utf-8"))["bytecode"].removeprefix("0x")
    return bytes.fromhex(code) + encode(("uint256",), (SUPPLY,))
