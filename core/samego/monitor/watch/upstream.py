"""Polls what upstream posts: new releases, and those that it changed or withdrew.

go.dev/dl's index gives every file with its sha256. The module form's list names only versions, and
only those that the proxy has served before: a version that is missing there counts as withdrawn
only when the proxy, asked for it, says that it does not have it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from samego.config import GODEV_URL, Config
from samego.errors import NetworkError, NotPostedError, UnknownReleaseError
from samego.model.release import TOOLCHAIN_MODULE, Release, parse_module_version
from samego.monitor.history import news, posted
from samego.monitor.history.news import NewsKind
from samego.monitor.history.posted import Differences, PostedFile
from samego.monitor.history.store import History
from samego.monitor.watch.poll import PollResult
from samego.report.words import amount
from samego.system.progress import Progress
from samego.upstream.channels import godev, module
from samego.upstream.channels.goproxy import Proxies, Proxy, is_absence
from samego.upstream.channels.gosettings import read_settings
from samego.upstream.channels.release_index import LIMIT, QUERY, parse_index
from samego.upstream.transport.http import Http
from samego.upstream.transport.urls import redacted

#: A list that lost more than this share of its entries is not accepted.
BELIEVABLE_LOSS = 0.5
_LIST_LIMIT = 16 << 20
_INFO_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class ChannelAnswer:
    """A channel's list of what it posts; ``name`` is the channel and its address."""

    name: str
    files: tuple[PostedFile, ...]
    #: The proxy to ask about a file that the list lacks; None where the list is complete.
    proxy: Proxy | None = None


def poll(
    config: Config,
    history: History,
    when: datetime,
    progress: Progress,
    polled: PollResult,
    *,
    believe: bool = False,
) -> tuple[Release, ...]:
    """Ask the channels, and record what is new and its news. Returns the new releases.

    ``believe`` accepts even a list that lost most of its entries.
    """
    found: set[str] = set()
    with Http(offline=config.offline, read_timeout=config.timeout) as http:
        for name, ask in (("go.dev/dl", _ask_godev), ("module", _ask_module)):
            if config.channel not in ("", name):
                continue
            progress.stage(f"asking {name}")
            with polled.apart(name, config.deadline_watch):
                answer = ask(config, http)
                found |= _compare(answer, http, history, when, polled, believe=believe)
    return tuple(sorted(_parsed(found)))


def _ask_godev(config: Config, http: Http) -> ChannelAnswer:
    url = config.godev_url
    data = http.get_bytes(f"{url}{QUERY}", limit=LIMIT, allow_http=url.startswith("http://"))
    index = parse_index(data, origin=redacted(f"{url}{QUERY}"))
    files = (PostedFile(row.version, row.filename, row.sha256) for row in index.files.values())
    name = godev.NAME if url == GODEV_URL else f"{godev.NAME} at {redacted(url)}"
    return ChannelAnswer(name, tuple(files))


def _ask_module(config: Config, http: Http) -> ChannelAnswer:
    def ask(proxy: Proxy) -> tuple[Proxy, bytes]:
        url = proxy.join(f"{TOOLCHAIN_MODULE}/@v/list")
        return proxy, http.get_bytes(url, limit=_LIST_LIMIT, allow_http=proxy.allow_http)

    proxies = read_settings().proxies
    if not proxies.proxies and proxies.end != "off":
        proxies = Proxies((Proxy(f"{config.godev_url}/mod"),), "", proxies.origin)
    proxy, data = proxies.try_each(ask)
    names = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
    return ChannelAnswer(f"{module.NAME} at {proxy}", tuple(_modules(names)), proxy)


def _modules(names: Iterable[str]) -> Iterator[PostedFile]:
    for name in names:
        try:
            release, _target = parse_module_version(name)
        except UnknownReleaseError:
            continue
        yield PostedFile(str(release), name)


def _compare(
    answer: ChannelAnswer,
    http: Http,
    history: History,
    when: datetime,
    polled: PollResult,
    *,
    believe: bool,
) -> set[str]:
    """Record how an answer differs from the one before. Returns the releases that are new."""
    found = posted.differences(history, answer.name, answer.files)
    if answer.proxy is not None:
        found = replace(found, withdrawn=_confirmed(answer.proxy, http, found.withdrawn))
    lost = len(found.withdrawn)
    doubted = lost > BELIEVABLE_LOSS * found.had and not believe
    if doubted:
        found = replace(found, withdrawn=())
    if found.first and not answer.files:
        raise NotPostedError(f"{answer.name} lists nothing", hint="check the URL or GOPROXY")
    with history.transaction():
        posted.note(history, answer.name, found, when)
        if not found.first:
            _report(history, answer.name, found, when)
    if found.first:
        releases = {file.release for file in answer.files}
        polled.notes.append(
            f"{answer.name} posts {amount(len(releases), 'release')}"
            f" in {amount(len(answer.files), 'file')}; changes are reported from now on"
        )
    if doubted:
        why = (
            f"its list lacks {lost:,} of {found.had:,} files and was not accepted: check it;"
            " 'samego watch --believe' accepts it"
        )
        polled.failed.append((answer.name, why))
    else:
        polled.sources += 1
    return set() if found.first else {file.release for file in found.posted}


def _confirmed(proxy: Proxy, http: Http, missing: Iterable[PostedFile]) -> tuple[PostedFile, ...]:
    """The versions, missing from the list, that the proxy says it does not have."""

    def lacks(file: PostedFile) -> bool:
        url = proxy.join(f"{TOOLCHAIN_MODULE}/@v/{file.file}.info")
        try:
            http.get_bytes(url, limit=_INFO_LIMIT, allow_http=proxy.allow_http)
        except NotPostedError as error:
            return is_absence(error)
        except NetworkError:
            return False
        return False

    return tuple(file for file in missing if lacks(file))


def _report(history: History, channel: str, found: Differences, when: datetime) -> None:
    """An item for each release and kind: a release has some hundred files."""
    before = dict(found.changed)
    for kind, files in (
        (NewsKind.CHANGED, tuple(before)),
        (NewsKind.WITHDRAWN, found.withdrawn),
        (NewsKind.POSTED, found.posted),
    ):
        for release, group in _by_release(files).items():
            rows = [
                {"file": file.file, "sha256": file.sha256}
                | ({"before": before[file]} if kind is NewsKind.CHANGED else {})
                for file in group
            ]
            about = {"channel": channel, "release": release, "files": rows}
            sentence = _sentence(kind, channel, release, group)
            news.add(history, kind, sentence, about, when=when, bad=kind.loud)


def _sentence(kind: NewsKind, channel: str, release: str, files: list[PostedFile]) -> str:
    which = files[0].file if len(files) == 1 else amount(len(files), "file")
    if kind is NewsKind.CHANGED:
        return f"{channel} has changed {which} of {release}: the same name, other bytes"
    if kind is NewsKind.WITHDRAWN:
        return f"{channel} has withdrawn {which} of {release}"
    return f"{channel} posts {release}: {which}"


def _by_release(files: Iterable[PostedFile]) -> dict[str, list[PostedFile]]:
    groups: defaultdict[str, list[PostedFile]] = defaultdict(list)
    for file in files:
        groups[file.release].append(file)
    return dict(sorted(groups.items()))


def _parsed(names: Iterable[str]) -> Iterator[Release]:
    for name in names:
        try:
            yield Release.parse(name)
        except UnknownReleaseError:  # noqa: PERF203 - some old ones
            continue
