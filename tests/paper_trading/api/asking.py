"""Requests below ``/paper-trading/api/`` and what they must answer."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from tests.support.api_client import error_of

ROOT = "/paper-trading/api/"


@dataclass(frozen=True)
class Asker:
    client: Client

    def get(self, path: str, *, status: int = 200) -> Any:
        answer = self.client.get(ROOT + path)
        assert answer.status_code == status, answer.content
        return answer.json()

    def post(self, path: str, body: Any = None, *, status: int = 200, headers: dict[str, str] | None = None) -> Any:
        return self._send("post", path, {} if body is None else body, status, headers or {})

    def patch(self, path: str, body: Any, *, status: int = 200) -> Any:
        return self._send("patch", path, body, status, {})

    def results(self, path: str) -> list[dict[str, Any]]:
        return list(self.get(path)["results"])

    def ids(self, path: str) -> list[int]:
        return [row["id"] for row in self.results(path)]

    def refused(self, path: str, body: Any, *, status: int = 400) -> dict[str, Any]:
        """The messages by field of a POST that must be refused."""
        error = self.post(path, body, status=status)
        return dict(error["error"]["fields"])

    def csv(self, path: str) -> list[dict[str, str]]:
        answer = self.client.get(ROOT + path)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/csv")
        return list(csv.DictReader(io.StringIO(b"".join(answer).decode())))

    def _send(self, method: str, path: str, body: Any, status: int, headers: dict[str, str]) -> Any:
        content = body if isinstance(body, str) else json.dumps(body)
        answer = getattr(self.client, method)(
            ROOT + path, data=content, content_type="application/json", headers=headers
        )
        assert answer.status_code == status, answer.content
        if status >= 400:
            error_of(answer)
        return answer.json()
