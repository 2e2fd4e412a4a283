"""Double entries: what an account owns is the sum of its entries and nothing else."""

from django.db import models
from django.utils import timezone

from paper_trading.models.account import PaperAccount
from paper_trading.models.append_only import AppendOnly, AppendOnlyQuerySet
from paper_trading.models.trade import PaperTrade
from trading.fields import SignedAmountField, Uint256Field


class PostingKind(models.TextChoices):
    OPENING = "opening"
    SWAP = "swap"
    GAS = "gas"
    REVERSAL = "reversal"
    RESET = "reset"


class Book(models.TextChoices):
    """Where an amount is: with us, swapped to the market, burned as fees, or put in by the owner."""

    WALLET = "wallet"
    MARKET = "market"
    NETWORK = "network"
    CAPITAL = "capital"


class LedgerPosting(AppendOnly):
    """One event in the books; its entries sum to zero in every token."""

    account = models.ForeignKey(PaperAccount, on_delete=models.PROTECT, related_name="postings", db_index=False)
    kind = models.CharField(max_length=10, choices=PostingKind.choices)
    generation = models.PositiveIntegerField()
    block_number = models.PositiveBigIntegerField()
    block_hash = models.CharField(max_length=66)
    trade = models.ForeignKey(PaperTrade, on_delete=models.PROTECT, null=True, blank=True, related_name="postings")
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by")
    created_at = models.DateTimeField(default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "id"], name="posting_of_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} at block {self.block_number}"


class LedgerEntry(AppendOnly):
    """``amount`` base units of ``token`` into (above zero) or out of ``book``.

    ``balance_after`` is what the wallet holds of the token once the entry counts, written under the account's lock, so
    that a balance is one look-up however long the history; None in the other books. The sum stays the truth: a
    statement that is not the sum of the entries up to its own is found by ``check_ledger``, and one below zero cannot
    be stored.
    """

    posting = models.ForeignKey(LedgerPosting, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(PaperAccount, on_delete=models.PROTECT, related_name="entries")
    book = models.CharField(max_length=8, choices=Book.choices)
    token = models.CharField(max_length=42)
    amount = SignedAmountField()
    balance_after = Uint256Field(null=True, blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "book", "token", "id"], name="entry_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(book=Book.WALLET, balance_after__isnull=False)
                | (~models.Q(book=Book.WALLET) & models.Q(balance_after__isnull=True)),
                name="wallet_entries_state_their_balance",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.book} {self.amount:+d} {self.token}"
