"""An account with a session, and fills made of plain numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.contrib.auth.models import User

from chain.source import GasSource
from dex.market.pools import Protocol
from dex.routing.plan import Hop, Path, SwapPlan
from dex.types import Address, BlockRef
from paper_trading.models import BotSession, PaperAccount, PaperTrade, TradeSide
from paper_trading.services.accounts import open_account
from paper_trading.services.booking import FillCosts, book_fill
from paper_trading.services.fill import Fill, FillStatus, Witness
from paper_trading.tokens import NATIVE
from trading.plan_json import dump

USDC = Address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48")
WETH = Address("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2")
WBTC = Address("0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599")
ROUTER = Address("0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D")
GENESIS = "0x" + "11" * 32
DEPOSITS = {USDC: 10_000_000_000, NATIVE: 10**18}
Deposits = Mapping[Address, int]
GAS = 100_000
PRICE = 3_000_000_000
FEE = GAS * PRICE


def block_at(number: int, *, fork: int = 0) -> BlockRef:
    return BlockRef(
        number=number,
        hash=f"0x{fork:032x}{number:032x}",
        parent_hash=f"0x{fork:032x}{number - 1:032x}",
        timestamp=1_750_000_000 + 12 * number,
        base_fee_per_gas=2_000_000_000,
    )


def new_account(*, user: User | None = None, name: str = "main", deposits: Deposits | None = None) -> PaperAccount:
    return open_account(
        user=User.objects.get_or_create(username="alice")[0] if user is None else user,
        name=name,
        chain_id=31337,
        chain_key=GENESIS,
        quote_token=USDC,
        deposits=DEPOSITS if deposits is None else deposits,
        block=block_at(0),
    )


def new_session(account: PaperAccount) -> BotSession:
    return BotSession.objects.create(account=account, user=account.user, chain="devnet", intel_level=5)


@dataclass
class World:
    account: PaperAccount
    session: BotSession
    block: int = 1

    def next_block(self) -> BlockRef:
        self.block += 1
        return block_at(self.block)

    def trade(self, side: TradeSide, token: Address, amount_in: int, *, exit_reason: str = "") -> PaperTrade:
        token_in, token_out = (USDC, token) if side == TradeSide.BUY else (token, USDC)
        plan = plan_for(self.account, token_in, token_out, amount_in, block_at(self.block))
        return PaperTrade.objects.create(
            session=self.session,
            account=self.account,
            sequence=PaperTrade.objects.filter(account=self.account).count() + 1,
            side=side,
            token_in=token_in,
            token_out=token_out,
            plan=dump(plan),
            decided_block=plan.decided_at.number,
            deadline=plan.deadline,
            amount_in=amount_in,
            quoted_out=plan.quoted_out,
            minimum_out=plan.minimum_out,
            exit_reason=exit_reason,
        )

    def buy(self, token: Address, paid: int, got: int, *, gas_quote: int = 0) -> PaperTrade:
        trade = self.trade(TradeSide.BUY, token, paid)
        book_fill(
            session=self.session,
            trade=trade,
            fill=fill_of(self.next_block(), paid, got),
            costs=FillCosts(gas_quote=gas_quote),
        )
        return trade

    def sell(self, token: Address, sold: int, got: int, *, gas_quote: int = 0, exit_reason: str = "") -> PaperTrade:
        trade = self.trade(TradeSide.SELL, token, sold, exit_reason=exit_reason)
        book_fill(
            session=self.session,
            trade=trade,
            fill=fill_of(self.next_block(), sold, got),
            costs=FillCosts(gas_quote=gas_quote),
        )
        return trade

    def revert(self, side: TradeSide, token: Address, amount_in: int, *, gas_quote: int = 0) -> PaperTrade:
        trade = self.trade(side, token, amount_in)
        book_fill(
            session=self.session, trade=trade, fill=revert_in(self.next_block()), costs=FillCosts(gas_quote=gas_quote)
        )
        return trade


def new_world(*, deposits: Deposits | None = None) -> World:
    account = new_account(deposits=deposits)
    return World(account=account, session=new_session(account))


def plan_for(account: PaperAccount, token_in: Address, token_out: Address, amount: int, block: BlockRef) -> SwapPlan:
    pool = Address("0xB4e16d0168e52d35CaCD2c6185b44281Ec28C9Dc")
    hop = Hop(pool=pool, protocol=Protocol.V2, token_in=token_in, token_out=token_out, fee_pips=3000)
    return SwapPlan(
        chain_id=account.chain_id,
        sender=Address(account.address),
        router=ROUTER,
        calldata=bytes.fromhex("38ed1739") + amount.to_bytes(32, "big"),
        token_in=token_in,
        token_out=token_out,
        amount_in=amount,
        quoted_out=1000,
        minimum_out=990,
        path=Path(hops=(hop,)),
        deadline=block.timestamp + 120,
        max_fee_per_gas=10**11,
        max_priority_fee_per_gas=10**9,
        decided_at=block,
    )


def fill_of(block: BlockRef, amount_in: int, amount_out: int) -> Fill:
    return Fill(
        block=block,
        status=FillStatus.FILLED,
        amount_in=amount_in,
        amount_out=amount_out,
        model_amount_out=amount_out,
        node_amount_out=amount_out,
        witness=Witness.BOTH,
        revert_reason=None,
        gas_used=GAS,
        gas_source=GasSource.SIMULATED,
        base_fee=2_000_000_000,
        tip=1_000_000_000,
        l1_fee=0,
        fee_paid=FEE,
    )


def revert_in(block: BlockRef) -> Fill:
    return replace(
        fill_of(block, 1, 0), status=FillStatus.REVERTED, amount_in=0, revert_reason="UniswapV2Router: EXPIRED"
    )
