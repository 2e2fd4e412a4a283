from dex.market.tape import Tape


def tape(*numbers: int, floor: int = 0, keep: int = 3) -> Tape[int]:
    made: Tape[int] = Tape(keep=keep, block_of=lambda number: number)
    for number in numbers:
        made.append(number, floor=floor)
    return made


def test_a_view_holds_the_newest_items() -> None:
    assert tape(*range(50), floor=50).view().last() == (47, 48, 49)
    assert tape(*range(50), floor=50).view().last(2) == (48, 49)


def test_what_may_still_be_rewound_does_not_push_older_items_out() -> None:
    made = tape(*range(50), floor=9)
    made.rewind(9)
    assert made.view().last() == (7, 8, 9)


def test_what_can_no_longer_be_seen_is_let_go() -> None:
    made = tape(*range(10_000), floor=10_000)
    made.rewind(9_990)
    assert len(made.view().last()) <= 3
    assert made.view()._stop < 10


def test_a_view_outlives_a_rewind() -> None:
    made = tape(1, 2, 3)
    view = made.view()
    made.rewind(1)
    made.append(9, floor=0)
    assert view.last() == (1, 2, 3)
    assert made.view().last() == (1, 9)
