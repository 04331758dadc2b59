"""Asks each rebuilder in turn. What could not be asked or read is said, and is not a "no"."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from samego.errors import NetworkError, NotPostedError, SamegoError
from samego.integrations.rebuilders import go_dev, rebuilderd, source_spotter
from samego.integrations.rebuilders.fetching import NetworkUse, UnreadableError
from samego.integrations.rebuilders.given import SignedFile
from samego.quorum.policy import Rebuilder, RebuilderKind
from samego.quorum.question import Question
from samego.quorum.voice import Heard, Voice
from samego.system.terminal import visible

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
    voices = list(handed)
    for rebuilder in rebuilders:
        place = rebuilder.url or rebuilder.file
        if place or rebuilder.kind is not RebuilderKind.ENVELOPE:
            say(f"asking {visible(rebuilder.name)}")
            voices += _ask_one(rebuilder, question, network)
        elif not any(voice.rebuilder is rebuilder for voice in handed):
            reason = "no result that was given is signed by it"
            voices.append(Voice(rebuilder, Heard.SILENT, reason=reason))
    return tuple(voices)


def _ask_one(rebuilder: Rebuilder, question: Question, network: NetworkUse) -> list[Voice]:
    asks: dict[RebuilderKind, Ask] = {
        RebuilderKind.REBUILDERD: rebuilderd.ask,
        RebuilderKind.GO_DEV: go_dev.ask,
        RebuilderKind.SOURCE_SPOTTER: source_spotter.ask,
        RebuilderKind.ENVELOPE: _ask_envelopes,
    }
    try:
        found = list(asks[rebuilder.kind](rebuilder, question, network))
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
