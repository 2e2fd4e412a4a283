"""What is done to the hosts, and how long their sessions stand still for it."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import close_old_connections

from benchmarks.live_loop import percentile
from tests.support import fleet
from tests.support.hosts import Daemon, Row, Stack, Watch, owner_of, rows
from tests.support.private_postgres import PrivatePostgres
from tests.support.redis_server import RedisServer

Figures = dict[str, object]
RESUMED_SECONDS = 15.0
HANDED_OVER_SECONDS = 3.0
SIGTERM_ROUNDS = 5
STOPPED_SECONDS = 20.0


@dataclass(slots=True)
class Scene:
    """Two hosts over ``sessions`` sessions; ``faults`` are sentences about what must not be."""

    stack: Stack
    postgres: PrivatePostgres
    redis: RedisServer
    sessions: int
    rounds: int
    chance: random.Random
    hosts: list[Daemon] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def require(self, condition: bool, fault: str) -> None:
        if not condition:
            self.faults.append(fault)
            print(f"FAULT: {fault}", flush=True)

    def database(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.stack.database_url, autocommit=True)

    def live(self) -> dict[int, Row]:
        with self.database() as database:
            return {pk: row for pk, row in rows(database).items() if row.status == "running"}

    def until_moved(self, before: dict[int, Row], *, not_by: str = "") -> float:
        """The seconds until every session of ``before`` has booked a block again."""
        with self.database() as database:
            return self.stack.wait(lambda: fleet.moved(database, before, not_by=not_by), "some session stands still")

    def held_by(self, host: Daemon) -> dict[int, Row]:
        owner = owner_of(self.stack.database_url, host.pid)
        return {pk: row for pk, row in self.live().items() if row.owner == owner}

    def victim(self) -> Daemon:
        """One of the hosts that run sessions."""
        return self.chance.choice([host for host in self.hosts if self.held_by(host)])

    def replace(self, gone: Daemon) -> Daemon:
        self.hosts.remove(gone)
        self.hosts.append(self.stack.start_host(ready=False))
        return self.hosts[-1]

    def until_ready(self, host: Daemon) -> None:
        url = self.stack.database_url
        self.stack.wait(lambda: owner_of(url, host.pid) != "", "the new host does not start", alive=host)

    def check_books(self, what: str) -> None:
        for problem in fleet.problems():
            self.require(False, f"{what}: {problem}")

    @contextmanager
    def watched(self) -> Iterator[Watch]:
        watch = Watch(self.stack)
        watch.start()
        try:
            yield watch
        finally:
            watch.close()


def kill(scene: Scene) -> Figures:
    """Every second victim stays a zombie: its number is taken, so its sessions are free only when their leases end."""
    seconds: list[float] = []
    moved: list[int] = []
    for number in range(scene.rounds):
        time.sleep(scene.chance.uniform(1.0, 3.0))
        victim = scene.victim()
        owner, before = owner_of(scene.stack.database_url, victim.pid), scene.held_by(victim)
        victim.kill(reap=number % 2 == 0)
        fresh = scene.replace(victim)
        seconds.append(scene.until_moved(before, not_by=owner))
        moved.append(len(before))
        scene.until_ready(fresh)
        held = [len(scene.held_by(host)) for host in scene.hosts]
        print(f"kill {number + 1}: {len(before)} sessions back after {seconds[-1]:.1f} s, now {held}", flush=True)
        scene.require(seconds[-1] <= RESUMED_SECONDS, f"kill {number + 1}: {seconds[-1]:.1f} s until all went on")
        scene.check_books(f"kill {number + 1}")
    return {
        "rounds": scene.rounds,
        "sessions_moved": sum(moved),
        "most_at_once": max(moved, default=0),
        "resumed_seconds_p50": percentile([round(one, 2) for one in seconds], 50),
        "resumed_seconds_max": round(max(seconds, default=0.0), 2),
    }


def sigterm(scene: Scene) -> Figures:
    gaps: list[float] = []
    blocks: list[float] = []
    exits: list[float] = []
    for number in range(SIGTERM_ROUNDS):
        with scene.watched() as watch:
            time.sleep(scene.chance.uniform(3.0, 4.0))
            victim = scene.victim()
            owner, before = owner_of(scene.stack.database_url, victim.pid), scene.held_by(victim)
            asked = time.monotonic()
            victim.terminate()
            scene.require(victim.end() == 0, f"sigterm {number + 1}: the host ended with an error")
            exits.append(round(time.monotonic() - asked, 2))
            scene.until_moved(before, not_by=owner)
            time.sleep(1.5)
            gap, block = watch.gaps()
        gaps.append(round(gap, 2))
        blocks.append(round(block, 2))
        print(f"sigterm {number + 1}: {len(before)} sessions, gap {gap:.2f} s, chain's own {block:.2f} s", flush=True)
        scene.require(gap <= HANDED_OVER_SECONDS, f"sigterm {number + 1}: a session stood still for {gap:.2f} s")
        scene.until_ready(scene.replace(victim))
        scene.check_books(f"sigterm {number + 1}")
    return {"gap_seconds": gaps, "chain_gap_seconds": blocks, "host_exit_seconds": exits}


def postgres(scene: Scene) -> Figures:
    """First a crash with an immediate restart, then a server that is away for 20 s."""
    figures: Figures = {}
    for name, away in (("crash", 0.0), ("stopped", STOPPED_SECONDS)):
        hosts, before = [host.pid for host in scene.hosts], scene.live()
        scene.postgres.stop("immediate" if away == 0.0 else "fast")
        down = time.monotonic()
        time.sleep(away)
        scene.postgres.start()
        close_old_connections()
        took = scene.until_moved(before)
        figures[f"{name}_resumed_seconds"] = round(took, 2)
        figures[f"{name}_standstill_seconds"] = round(time.monotonic() - down, 2)
        scene.require(all(host.alive for host in scene.hosts), f"postgres {name}: a host ended")
        after = scene.live()
        figures[f"{name}_kept_their_host"] = sum(after[pk].owner == row.owner for pk, row in before.items())
        scene.require(len(after) == len(before), f"postgres {name}: {len(before) - len(after)} sessions ended")
        scene.require(took <= RESUMED_SECONDS, f"postgres {name}: {took:.1f} s until all went on")
        print(f"postgres {name}: all go on {took:.1f} s after the server is back, hosts {hosts}", flush=True)
        time.sleep(3.0)
        scene.check_books(f"postgres {name}")
    return figures
