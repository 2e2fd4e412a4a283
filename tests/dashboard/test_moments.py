from datetime import UTC, datetime, timedelta, timezone

from django.template import Context, Template

AT = datetime(2026, 3, 1, 23, 59, 58, 123_456, tzinfo=UTC)


def shown(tag: str, at: datetime | None) -> str:
    return Template(f"{{% load moments %}}{{% {tag} %}}").render(Context({"at": at}))


def test_a_time_says_its_exact_utc() -> None:
    assert shown("moment at", AT) == (
        '<time datetime="2026-03-01T23:59:58Z" title="2026-03-01 23:59:58 UTC">2026-03-01 23:59 UTC</time>'
    )


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    assert shown("moment at", AT.astimezone(timezone(timedelta(hours=5, minutes=30)))) == shown("moment at", AT)


def test_what_never_was_says_so_in_the_words_that_are_asked_for() -> None:
    assert shown("moment at", None) == "never"
    assert shown('moment at "unknown"', None) == "unknown"
