from chain.scan import CALLS_LIMIT, scan_requests, scan_results

TARGET = "0x" + "11" * 20
LARGEST_CODE = 24_576
"""EIP-170: what a node lets creation code return."""


def test_what_a_request_returns_is_never_larger_than_code_may_be() -> None:
    assert 32 + CALLS_LIMIT * 2 * 32 <= LARGEST_CODE


def test_every_argument_is_asked_once() -> None:
    arguments = list(range(-3466, 3466))
    requests = scan_requests(TARGET, "5339c296", arguments, result_words=1, pinned="latest")
    asked = "".join(params[0]["data"][2 + 2 * 95 :] for _, params in requests)  # type: ignore[index]
    assert asked == "".join(f"{argument % 2**256:064x}" for argument in arguments)


def test_answers_are_cut_into_words_behind_their_lead() -> None:
    answers = ["0x" + "00" * 32 + f"{1:064x}{2:064x}", "0x" + "00" * 32 + f"{3:064x}{2**256 - 1:064x}"]
    assert scan_results(answers, result_words=2) == [[1, 2], [3, 2**256 - 1]]
