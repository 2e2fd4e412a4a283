"""The base of every list: filters and orderings from allow-lists, pages, CSV; subclasses say what and in what shape."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.csv_export import csv_response
from api.pages import DEFAULT_LIMIT, MOST_CURSOR, MOST_LIMIT, Order, page_url, read_page
from api.parameters import Parameter, choice, line, whole
from api.views import ApiView

CSV_BATCH = 1_000

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

    ``row`` documents what ``shape`` makes and names the columns of the CSV. ``orderings`` are public names with their
    columns, which are never null; ``-name`` descends. ``default_ordering`` is such a name. ``csv_name`` is the export's
    file name, empty for a list without one. ``operation`` and ``summary`` are its names in the schema.
    """

    operation: ClassVar[str]
    summary: ClassVar[str]
    row: ClassVar[type[serializers.Serializer[Any]]]
    filters: ClassVar[Mapping[str, Filter]] = {}
    orderings: ClassVar[Mapping[str, str]] = {"id": "id"}
    default_ordering: ClassVar[str] = "-id"
    csv_name: ClassVar[str] = ""

    def queryset(self, request: Request) -> Rows:
        """The rows that the user of ``request`` may see, unordered."""
        raise NotImplementedError

    def shape(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """One plain dict for each row; as many queries for many rows as for few."""
        raise NotImplementedError

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        queryset = self._filtered(request)
        if self.csv_name and self._wants_csv(request):
            return csv_response(
                request._request, name=self.csv_name, row=self.row, batches=lambda: self._batches(queryset)
            )
        page = read_page(
            queryset,
            order=self._order(),
            cursor=self.query["cursor"],
            limit=self.query["limit"],
            salt=type(self).__qualname__,
        )
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

    def _filtered(self, request: Request) -> Rows:
        queryset = self.queryset(request)
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
