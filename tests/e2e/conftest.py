"""Every test gets a program with a migrated database and a chain that begins with the same past."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from chain.devnet.child import DevnetChild
from chain.devnet.devnet import Devnet
from tests.support.program import Program

ProgramMaker = Callable[..., Program]


@pytest.fixture(scope="session")
def prepared_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``make setup`` and a first start leave behind."""
    var = tmp_path_factory.mktemp("var")
    done = Program(var).run("migrate", "--verbosity", 0)
    assert done.returncode == 0, done.stderr
    with Devnet(var / "devnet", warm_up=120):
        pass
    return var


@pytest.fixture
def make_program(
    prepared_var: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[ProgramMaker]:
    programs: list[Program] = []

    def make(**environment: str) -> Program:
        var = tmp_path_factory.mktemp("program") / "var"
        shutil.copytree(prepared_var, var)
        programs.append(Program(var, environment))
        return programs[-1]

    with django_db_blocker.unblock():
        yield make
        for program in programs:
            program.stop_all()


@pytest.fixture(scope="session")
def living_chain(prepared_var: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a chain that makes three blocks a second for all tests that only look at it."""
    directory = tmp_path_factory.mktemp("living") / "devnet"
    shutil.copytree(prepared_var / "devnet", directory)
    with DevnetChild(directory, block_time=0.3) as child:
        yield child.url
