"""The base of every list: filters and orderings from allow-lists, pages, CSV; subclasses say what and in what shape."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.csv_export import csv_response
from api.pages import DEFAULT_LIMIT, MOST_CURSOR, MOST_LIMIT, Order, Page, first_page, page_url, read_page
from api.parameters import Parameter, choice, line, whole
from api.statements import compiled
from api.views import ApiView

CSV_BATCH = 1_000
KEPT = 128
"""Statements of first pages that the process keeps."""

Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """``lookup`` is a queryset keyword (``block_number__gte``), or a function of (queryset, value, request)."""

    parameter: Parameter
    lookup: str | Callable[[Rows, Any, Request], Rows]

    def apply(self, queryset: Rows, value: Any, request: Request) -> Rows:
        if callable(self.lookup):
            return self.lookup(queryset, value, request)
        return queryset.filter(**{self.lookup: value})


class ListApi(ApiView):
    """GET of one page, or with ``format=csv`` of all rows that the filters leave.

    ``rows`` gives what a user may see, unordered, as a ``values_list`` with names; it is called with the user's id and
    what the address names. ``row`` documents what ``shape`` makes and names the columns of the CSV.
    ``orderings`` are public names with their columns, which are never null; ``-name`` descends. ``default_ordering`` is
    such a name. ``csv_name`` is the export's file name, empty for a list without one. ``operation`` and ``summary`` are
    its names in the schema.
    """

    operation: ClassVar[str]
    summary: ClassVar[str]
    rows: ClassVar[Callable[..., Rows]]
    row: ClassVar[type[serializers.Serializer[Any]]]
    filters: ClassVar[Mapping[str, Filter]] = {}
    orderings: ClassVar[Mapping[str, str]] = {"id": "id"}
    default_ordering: ClassVar[str] = "-id"
    csv_name: ClassVar[str] = ""

    def check(self, user_id: int) -> None:
        """Raises ``NotFound`` where what the address names is not the user's."""

    def shape(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """One plain dict for each row; as many queries for many rows as for few."""
        raise NotImplementedError

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        self.check(self._names(request)[0])
        if self.csv_name and self._wants_csv(request):
            queryset = self._filtered(request)
            return csv_response(
                request._request, name=self.csv_name, row=self.row, batches=lambda: self._batches(queryset)
            )
        page = self._page(request)
        return Response(
            {
                "next": page_url(request, page.next),
                "previous": page_url(request, page.previous),
                "results": self.shape(page.rows),
            }
        )

    @classmethod
    @cache
    def list_parameters(cls) -> Mapping[str, Parameter]:
        """Every query parameter of the list."""
        names = [sign + name for name in cls.orderings for sign in ("", "-")]
        common = {
            "cursor": line(longest=MOST_CURSOR, description="from `next` or `previous` of another page"),
            "limit": whole(minimum=1, maximum=MOST_LIMIT, default=DEFAULT_LIMIT, description="rows on a page"),
            "ordering": choice(names, default=cls.default_ordering, description="`-` for descending"),
        }
        if cls.csv_name:
            common["format"] = choice(("json", "csv"), default="json", description="`csv` gives all rows at once")
        return {**{name: chosen.parameter for name, chosen in cls.filters.items()}, **cls.parameters, **common}

    def known_parameters(self, method: str) -> Mapping[str, Parameter]:
        return self.list_parameters() if method in ("GET", "HEAD") else {}

    @classmethod
    @lru_cache(maxsize=KEPT)
    def first_rows(cls, order: Order, count: int) -> Callable[..., list[Any]]:
        """The beginning of the list where nothing is filtered from it, which is what is asked for most."""
        return compiled(lambda *names: cls.rows(*names).order_by(*order.columns(reverse=False))[:count])

    def _page(self, request: Request) -> Page:
        order, cursor, limit, salt = self._order(), self.query["cursor"], self.query["limit"], type(self).__qualname__
        if cursor is None and all(self.query[name] is None for name in self.filters):
            found = self.first_rows(order, limit + 1)(*self._names(request))
            return first_page(found, order=order, limit=limit, salt=salt)
        return read_page(self._filtered(request), order=order, cursor=cursor, limit=limit, salt=salt)

    def _names(self, request: Request) -> tuple[int, ...]:
        """The user's id, and what the address names."""
        return (cast(int, request.user.pk), *self.kwargs.values())

    def _filtered(self, request: Request) -> Rows:
        queryset = type(self).rows(*self._names(request))
        for name, chosen in self.filters.items():
            value = self.query[name]
            if value is not None:
                queryset = chosen.apply(queryset, value, request)
        return queryset

    def _order(self) -> Order:
        name: str = self.query["ordering"]
        return Order(column=self.orderings[name.removeprefix("-")], descending=name.startswith("-"))

    def _wants_csv(self, request: Request) -> bool:
        accepted = request.headers.get("Accept", "").partition(",")[0].partition(";")[0].strip().lower()
        return self.query["format"] == "csv" or accepted == "text/csv"

    def _batches(self, queryset: Rows) -> Iterator[list[dict[str, Any]]]:
        """All rows by the same keyset as the pages: no long-lived cursor holds a connection's snapshot open."""
        order = self._order()
        rows = list(queryset.order_by(*order.columns(reverse=False))[:CSV_BATCH])
        while rows:
            yield self.shape(rows)
            key, pk = order.position(rows[-1])
            following = queryset.filter(order.after(key, pk, reverse=False))
            rows = list(following.order_by(*order.columns(reverse=False))[:CSV_BATCH]) if len(rows) == CSV_BATCH else []
