"""What the program stands on: database, Redis and its queues, workers, the feed."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from redis.exceptions import RedisError

from dashboard.parts import Ask
from dashboard.system.chains import followed_now
from paper_trading.feed import log as feed
from paper_trading.feed.envelope import SYSTEM, alerts_topic, gas_topic, market_topic, portfolio_topic
from paper_trading.services import health
from paper_trading.services.workers import worker_queues_lately

VENDORS = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
STATE_WORDS = {health.OK: "answers", health.AWAY: "does not answer", health.OFF: "not used"}


def state(ask: Ask, _: None) -> Mapping[str, Any]:
    database, redis = health.database_state(), health.redis_state()
    return {
        "vendor": VENDORS.get(connection.vendor, connection.vendor),
        "database": database,
        "database_words": STATE_WORDS[database],
        "redis": redis,
        "redis_words": STATE_WORDS[redis],
    }


def queues(ask: Ask, _: None) -> Mapping[str, Any]:
    """Asks the workers, which takes a moment: this part is had after the page."""
    return {
        "redis": health.redis_state(),
        "queues": health.queue_lengths(),
        "workers": worker_queues_lately(ask=True),
    }


def feed_state(ask: Ask, _: None) -> Mapping[str, Any]:
    """The visitor's own topics and those of everybody: each with its epoch, and how many frames it told in it."""
    chains = followed_now(ask.now)
    topics = [
        SYSTEM,
        portfolio_topic(ask.user_id),
        alerts_topic(ask.user_id),
        *(topic(chain) for chain in chains for topic in (market_topic, gas_topic)),
    ]
    try:
        marks = feed.heads(topics)
    except RedisError:
        return {"is_away": True, "topics": []}
    return {
        "is_away": False,
        "in_redis": health.redis_state() != health.OFF,
        "topics": [(topic, mark.epoch, mark.seq) for topic, mark in zip(topics, marks, strict=True)],
    }
