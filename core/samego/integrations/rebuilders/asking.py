"""Asks all rebuilders. What could not be asked or read is said, and is not a "no".

Several are asked at the same time, so that those who are down do not add up. Each has a time in
which it must have answered: a daemon that sends page after page, slowly, is not waited for.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from samego.errors import NetworkError, NotPostedError, SamegoError
from samego.integrations.rebuilders import go_dev, rebuilderd, source_spotter
from samego.integrations.rebuilders.fetching import NetworkUse, UnreadableError
from samego.integrations.rebuilders.given import SignedFile
from samego.quorum.policy import Rebuilder, RebuilderKind
from samego.quorum.question import Question
from samego.quorum.voice import Heard, Voice
from samego.report.words import amount
from samego.system import ending
from samego.system.terminal import visible

#: How many are asked at the same time, and the seconds that each has for its whole answer.
_AT_ONCE = 8
PATIENCE = 300.0

Ask = Callable[[Rebuilder, Question, NetworkUse], Iterator[Voice]]


def ask_all(
    rebuilders: Sequence[Rebuilder],
    files: Iterable[SignedFile],
    question: Question,
    network: NetworkUse,
    say: Callable[[str], None],
) -> tuple[Voice, ...]:
    """What all rebuilders say of a question, and what the files of signed results say of it.

    ``say`` takes a line of progress.
    """
    handed = [voice for file in files for voice in _read_file(file, rebuilders, question)]
    heard = [voice.rebuilder for voice in handed]
    asked = [each for each in rebuilders if _is_asked(each)]
    say(f"asking {amount(len(asked), 'rebuilder')}")
    voices = [*handed, *_ask_at_once(asked, question, network)]
    for rebuilder in rebuilders:
        if not _is_asked(rebuilder) and rebuilder not in heard:
            reason = "no result that was given is signed by it"
            voices.append(Voice(rebuilder, Heard.SILENT, reason=reason))
    return tuple(voices)


def _is_asked(rebuilder: Rebuilder) -> bool:
    """Whether its answer lies somewhere, and is not only handed around."""
    placed = bool(rebuilder.url) or rebuilder.file is not None
    return placed or rebuilder.kind is not RebuilderKind.ENVELOPE


def _ask_at_once(
    rebuilders: Sequence[Rebuilder], question: Question, network: NetworkUse
) -> list[Voice]:
    """What each says, in their order."""
    stops = [threading.Event() for _ in rebuilders]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        pending = [
            pool.submit(_ask_in_time, rebuilder, question, network, stop)
            for rebuilder, stop in zip(rebuilders, stops, strict=True)
        ]
        try:
            return [voice for future in pending for voice in future.result()]
        except BaseException:
            for stop in stops:
                stop.set()
            raise


def _ask_in_time(
    rebuilder: Rebuilder, question: Question, network: NetworkUse, stop: threading.Event
) -> list[Voice]:
    timer = threading.Timer(PATIENCE, stop.set)
    timer.daemon = True
    timer.start()
    try:
        with ending.until(stop):
            return _ask_one(rebuilder, question, network)
    except ending.RunEndedError:
        if not stop.is_set():
            raise  # the whole run ends
        reason = f"it has not answered in full within {PATIENCE:.0f} s"
        return [Voice(rebuilder, Heard.UNREACHABLE, reason=reason)]
    finally:
        timer.cancel()


def _ask_one(rebuilder: Rebuilder, question: Question, network: NetworkUse) -> list[Voice]:
    asks: dict[RebuilderKind, Ask] = {
        RebuilderKind.REBUILDERD: rebuilderd.ask,
        RebuilderKind.GO_DEV: go_dev.ask,
        RebuilderKind.SOURCE_SPOTTER: source_spotter.ask,
        RebuilderKind.ENVELOPE: _ask_envelopes,
    }
    try:
        found = list(asks[rebuilder.kind](rebuilder, question, network))
    except ending.RunEndedError:
        raise
    except UnreadableError as error:
        return [Voice(rebuilder, Heard.UNREADABLE, reason=error.message)]
    except (NetworkError, NotPostedError) as error:
        return [Voice(rebuilder, Heard.UNREACHABLE, reason=error.message)]
    except SamegoError as error:
        return [Voice(rebuilder, Heard.UNREADABLE, reason=error.message)]
    return found or [Voice(rebuilder, Heard.SILENT, reason="it has no result")]


def _ask_envelopes(
    rebuilder: Rebuilder, question: Question, network: NetworkUse
) -> Iterator[Voice]:
    voices: Iterator[Voice] = _envelopes().ask(rebuilder, question, network)
    return voices


def _read_file(
    file: SignedFile, rebuilders: Sequence[Rebuilder], question: Question
) -> Iterator[Voice]:
    try:
        yield from _envelopes().read_results(file.data, file.name, rebuilders, question)
    except UnreadableError as error:
        nobody = Rebuilder(file.name, "", RebuilderKind.ENVELOPE)
        yield Voice(nobody, Heard.UNREADABLE, reason=error.message)


def _envelopes() -> Any:  # noqa: ANN401 - the module, whose libraries are an extra
    try:
        return importlib.import_module("samego.integrations.rebuilders.envelopes")
    except ImportError as error:
        raise UnreadableError(
            f"a library for signed results cannot be imported ({visible(str(error))})",
            hint="install samego[attest]",
        ) from error
