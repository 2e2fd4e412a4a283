"""``SESSION_ENGINE``: Django's sessions in the database, of which the database does not know the keys."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from wallet.digests import stored_session_key


class SessionStore(DatabaseStore):
    """A row is found by a digest of its cookie: whoever reads the database, or a backup of it, is not logged in."""

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_session_key(session_key))

    async def aexists(self, session_key: str) -> bool:
        return await super().aexists(stored_session_key(session_key))

    def create_model_instance(self, data: Any) -> Any:
        return _digested(super().create_model_instance(data))

    async def acreate_model_instance(self, data: Any) -> Any:
        return _digested(await super().acreate_model_instance(data))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(stored_session_key(key))

    async def adelete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            await super().adelete(stored_session_key(key))

    def _get_session_from_db(self) -> Any:
        return self._known(self._rows().first())

    async def _aget_session_from_db(self) -> Any:
        return self._known(await self._rows().afirst())

    def _rows(self) -> QuerySet[Session]:
        key = stored_session_key(self.session_key or "")
        return Session.objects.filter(session_key=key, expire_date__gt=timezone.now())

    def _known(self, found: Session | None) -> Session | None:
        if found is None:
            # A key that somebody made up must not become the key of a session.
            self._session_key = None
        return found


def _digested(made: Any) -> Any:
    made.session_key = stored_session_key(made.session_key)
    return made
