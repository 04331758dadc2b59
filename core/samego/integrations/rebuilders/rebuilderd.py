"""What a rebuilderd daemon says of a package.

GOOD is about a name. What bytes were rebuilt says the worker's attestation; where the policy has
keys for the daemon, one of them must have signed that. BAD is also what rebuilderd says of a build
that left no file: the line that samego's backends write into the log tells the two apart.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit

from samego.errors import InputError, SamegoError, ToolError
from samego.integrations.rebuilderd import result as result_line
from samego.integrations.rebuilderd.client import RebuilderdClient, StrangeAnswerError
from samego.integrations.rebuilderd.package_results import PackageResult, of_list, read_package
from samego.integrations.rebuilderd.status import BuildState
from samego.integrations.rebuilders.fetching import NetworkUse, UnreadableError, fetch, place_of
from samego.model.public_url import public_url
from samego.model.reproduction import Outcome
from samego.quorum.policy import ARCHITECTURE, Rebuilder
from samego.quorum.question import Question
from samego.quorum.voice import Heard, Voice
from samego.report import strict_json
from samego.system.terminal import visible

#: The longest attestation and the longest log that are read, in bytes.
_ATTESTATION, _LOG = 1 << 20, 64 << 20
_NOT_BUILT = (Outcome.FAILED, Outcome.NOT_RUN, Outcome.INCOMPLETE)


def ask(rebuilder: Rebuilder, question: Question, network: NetworkUse) -> Iterator[Voice]:
    """What it says; nothing where it does not know the package.

    Raises NetworkError, InputError and UnreadableError.
    """
    if rebuilder.file is not None:
        for result in _saved(rebuilder, question, network):
            yield _voice(rebuilder, question, result, None)
        return
    url = rebuilder.url.replace(ARCHITECTURE, quote(question.architecture, safe=""))
    with RebuilderdClient(url, offline=network.offline, timeout=network.timeout) as client:
        try:
            results = read_package(
                client,
                question.name,
                question.version,
                question.architecture,
                question.distribution,
            )
            for result in results:
                if _is_about(question, result):
                    yield _voice(rebuilder, question, result, client)
        except StrangeAnswerError as error:
            raise UnreadableError(error.message, hint=error.hint) from error


def _saved(
    rebuilder: Rebuilder, question: Question, network: NetworkUse
) -> tuple[PackageResult, ...]:
    """The results in a saved list."""
    try:
        rows = strict_json.parse(fetch(rebuilder, "", network))
    except ValueError as error:
        rows = error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableError(
            f"{place_of(rebuilder, '')} is no list of rebuilderd's",
            hint="save what its /api/v0/pkgs/list answers",
        )
    found = of_list(
        rows, question.name, question.version, question.architecture, question.distribution
    )
    return tuple(each for each in found if _is_about(question, each))


def _is_about(question: Question, result: PackageResult) -> bool:
    """Whether a result is about one of the files, where the files have fixed names."""
    return question.distribution != "go" or _file_name(result) in question.files


def _voice(
    rebuilder: Rebuilder, question: Question, result: PackageResult, client: RebuilderdClient | None
) -> Voice:
    row = result.row
    state = row.state
    reason = ""
    if state is BuildState.BAD and client is not None and _did_not_build(client, result):
        state, reason = BuildState.FAIL, "its log says that the build gave no file to compare"
    sha256, signed = "", False
    if state is BuildState.GOOD:
        try:
            sha256, signed = _attested(rebuilder, result, client)
        except UnreadableError as error:
            return Voice(
                rebuilder, Heard.UNREADABLE, link=_link(client, result), reason=error.message
            )
        except ToolError as error:
            reason = error.message
    heard = {
        BuildState.GOOD: Heard.AGREES,
        BuildState.BAD: Heard.DIFFERS,
        BuildState.FAIL: Heard.FAILED,
        BuildState.UNKWN: Heard.SILENT,
    }[state]
    if heard is Heard.SILENT:
        reason = "it knows the package, and has not rebuilt it"
    return Voice(
        rebuilder,
        heard,
        about=_file_name(result) or question.title,
        sha256=sha256,
        when=result.built,
        link=_link(client, result),
        signed=signed,
        reason=reason,
    )


def _attested(
    rebuilder: Rebuilder, result: PackageResult, client: RebuilderdClient | None
) -> tuple[str, bool]:
    """The sha256 that the attestation states of the artifact, and whether a known key signed it.

    Raises UnreadableError where keys are given and none has signed, ToolError without the library.
    """
    data = None
    if client is not None and result.attestation:
        data = client.text(result.attestation, _ATTESTATION)
    if data is None:
        if rebuilder.keys:
            raise _unsigned("has no attestation")
        return "", False
    try:
        link = importlib.import_module("samego.integrations.rebuilderd.link")
    except ImportError as error:
        if rebuilder.keys:
            raise _unsigned(f"cannot be checked: {visible(str(error))}") from error
        raise ToolError(
            f"its attestation is not read: {visible(str(error))}", hint="install samego[attest]"
        ) from error
    try:
        read = link.parse_link(data, rebuilder.keys)
    except ValueError as error:
        raise _unsigned(
            f"has an attestation that cannot be read ({visible(str(error))})"
        ) from error
    if rebuilder.keys and not read.signed_by:
        raise _unsigned("has an attestation that none of its keys has signed")
    name = _file_name(result)
    if name not in read.products:
        raise _unsigned(f"has an attestation of another file than {visible(name)}")
    return read.products[name], bool(read.signed_by)


def _unsigned(what: str) -> UnreadableError:
    return UnreadableError(f"it says GOOD, and {what}", hint="ask who operates it")


def _did_not_build(client: RebuilderdClient, result: PackageResult) -> bool:
    """Whether samego's line in the log says that there was nothing to compare."""
    try:
        log = client.text(result.log, _LOG) if result.log else None
        found = result_line.find(log.decode("utf-8", "replace")) if log is not None else None
    except (SamegoError, InputError):
        return False
    return found is not None and found.outcome in _NOT_BUILT


def _file_name(result: PackageResult) -> str:
    """The artifact's file name, out of its URL."""
    try:
        return unquote(urlsplit(result.row.url).path).rpartition("/")[2]
    except ValueError:
        return ""


def _link(client: RebuilderdClient | None, result: PackageResult) -> str:
    return f"{public_url(client.endpoint)}{result.page}" if client and result.page else ""
