"""Rebuilt files, compared with the posted ones.

Byte equality comes first, and needs no download where the posted file's sum is known: an
equal sha256 is the file itself. A module zip has no posted sum but an ``h1:`` hash in the
checksum database, which covers every member's name and bytes. What does not agree is taken
apart, member by member, by the rules that also judge packages. "Does not reproduce" is said
only of a file that was built and is not what was posted: not of one that did not build, and
not of one for which no source answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from samego.errors import NetworkError, NotPostedError, ToolError, VerificationError
from samego.formats.archive.dirhash import hash1
from samego.model.causes import rebuilt_files as why
from samego.model.causes.rebuilt_files import SameBy
from samego.model.release import (
    Release,
    Target,
    archive_name,
    installer_name,
    module_version,
    source_name,
)
from samego.model.tree import Tree
from samego.model.value import Cause
from samego.model.verification import Verification
from samego.rebuild.compare_members import (
    RebuildOutcome,
    TreeDifference,
    compare_installed,
    compare_trees,
)
from samego.rebuild.installers import check_tools, open_installer
from samego.rebuild.targets import Product
from samego.system.disk import used
from samego.upstream.channels.interface import Posted
from samego.upstream.checksums.authorities import Authority, Opinion, UnverifiedError, expected_sum
from samego.upstream.checksums.module_zip import ModuleVerifier, verifications
from samego.upstream.open_tree import Opener
from samego.upstream.sumdb.client import Lookup

#: Systems whose posted executables carry upstream's signature.
_SIGNED = "darwin"

#: Fetches the posted binary form of a target (form, target), or raises as a channel does.
FetchPosted = Callable[[str, Target], Posted]
#: What keeps a question from being decided.
_UNDECIDED = (NetworkError, NotPostedError, UnverifiedError)


@dataclass(frozen=True, slots=True)
class FileResult:
    """One rebuilt file, or one installer, which wraps rebuilt files.

    ``size`` is in bytes; an installer has none, and no ``sha256``: no such file is built.
    ``posted`` is the sha256 or ``h1:`` that upstream's file has, where it is known;
    ``verified`` says who states that. ``cause`` says why, ``where`` has one line for each
    member that differs (at most MOST_NAMED). ``only_built`` says that nothing differs that was
    merely copied: the way of building can be at fault.
    """

    name: str
    size: int
    sha256: str
    outcome: RebuildOutcome
    cause: Cause
    posted: str = ""
    verified: tuple[Verification, ...] = ()
    where: tuple[str, ...] = ()
    only_built: bool = False


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares what was rebuilt of one release with what upstream posted of it.

    Installers are unpacked below ``directory`` meanwhile.
    """

    release: Release
    authorities: tuple[Authority, ...]
    modules: ModuleVerifier
    opener: Opener
    fetch: FetchPosted
    directory: Path

    def compare(self, target: Target, files: Mapping[str, Product]) -> tuple[FileResult, ...]:
        """The results of one target's files.

        Raises VerificationError when two checksum sources disagree, InputError for a
        posted file that cannot be read.
        """
        version = module_version(self.release, target)
        archives = (archive_name(self.release, target), source_name(self.release))
        results: list[FileResult] = []
        for name, product in files.items():
            if name in archives:
                results.append(self._archive(name, product, target))
            elif name == f"{version}.zip":
                results.append(self._module(name, product, target, version))
            elif name == f"{version}.mod":
                results.append(self._go_mod(name, product, version))
            else:
                unlisted = RebuildOutcome.NOT_COMPARED
                results.append(_result(name, product, unlisted, why.NobodyLists()))
        installer = installer_name(self.release, target)
        if installer:
            archive = files.get(archive_name(self.release, target))
            results += self._installer(installer, archive, target)
        return tuple(results)

    def _installer(
        self, name: str, archive: Product | None, target: Target
    ) -> Iterator[FileResult]:
        """The result for the target's installer, if one was posted."""
        opinion = expected_sum(name, self.authorities)
        if not opinion.sha256:
            if opinion.unasked:
                cause = why.NobodyAnswers(posted=True, problems=_problems(opinion))
                yield FileResult(name, 0, "", RebuildOutcome.NOT_COMPARED, cause)
            return
        found = self._installed(name, archive, target)
        yield FileResult(
            name,
            0,
            "",
            found.outcome,
            found.cause,
            opinion.sha256,
            opinion.verified,
            found.where,
            found.only_built,
        )

    def _installed(self, name: str, archive: Product | None, target: Target) -> TreeDifference:
        if archive is None:
            return TreeDifference(RebuildOutcome.NOT_COMPARED, why.PartsLacking(), ())
        try:
            check_tools(name)
            posted = self.fetch("installer", target)
        except ToolError as error:
            lacking = why.ToolLacking(error.cause, error.hint)
            return TreeDifference(RebuildOutcome.NOT_COMPARED, lacking, ())
        except _UNDECIDED as error:
            absent = why.PostedLacking(error.cause)
            return TreeDifference(RebuildOutcome.NOT_COMPARED, absent, ())
        ours = self._rebuilt(archive_name(self.release, target), archive, target, "archive")
        with open_installer(posted, ours, self.directory) as contents:
            return compare_installed(ours, contents)

    def _archive(self, name: str, product: Product, target: Target) -> FileResult:
        opinion = expected_sum(name, self.authorities)
        if opinion.sha256 == product.sha256:
            same = why.SameFile(SameBy.SHA256)
            return _result(
                name, product, RebuildOutcome.REPRODUCED, same, opinion.sha256, opinion.verified
            )
        if opinion.sha256:
            form = "source" if name == source_name(self.release) else "archive"
            return self._apart(name, product, target, form, opinion.sha256, opinion.verified)
        if opinion.unasked:
            cause = why.NobodyAnswers(posted=False, problems=_problems(opinion))
            return _result(name, product, RebuildOutcome.NOT_COMPARED, cause)
        return _result(name, product, RebuildOutcome.NOT_POSTED, why.NobodyLists())

    def _module(self, name: str, product: Product, target: Target, version: str) -> FileResult:
        stated = self._stated(version)
        if isinstance(stated, tuple):
            return _result(name, product, *stated)
        verified = verifications(stated, stated.zip_h1)
        if self.modules.h1(product.path, product.sha256) != stated.zip_h1:
            return self._apart(name, product, target, "module", stated.zip_h1, verified)
        try:
            posted = self.fetch("module", target)
        except _UNDECIDED:
            same, sum_ = why.SameMembers(), stated.zip_h1
            return _result(name, product, RebuildOutcome.REPRODUCED, same, sum_, verified)
        sum_ = posted.sha256
        if sum_ == product.sha256:
            whole = why.SameFile(SameBy.BYTES)
            return _result(name, product, RebuildOutcome.REPRODUCED, whole, sum_, verified)
        return _result(name, product, RebuildOutcome.EQUIVALENT, why.OtherZip(), sum_, verified)

    def _go_mod(self, name: str, product: Product, version: str) -> FileResult:
        stated = self._stated(version)
        if isinstance(stated, tuple):
            return _result(name, product, *stated)
        verified = verifications(stated, stated.mod_h1)
        # The database hashes a go.mod as a tree of that one file (x/mod, modfetch).
        if hash1([("go.mod", product.sha256)]) == stated.mod_h1:
            same = why.SameFile(SameBy.H1)
            return _result(name, product, RebuildOutcome.REPRODUCED, same, stated.mod_h1, verified)
        other = why.OtherH1()
        return _result(name, product, RebuildOutcome.DIFFERS, other, stated.mod_h1, verified)

    def _stated(self, version: str) -> Lookup | tuple[RebuildOutcome, Cause]:
        try:
            return self.modules.stated(version)
        except (NetworkError, NotPostedError, VerificationError) as error:
            # A log proves what it contains. A server that lacks a record may only be incomplete.
            return RebuildOutcome.NOT_COMPARED, why.NobodyStates(error.cause)

    def _apart(
        self,
        name: str,
        product: Product,
        target: Target,
        form: str,
        stated: str,
        verified: tuple[Verification, ...],
    ) -> FileResult:
        """The result for a file that is not the posted one: where, if that can be had."""
        try:
            posted = self.fetch(form, target)
        except _UNDECIDED as error:
            signed = target.goos == _SIGNED and form != "source"
            outcome = RebuildOutcome.NOT_COMPARED if signed else RebuildOutcome.DIFFERS
            cause = why.OtherSum(signed, error.cause)
            result = _result(name, product, outcome, cause, stated, verified)
            return replace(result, only_built=form != "source")
        ours = self._rebuilt(name, product, target, form)
        found = compare_trees(ours, self.opener.open(posted))
        result = _result(
            name, product, found.outcome, found.cause, stated, verified, where=found.where
        )
        return replace(result, only_built=found.only_built)

    def _rebuilt(self, name: str, product: Product, target: Target, form: str) -> Tree:
        """A rebuilt file, opened."""
        # Named apart from upstream's and from what another bootstrap gave: the bytes of all
        # of them lie in one spool.
        url = f"rebuilt-{product.sha256}-{name}"
        path, sha256 = product.path, product.sha256
        mine = Posted("rebuild", form, self.release, target, url, path, sha256, ())
        return self.opener.open(mine)


def _problems(opinion: Opinion) -> tuple[str, ...]:
    return tuple(error.cause for error in opinion.unasked)


def _result(
    name: str,
    product: Product,
    outcome: RebuildOutcome,
    cause: Cause,
    posted: str = "",
    verified: tuple[Verification, ...] = (),
    where: tuple[str, ...] = (),
) -> FileResult:
    return FileResult(name, product.size, product.sha256, outcome, cause, posted, verified, where)


def keep_reproduced(result: FileResult, product: Product, directory: Path) -> None:
    """Keep a file that is upstream's, under its posted name, for ``--channel rebuild``."""
    if result.outcome is not RebuildOutcome.REPRODUCED or result.name.endswith((".mod", ".info")):
        return
    directory.mkdir(parents=True, exist_ok=True)
    place = directory / result.name
    if place.exists():
        place.unlink()
    place.hardlink_to(product.path)
    used(place)
