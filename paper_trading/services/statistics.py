from django.db import connection

ENTRIES = 1_000
"""So many entries of each index are looked at: a tenth of a second, however large the tables are."""


def refresh_statistics() -> None:
    """Tell SQLite how many rows belong to one key of each index, as PostgreSQL finds out by itself.

    Without that it takes an account's 100,000 trades for a few, and reads them all to find one decision's.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit={ENTRIES}")
        cursor.execute("ANALYZE")
