"""Reads many entries of one contract's view function in one ``eth_call``, without any contract of ours on the chain.

``eth_call`` without ``to`` runs its data as creation code and returns what that returns. The code here calls
``target.function(argument)`` for each argument appended to it and returns the first words of every answer. A zero word
goes before them, because a node may refuse created code that begins with 0xEF (EIP-3541).
"""

from collections.abc import Sequence

from chain.hexes import word, words

Request = tuple[str, list[object]]
CALLS_LIMIT = 96
"""Arguments in one request: created code stays under EIP-170's 24,576 bytes and far under any gas limit."""
_ARGUMENT = 0x04
_LEAD = 0x40
_RESULTS = 0x60


def scan_requests(
    target: str, selector: str, arguments: Sequence[int], *, result_words: int, pinned: object
) -> list[Request]:
    """``eth_call``s that together ask ``target`` for every one of ``arguments`` (signed ints, one word each)."""
    parts = [arguments[i : i + CALLS_LIMIT] for i in range(0, len(arguments), CALLS_LIMIT)]
    return [("eth_call", [{"data": _program(target, selector, part, result_words)}, pinned]) for part in parts]


def scan_results(answers: Sequence[str], *, result_words: int) -> list[list[int]]:
    """For each argument, in order, the words of its answer as unsigned ints."""
    numbers = [int(one, 16) for answer in answers for one in words(answer)[1:]]
    return [numbers[i : i + result_words] for i in range(0, len(numbers), result_words)]


def _program(target: str, selector: str, arguments: Sequence[int], result_words: int) -> str:
    """Loop over i: copy argument i behind the selector, STATICCALL, result to its place; revert when a call fails."""
    size = result_words * 32
    code_length, loop, fail = 95, 13, 89  # the same for all values, because they are pushed as two bytes
    text = "".join(
        (
            f"63{selector}60e01b600052",  # mstore(0, selector << 224)
            "6000",  # i = 0
            "5b",  # loop:
            "6020",
            f"81602002{_push2(code_length)}01",
            f"60{_ARGUMENT:02x}39",  # codecopy(4, code_length + 32 i, 32)
            _push2(size),
            f"81{_push2(size)}02{_push2(_RESULTS)}01",  # results + size * i
            f"60246000{_push20(target)}5afa",  # staticcall(gas, target, 0, 36, ^, size)
            f"15{_push2(fail)}57",  # jump to fail unless it succeeded
            "600101",  # i += 1
            f"{_push2(len(arguments))}8110",  # i < n
            f"{_push2(loop)}57",
            f"{_push2(32 + size * len(arguments))}60{_LEAD:02x}f3",
            "5b60006000fd",  # fail:
        )
    )
    if len(text) != 2 * code_length:
        raise ValueError(f"not a selector and an address: {selector} {target}")
    return "0x" + text + "".join(word(argument) for argument in arguments)


def _push2(value: int) -> str:
    return f"61{value:04x}"


def _push20(address: str) -> str:
    return "73" + address[2:]
