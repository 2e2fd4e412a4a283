"""Many rows of one user, written in bulk: the books of a bot after a year. Import it after Django is set up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model

from dex.types import Address
from paper_trading.models import (
    Book,
    BotSession,
    CommandKind,
    CommandStatus,
    Decision,
    FillReceipt,
    LedgerEntry,
    LedgerPosting,
    PaperAccount,
    PaperTrade,
    Position,
    PositionStatus,
    PostingKind,
    SessionCommand,
    SessionStatus,
    TradeSide,
    TradeStatus,
)
from trading.models import Candle, Chain, Market, Pool, Token
from trading.networks import networks

DEVNET = networks()["devnet"]
QUOTE = DEVNET.quote_token
TRADED = [token.address for token in DEVNET.tokens if token.address != QUOTE]
START = datetime(2025, 1, 1, tzinfo=UTC)
GENESIS = "0x" + "11" * 32
ROUTER = DEVNET.v2[0].router
BATCH = 2_000
SESSIONS = 50
CANDLES = 10_000


def fill(user: User, rows: int) -> None:
    """``rows`` trades and as many decisions, receipts and postings, half as many positions, thrice as many entries."""
    chain = Chain.objects.create(chain_id=DEVNET.chain_id, name=DEVNET.name)
    market_rows(chain)
    account = PaperAccount.objects.create(
        user=user,
        name="main",
        chain_id=DEVNET.chain_id,
        chain_key=GENESIS,
        address="0x" + "a" * 40,
        quote_token=QUOTE,
        created_at=START,
    )
    sessions = _sessions(account)
    bulk(SessionCommand, 200, lambda i: command_row(sessions[-1], i))
    bulk(Decision, rows, lambda i: decision_row(sessions[i * SESSIONS // rows], i))
    positions = bulk(Position, rows // 2, lambda i: position_row(sessions[2 * i * SESSIONS // rows], i, rows // 2))
    trades = bulk(PaperTrade, rows, lambda i: trade_row(sessions[i * SESSIONS // rows], positions[i // 2], i))
    bulk(FillReceipt, rows, lambda i: receipt_row(trades[i], i))
    postings = bulk(LedgerPosting, rows, lambda i: posting_row(account, trades[i], i))
    bulk(LedgerEntry, 3 * rows, lambda i: entry_row(account, postings[i // 3], trades[i // 3], i))


def bulk(model: type[Model], count: int, row: Callable[[int], Any]) -> list[Any]:
    written: list[Any] = []
    for start in range(0, count, BATCH):
        written += model._default_manager.bulk_create([row(i) for i in range(start, min(count, start + BATCH))])
    return written


def market_rows(chain: Chain) -> None:
    tokens = Token.objects.bulk_create(
        Token(chain=chain, address=one.address, symbol=one.symbol, decimals=one.decimals) for one in DEVNET.tokens
    )
    Pool.objects.bulk_create(
        Pool(chain=chain, address=f"0x{i:040x}", protocol="v2", token0=tokens[1], token1=token, fee_pips=3000)
        for i, token in enumerate(tokens)
        if token.address != QUOTE
    )
    market = Market.objects.create(
        chain=chain,
        chain_key=GENESIS,
        quote_token=QUOTE,
        head_number=1_000_000,
        head_hash="0x" + "22" * 32,
        head_time=START,
        base_fee=10**9,
        prices=dict.fromkeys(TRADED, 2_000.5),
    )
    bulk(Candle, CANDLES, lambda i: _candle(market, i))


def _candle(market: Market, i: int) -> Candle:
    opened = START + timedelta(minutes=i)
    return Candle(
        market=market,
        token=TRADED[0],
        opened_at=opened,
        open=1.5,
        high=2.5,
        low=1.0,
        close=2.0,
        volume=10**18,
        trades=3,
    )


def _sessions(account: PaperAccount) -> list[BotSession]:
    return [
        BotSession.objects.create(
            account=account,
            user=account.user,
            name=f"session {i}",
            chain="devnet",
            intel_level=8,
            status=SessionStatus.RUNNING if i == SESSIONS - 1 else SessionStatus.ENDED,
            cursor_block=1_000_000,
            start_equity=10**10,
            equity=10**10 + i,
            created_at=START + timedelta(days=i),
        )
        for i in range(SESSIONS)
    ]


def command_row(session: BotSession, i: int) -> SessionCommand:
    return SessionCommand(
        session=session, user=session.user, kind=CommandKind.EXIT_ALL, key=str(i), status=CommandStatus.DONE
    )


def decision_row(session: BotSession, i: int) -> Decision:
    reading = {
        "signal": "momentum",
        "score": 0.25,
        "confidence": 0.5,
        "expected_move_bps": 12.5,
        "reason": "the price rises",
        "evidence": [{"name": "slope", "value": 1.5, "unit": "bps"}],
    }
    return Decision(
        session=session,
        block_number=i,
        block_hash=f"0x{i:064x}",
        last_block=i,
        token=_token(i),
        action="hold",
        code="no_edge",
        edge_bps=-12,
        confidence_pct=40,
        reasons=["the costs are higher than the expected move"],
        readings=[reading] * 4,
        created_at=_time(i),
    )


def position_row(session: BotSession, i: int, count: int) -> Position:
    is_open = i >= count - len(TRADED)
    return Position(
        session=session,
        account=session.account,
        generation=1,
        token=TRADED[i % len(TRADED)],
        status=PositionStatus.OPEN if is_open else PositionStatus.CLOSED,
        quantity=10**17 if is_open else 0,
        bought=10**17,
        cost=10**8,
        proceeds=0 if is_open else 10**8 + i,
        fees_quote=10**4,
        result=None if is_open else i - 10**4,
        exit_reason="" if is_open else "take_profit",
        opened_block=2 * i,
        opened_at=_time(2 * i),
        closed_block=None if is_open else 2 * i + 1,
        closed_at=None if is_open else _time(2 * i + 1),
        created_at=_time(2 * i),
    )


def trade_row(session: BotSession, position: Position, i: int) -> PaperTrade:
    buys = i % 2 == 0
    give, take = (QUOTE, position.token) if buys else (position.token, QUOTE)
    return PaperTrade(
        session=session,
        account=session.account,
        position=position,
        sequence=i + 1,
        side=TradeSide.BUY if buys else TradeSide.SELL,
        token_in=give,
        token_out=take,
        status=TradeStatus.FILLED,
        exit_reason="" if buys else "take_profit",
        plan=_plan(give, take, i),
        decided_block=i,
        deadline=i + 100,
        amount_in=10**8,
        quoted_out=10**17,
        minimum_out=9 * 10**16,
        block_number=i,
        block_hash=f"0x{i:064x}",
        block_time=_time(i),
        amount_out=10**17,
        gas_used=120_000,
        fee_paid=10**14,
        gas_quote=5_000,
        pool_fee_quote=300,
        impact_quote=20,
        drift_quote=-3,
        created_at=_time(i),
    )


def _plan(give: Address, take: Address, i: int) -> dict[str, Any]:
    hop = {"pool": f"0x{1:040x}", "protocol": "v2", "token_in": give, "token_out": take, "fee_pips": "3000"}
    block = {"number": str(i), "hash": f"0x{i:064x}", "parent_hash": f"0x{i:064x}", "timestamp": str(i)}
    return {
        "chain_id": str(DEVNET.chain_id),
        "sender": "0x" + "a" * 40,
        "router": ROUTER,
        "calldata": "0x" + "ab" * 200,
        "token_in": give,
        "token_out": take,
        "amount_in": str(10**8),
        "quoted_out": str(10**17),
        "minimum_out": str(9 * 10**16),
        "path": [hop],
        "deadline": str(i + 100),
        "max_fee_per_gas": str(10**10),
        "max_priority_fee_per_gas": str(10**9),
        "decided_at": {**block, "base_fee_per_gas": str(10**9), "gas_used": None, "gas_limit": None},
    }


def receipt_row(trade: PaperTrade, i: int) -> FillReceipt:
    return FillReceipt(
        trade=trade,
        account=trade.account,
        sequence=i + 1,
        chain_id=DEVNET.chain_id,
        block_number=i,
        block_hash=f"0x{i:064x}",
        decision_block=i,
        decision_hash=f"0x{i:064x}",
        sender="0x" + "a" * 40,
        router=ROUTER,
        calldata="0x" + "ab" * 200,
        token_in=trade.token_in,
        token_out=trade.token_out,
        amount_in=10**8,
        amount_out=10**17,
        minimum_out=9 * 10**16,
        balance_in=10**9,
        balance_out=0,
        native_balance=10**18,
        model_amount_out=10**17,
        node_amount_out=10**17,
        witness="both",
        status="filled",
        gas_used=120_000,
        gas_source="simulated",
        base_fee=10**9,
        tip=10**8,
        l1_fee=0,
        fee_paid=10**14,
        previous_hash=f"0x{i:064x}",
        hash=f"0x{i + 1:064x}",
        created_at=_time(i),
    )


def posting_row(account: PaperAccount, trade: PaperTrade, i: int) -> LedgerPosting:
    return LedgerPosting(
        account=account,
        kind=PostingKind.SWAP,
        generation=1,
        block_number=i,
        block_hash=f"0x{i:064x}",
        trade=trade,
        created_at=_time(i),
    )


def entry_row(account: PaperAccount, posting: LedgerPosting, trade: PaperTrade, i: int) -> LedgerEntry:
    book = (Book.WALLET, Book.WALLET, Book.MARKET)[i % 3]
    return LedgerEntry(
        posting=posting,
        account=account,
        book=book,
        token=trade.token_in if i % 3 == 0 else trade.token_out,
        amount=-(10**8) if i % 3 == 0 else 10**17,
        balance_after=10**18 if book == Book.WALLET else None,
    )


def _token(i: int) -> str:
    return TRADED[i % len(TRADED)]


def _time(i: int) -> datetime:
    return START + timedelta(minutes=10 * i)
