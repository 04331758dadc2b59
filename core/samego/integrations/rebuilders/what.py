"""What a user asks about, as questions: a file, a report, a signed result, or a name."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from samego.config import Config
from samego.distro.interface import Request, distros, recognise
from samego.distro.naming import naming_of
from samego.errors import ContradictedError, InputError, SamegoError, UnknownReleaseError
from samego.integrations.rebuilderd.packages import DISTRIBUTION
from samego.model.release import (
    PostedName,
    Release,
    Target,
    archive_name,
    module_version,
    parse_module_version,
    source_name,
)
from samego.model.subject import Package
from samego.quorum.question import Question
from samego.report import load, strict_json
from samego.system.temporary import temporary_directory
from samego.system.terminal import visible
from samego.upstream.channels.interface import Posted
from samego.upstream.checksums.announced import announced_name
from samego.upstream.checksums.identify import identify, sha256_of
from samego.upstream.connect import connect

_PACKAGE = re.compile(r"([^\s=]+)=(\S+):([A-Za-z][A-Za-z0-9_-]*)", re.ASCII)
_RELEASE = re.compile(r"(go1[.0-9a-z]*?)\.([a-z0-9]+-[a-z0-9]+)", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ZIP = ".zip"
_HINT = (
    "name a package file, a file of go.dev/dl, a report, a signed result,"
    " NAME=VERSION:ARCHITECTURE, or go1.24.4.linux-amd64"
)


def questions(what: str, config: Config) -> tuple[Question, ...]:
    """What is asked about, one question for each package or file.

    Raises InputError, and what reading the file raises.
    """
    path = Path(what)
    if not path.exists():
        return (_named(what),)
    if not path.is_file():
        raise InputError(f"{visible(what)} is no file", hint=_HINT)
    with path.open("rb") as file:
        begins = file.read(64).lstrip()[:1]
    found = tuple(_of_json(path)) if begins == b"{" else (_of_file(path, config),)
    if not found:
        raise InputError(f"{visible(what)} is about no file", hint=_HINT)
    return tuple(dict.fromkeys(found))


def _named(what: str) -> Question:
    """A question about a name."""
    if match := _PACKAGE.fullmatch(what):
        name, version, architecture = match.groups()
        return Question(f"{name} {version} {architecture}", name, version, architecture)
    if match := _RELEASE.fullmatch(what):
        release, target = Release.parse(match[1]), Target.parse(match[2])
        files = (archive_name(release, target), f"{module_version(release, target)}{_ZIP}")
        return _of_go(release, target, files, f"{release} {target}")
    named = _posted(what)
    if named is None:
        raise InputError(
            f"there is no file {visible(what)}, and it is no name of a package or file", hint=_HINT
        )
    return named


def _posted(name: str, sha256: str = "", *, posted: bool = False) -> Question | None:
    """A question about a file that upstream posts under this name; None for another name."""
    try:
        if name.endswith(_ZIP) and not name.startswith("go"):
            release, target = parse_module_version(name.removesuffix(_ZIP))
            return _of_go(release, target, (name,), name, sha256=sha256, posted=posted)
        parts = PostedName.parse(name)
    except UnknownReleaseError:
        return None
    return _of_go(parts.release, parts.target, (name,), name, sha256=sha256, posted=posted)


def _of_go(
    release: Release,
    target: Target | None,
    files: tuple[str, ...],
    title: str,
    *,
    sha256: str = "",
    posted: bool = False,
) -> Question:
    """As 'samego rebuilderd sync' names upstream's archives in a daemon."""
    return Question(
        title,
        f"{DISTRIBUTION}.{target.posted if target else 'src'}",
        str(release).removeprefix("go"),
        target.posted_arch if target else "all",
        DISTRIBUTION,
        files,
        sha256,
        posted,
    )


def _of_file(path: Path, config: Config) -> Question:
    """A question about a file of upstream's, or a package of a distro's."""
    plugins = distros()
    with temporary_directory() as work:
        request = Request(
            (str(path),), work, config.cache_directory, offline=True, source_places=()
        )
        plugin = recognise(request, plugins)
        if plugin is not None:
            with plugin.open(request) as shipment:
                subject = shipment.subject
            return _of_package(subject.packages[0], subject.distro, path.name)
    return _of_upstream(path, config)


def _of_upstream(path: Path, config: Config) -> Question:
    """A question about a file of upstream's: by its bytes, where somebody vouches for its name.

    Raises ContradictedError where the index or the checksum database states another sum.
    """
    sha256 = sha256_of(path)
    name, posted = announced_name(sha256) or "", True
    if not name:
        try:
            with connect(config) as (upstream, _):
                name = _name_of(identify(path, upstream.authorities, upstream.verifier))
        except ContradictedError:
            raise
        except SamegoError:
            name, posted = path.name, False
    question = _posted(name, sha256, posted=posted)
    if question is None:
        raise InputError(f"{visible(str(path))} is no package and no file of go.dev/dl", hint=_HINT)
    return question


def _name_of(posted: Posted) -> str:
    if posted.target is None:
        return source_name(posted.release)
    if posted.form == "module":
        return f"{module_version(posted.release, posted.target)}{_ZIP}"
    return archive_name(posted.release, posted.target)


def _of_package(package: Package, distro: str, file: str = "") -> Question:
    names = [file] if file else []
    try:
        naming = naming_of(distro)
        distribution = naming.rebuilderd
        names.append(naming.file_name(package))
    except SamegoError:
        distribution = distro
    return Question(
        f"{package.name} {package.version} {package.architecture}",
        package.name,
        package.version,
        package.architecture,
        distribution,
        tuple(dict.fromkeys(names)),
        package.sha256,
    )


def _of_json(path: Path) -> Iterator[Question]:
    """The packages of a report, or the files that a signed result is about."""
    name = visible(str(path))
    data = load.read(path)
    try:
        found = strict_json.parse(data)
    except ValueError as error:
        raise InputError(f"{name} is not JSON ({visible(str(error))})", hint=_HINT) from error
    if "payload" not in found and "signed" not in found:
        subject = load.loads(data, name=name).subject
        yield from (_of_package(package, subject.distro) for package in subject.packages)
        return
    try:
        for file, sha256 in _subjects(found):
            yield _of_subject(file, sha256)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{name} is about no file with a sha256", hint=_HINT) from error


def _subjects(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The files of an envelope or link. That it is signed is not asked here: it is a question."""
    if "signed" in document:
        products = document["signed"]["products"]
        rows = [(str(file), digest) for file, digest in products.items()]
    else:
        statement = strict_json.parse(base64.b64decode(document["payload"], validate=True))
        rows = [(str(each["name"]), each["digest"]) for each in statement["subject"]]
    for file, digest in rows:
        if not _SHA256.fullmatch(digest["sha256"]):
            raise ValueError(file)
        yield file, digest["sha256"]


def _of_subject(file: str, sha256: str) -> Question:
    name, _, rest = file.partition(" ")
    version, _, architecture = rest.partition(" ")
    if architecture and " " not in architecture:
        return Question(file, name, version, architecture, sha256=sha256)
    base = file.rpartition("/")[2]
    known = announced_name(sha256)
    found = _posted(known or base, sha256, posted=known is not None)
    return found or Question(base, base, "", "", files=(base,), sha256=sha256)
