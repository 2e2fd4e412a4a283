"""The standing thought of each token: what a session thinks of it now."""

from django.db.models import Max

from paper_trading.models import BotSession, Decision


def standing_thoughts(session: BotSession) -> list[Decision]:
    """The newest decision about each token, with session and account, by token; one query.

    What a reorg took away can have a higher block: the newest is the one that was written last.
    """
    newest = Decision.objects.filter(session=session).order_by().values("token").annotate(newest=Max("pk"))
    rows = Decision.objects.filter(pk__in=newest.values("newest")).select_related("session__account")
    return list(rows.order_by("token"))
