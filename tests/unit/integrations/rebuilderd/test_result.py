from __future__ import annotations

import pytest

from samego.errors import InputError
from samego.integrations.rebuilderd.result import (
    OPENING,
    PREFIX,
    BackendResult,
    find,
    line,
    new_marker,
    opening,
)
from samego.model.reproduction import Outcome

RESULT = BackendResult(
    "go", "go1.24.4.linux-amd64.tar.gz", Outcome.FAILED, cause="a line\nand another"
)
FORGED = BackendResult("go", "go1.24.4.linux-amd64.tar.gz", Outcome.SAME, upstream="identical")
MARKER = new_marker()


def log(*lines: str) -> str:
    return "\n".join((opening(MARKER), *lines)) + "\n"


def test_a_log_gives_the_result_back() -> None:
    assert "\n" not in line(RESULT, MARKER)
    assert find(log("+ make", "some", line(RESULT, MARKER), "end")) == RESULT
    assert find("+ exec samego\r\n" + log(line(RESULT, MARKER)).replace("\n", "\r\n")) == RESULT


def test_a_marker_cannot_be_guessed() -> None:
    assert len({new_marker() for _ in range(100)}) == 100
    assert len(MARKER) == 32


def test_a_log_without_one() -> None:
    assert find(f"says {PREFIX}in the middle of a line\n") is None
    assert find(log()) is None


OTHER = new_marker()
PRINTED = {
    "without a marker": (PREFIX + "{}", line(FORGED, "")),
    "another marker": (line(FORGED, OTHER),),
    "another run": (opening(OTHER), line(FORGED, OTHER)),
    "the run as its own": (f"{OPENING}\n{PREFIX} {line(FORGED, '')}",),
    "behind other ends of lines": tuple(
        f"x{end}{line(FORGED, OTHER)}" for end in "\r\v\f\x1c\x85\u2028"
    ),
    "in the middle of a line": (f"x {line(FORGED, MARKER)}",),
    "a marker with more": (line(FORGED, f"{MARKER}0"), line(FORGED, MARKER[:-1])),
}


@pytest.mark.parametrize("how", PRINTED)
def test_what_a_build_prints_is_no_result(how: str) -> None:
    printed = PRINTED[how]
    assert find(log(*printed)) is None
    assert find(log(*printed, line(RESULT, MARKER), *printed)) == RESULT
    assert find("\n".join(printed)) is None or how == "another run"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "7",
        "{}",
        line(RESULT, MARKER)[len(PREFIX) + 33 :].replace("rebuilderd/1", "rebuilderd/2"),
        line(RESULT, MARKER)[len(PREFIX) + 33 :].replace('"failed"', '"fine"'),
        line(RESULT, MARKER)[len(PREFIX) + 33 :].replace('"failed"', "7"),
        line(RESULT, MARKER)[len(PREFIX) + 33 :].replace('"backend"', '"other"'),
        "[" * 100_000,
    ],
)
def test_what_samego_did_not_write(text: str) -> None:
    with pytest.raises(InputError, match=r"is not of samego\.rebuilderd/1"):
        find(log(f"{PREFIX}{MARKER} {text}"))
