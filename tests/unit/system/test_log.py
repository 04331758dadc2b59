from __future__ import annotations

import io
import logging
import subprocess
import sys

import pytest

from samego.system import log

LOGGER = logging.getLogger("samego.test")


def said(verbosity: int, *messages: tuple[int, str]) -> list[str]:
    stream = io.StringIO()
    with log.following(verbosity, stream):
        for level, message in messages:
            LOGGER.log(level, "%s", message)
    LOGGER.error("nobody listens any more")
    return [line.partition("] ")[2] for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("verbosity", "expected"),
    [(0, []), (1, ["step"]), (2, ["step", "detail"]), (3, ["step", "detail"])],
)
def test_each_v_shows_more(verbosity: int, expected: list[str]) -> None:
    assert said(verbosity, (logging.INFO, "step"), (logging.DEBUG, "detail")) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://user:s3cret@mirror.example/go?token=s3cret#s3cret",
        "http://s3cret@mirror.example/x",
        "https://mirror.example/x?key=s3cret",
        "ftp://user:s3cret@mirror.example:port/",
    ],
)
def test_no_secret_of_a_url_is_logged(url: str) -> None:
    (line,) = said(2, (logging.INFO, f"asking {url} again"))
    assert "s3cret" not in line
    assert line.startswith("asking ")


def test_a_message_is_one_printable_line() -> None:
    (line,) = said(1, (logging.INFO, "two\nlines\x1b[31m"))
    assert line == "two\\nlines\\x1b[31m"


def test_other_libraries_are_not_shown() -> None:
    stream = io.StringIO()
    with log.following(2, stream):
        logging.getLogger("urllib3").debug("https://user:s3cret@example.org")
    assert stream.getvalue() == ""


def test_every_command_is_logged_without_its_secrets() -> None:
    stream = io.StringIO()
    command = [sys.executable, "-c", "pass", "https://user:s3cret@example.org/a"]
    with log.following(1, stream):
        subprocess.run(command, check=True)
    subprocess.run(command, check=True)
    (line,) = stream.getvalue().splitlines()
    assert " -c pass https://example.org/a" in line


def test_what_takes_time_is_logged_with_it_even_when_it_fails() -> None:
    stream = io.StringIO()
    with log.following(1, stream), pytest.raises(KeyError), log.timed(LOGGER, "a step"):
        raise KeyError
    first, second = stream.getvalue().splitlines()
    assert first.endswith("a step")
    assert second.endswith(" s")
    assert not log.followed()
