"""What a chain's tokens were last worth: for display, never booked."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from api.statements import compiled
from trading.models import Market


def prices_of(chain_key: str) -> Mapping[str, float]:
    """Mid prices in whole quote tokens per whole token, by token; empty where nobody ever followed that chain."""
    return next(iter(_prices(chain_key)), {})


@compiled
def _prices(chain_key: str) -> QuerySet[Market, Any]:
    return Market.objects.filter(chain_key=chain_key).values_list("prices", flat=True)
