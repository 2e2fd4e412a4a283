"""The standing thought of each token: what a session thinks of it now."""

from django.db.models import Max, QuerySet

from api.statements import compiled
from paper_trading.models import Decision
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row


@compiled
def standing_thoughts(user_id: int, session_id: int) -> QuerySet[Decision, Row]:
    """The newest decision about each token, by token; one query.

    What a reorg took away can have a higher block: the newest is the one that was written last.
    """
    newest = Decision.objects.filter(session=session_id).order_by().values("token").annotate(newest=Max("pk"))
    return owned.whole_decision_rows(user_id).filter(pk__in=newest.values("newest")).order_by("token")
