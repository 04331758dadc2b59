"""The vendored packages of a release against the logged modules that modules.txt names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from samego.errors import InputError, NetworkError, NotPostedError, SamegoError
from samego.model.tree import Kind, Tree
from samego.source.go_files import (
    GoMod,
    ListedModule,
    parse_go_mod,
    parse_go_sum,
    parse_modules_txt,
)
from samego.source.result import (
    Difference,
    Disagreement,
    NotChecked,
    RestsOn,
    Unmet,
    VendorDirectory,
    VendoredModule,
    What,
)
from samego.source.statements import (
    file_contradictions,
    listing_contradictions,
    module_of,
    sum_contradiction,
)
from samego.source.vendored_files import vendored_files
from samego.system.progress import Progress
from samego.upstream.channels.module_zips import ModuleZip, OtherModuleError
from samego.upstream.sumdb.client import Lookup

#: The modules of a release, and where what they vendor lies.
DIRECTORIES = {"src": "src/vendor", "src/cmd": "src/cmd/vendor"}


class Zips(Protocol):
    """Where modules come from (samego.upstream.channels.module_zips.ModuleZips)."""

    def logged(self, module: str, version: str) -> Lookup | None:
        """The checksum database's record of a version, or None where it has none."""

    def fetch(self, module: str, version: str, logged: Lookup | None, stated: str) -> ModuleZip:
        """The module's zip, verified."""


def check_vendored(tree: Tree, zips: Zips, progress: Progress) -> tuple[VendorDirectory, ...]:
    """Hold both vendor directories of a source tree against the modules.

    Raises InputError for a source without them or with files that cannot be read,
    ContradictedError for a proxy that serves another zip than the logged one, and what the
    checksum database's client raises.
    """
    return tuple(
        _Directory(tree, root, directory, zips, progress).check()
        for root, directory in DIRECTORIES.items()
    )


class _Checked(NamedTuple):
    module: VendoredModule
    contradictions: tuple[Disagreement, ...] = ()


class _Directory:
    """One vendor directory."""

    def __init__(
        self, tree: Tree, root: str, directory: str, zips: Zips, progress: Progress
    ) -> None:
        self._tree = tree
        self._directory = directory
        self._zips = zips
        self._progress = progress
        self._mod: GoMod = parse_go_mod(self._read(f"{root}/go.mod"), name=f"{root}/go.mod")
        self._sums: Mapping[tuple[str, str], str] = parse_go_sum(
            self._read(f"{root}/go.sum"), name=f"{root}/go.sum"
        )
        listing = f"{directory}/modules.txt"
        self._listed: Sequence[ListedModule] = parse_modules_txt(self._read(listing), name=listing)
        self._files = self._by_module()

    def check(self) -> VendorDirectory:
        checked = [self._module(each) for each in self._listed]
        contradictions = (
            *listing_contradictions(self._listed, self._mod),
            *file_contradictions(self._directory, self._listed, self._tree),
            *(each for one in checked for each in one.contradictions),
        )
        return VendorDirectory(
            self._directory, tuple(each.module for each in checked), contradictions
        )

    def _read(self, path: str) -> bytes:
        if path not in self._tree:
            raise InputError(
                f"{self._tree.name} has no {path}",
                hint="name the source of go1.21 or later",
            )
        return self._tree.read(path)

    def _by_module(self) -> Mapping[str, Mapping[str, str]]:
        """The digest of each vendored file, by module and by its path there; empty for a link."""
        found: dict[str, dict[str, str]] = {each.path: {} for each in self._listed}
        prefix = f"{self._directory}/"
        for path, entry in self._tree.items():
            if path.startswith(prefix) and entry.kind is not Kind.DIRECTORY:
                below = path[len(prefix) :]
                module = module_of(below, found)
                if module:
                    found[module][below[len(module) + 1 :]] = entry.sha256
        return found

    def _module(self, listed: ListedModule) -> _Checked:
        self._progress.stage(f"checking {listed.path} {listed.version}")
        stated = self._sums.get((listed.path, listed.version), "")
        logged = None
        try:
            logged = self._zips.logged(listed.path, listed.version)
            module = self._zips.fetch(listed.path, listed.version, logged, stated)
        except OtherModuleError as error:
            found = self._unchecked(listed, NotChecked.OTHER_ZIP, error)
        except NetworkError as error:
            found = self._unchecked(listed, NotChecked.UNREACHED, error)
        except NotPostedError as error:
            why = NotChecked.NOT_SERVED if stated or logged else NotChecked.NO_HASH
            found = self._unchecked(listed, why, error)
        else:
            return self._against(listed, module)
        # The log speaks of go.sum even where no proxy has the zip.
        spoken = tuple(sum_contradiction(listed, logged.zip_h1, self._sums)) if logged else ()
        return _Checked(found, spoken)

    def _unchecked(
        self, listed: ListedModule, why: NotChecked, error: SamegoError
    ) -> VendoredModule:
        # What an answer says may name a server of the user's: for the user alone.
        self._progress.note(f"{listed.path} {listed.version} is not checked: {error.cause}")
        files = len(self._files[listed.path])
        return VendoredModule(
            listed.path, listed.version, len(listed.packages), files, unchecked=why
        )

    def _against(self, listed: ListedModule, module: ModuleZip) -> _Checked:
        here = self._files[listed.path]
        differences = sorted(
            self._differences(listed, module.tree, here), key=lambda each: each.path
        )
        unequal = sum(each.what is not What.MISSING for each in differences)
        logged = module.logged
        return _Checked(
            VendoredModule(
                listed.path,
                listed.version,
                len(listed.packages),
                len(here),
                RestsOn.LOG if logged else RestsOn.GO_SUM,
                module.h1,
                logged.record if logged else None,
                len(here) - unequal,
                tuple(differences),
            ),
            (
                *sum_contradiction(listed, module.h1, self._sums),
                *_go_contradiction(listed, module.tree),
            ),
        )

    def _differences(
        self, listed: ListedModule, zipped: Tree, here: Mapping[str, str]
    ) -> Iterator[Difference]:
        expected = vendored_files(listed.path, listed.packages, zipped)
        for path in expected | here.keys():
            shown = f"{self._directory}/{listed.path}/{path}"
            if path not in here:
                yield Difference(shown, What.MISSING)
            elif path in zipped and here[path] != zipped[path].sha256:
                yield Difference(shown, What.CONTENT)
            elif path not in expected:
                yield Difference(shown, What.EXTRA)


def _go_contradiction(listed: ListedModule, zipped: Tree) -> Iterator[Disagreement]:
    """Where modules.txt states another Go version than the module's own go.mod."""
    if "go.mod" not in zipped:
        return
    stated = parse_go_mod(zipped.read("go.mod"), name=f"the go.mod of {listed.path}").go
    if listed.go and stated != listed.go:
        yield Disagreement(Unmet.GO_VERSION, listed.path, listed.go, stated)
