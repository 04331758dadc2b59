"""What ``samego source`` found, as text for a person: the answer first, then what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from samego.report.words import amount
from samego.source.result import (
    Difference,
    Disagreement,
    Generated,
    GitTag,
    InGit,
    NotChecked,
    OpaqueFile,
    Packed,
    Packing,
    RestsOn,
    SourceResult,
    SourceVerdict,
    Unmet,
    Use,
    VendoredModule,
    What,
)
from samego.system.terminal import visible

_VERDICTS = {
    SourceVerdict.AS_STATED: "all that could be checked is as upstream states it",
    SourceVerdict.DIFFERS: "DIFFERS from what upstream states",
    SourceVerdict.UNDECIDED: "undecided: not all could be asked",
}
_WHAT = {
    What.CONTENT: "other content",
    What.MISSING: "missing",
    What.EXTRA: "should not be there",
    What.MODE: "other permission to run",
    What.KIND: "not the same kind of file",
}
_UNCHECKED = {
    NotChecked.NOT_SERVED: "nobody who was asked gives it",
    NotChecked.UNREACHED: "not all could be asked",
    NotChecked.OTHER_ZIP: "the log has no record of it, and the proxy's zip is not go.sum's",
    NotChecked.NO_HASH: "neither the log nor go.sum states its hash",
}
_UNMET = {
    Unmet.NOT_REQUIRED: "{about}: modules.txt and go.mod do not agree that it is required"
    " ({stated} and {found})",
    Unmet.NOT_LISTED: "{about} {stated} is required in go.mod, and modules.txt does not list it",
    Unmet.VERSION: "{about}: modules.txt has {stated}, go.mod has {found}",
    Unmet.REPLACED: "{about} replaces modules by others",
    Unmet.GO_VERSION: "{about}: modules.txt says go {stated}, its own go.mod go {found}",
    Unmet.GO_SUM: "{about}: go.sum has {stated}, the module has {found}",
    Unmet.NO_MODULE: "{about} belongs to no module that modules.txt lists",
    Unmet.NO_PACKAGE: "{about} is listed in modules.txt, and has no sources here",
    Unmet.UNLISTED_PACKAGE: "{about} has sources here, and modules.txt does not list it",
}
_USES = {
    Use.LINKED: "linked into programs",
    Use.EMBEDDED: "embedded in packages",
    Use.BUILD: "used by builds",
    Use.RUN_TIME: "read at run time",
    Use.UNKNOWN: "OF UNKNOWN USE",
    Use.NO_BUILD: "in no build",
    Use.TEST_DATA: "test data only",
}
#: How many paths of one kind are named, without --verbose.
_NAMED = 20
_SHORT = 12


def render_text(result: SourceResult, *, verbose: bool = False) -> str:
    """The result for a person; with ``verbose`` no list is shortened."""
    return "".join(f"{visible(line)}\n" for line in _lines(result, verbose=verbose))


def _lines(result: SourceResult, *, verbose: bool) -> Iterator[str]:
    yield f"{result.release}: {_VERDICTS[result.verdict]}"
    yield f"source  {_source(result)}"
    yield from _packing_lines(result.packing, verbose=verbose)
    if not result.complete:
        yield "        the module form has no api, doc, misc and test: nothing is said of those"
    yield ""
    yield from _vendored_lines(result, verbose=verbose)
    yield ""
    yield from _opaque_lines(result.opaque, verbose=verbose)
    if result.git is not None:
        yield ""
        yield from _git_lines(result.git, verbose=verbose)
    if result.generated:
        yield ""
        yield from _generated_lines(result.generated, verbose=verbose)


def _source(result: SourceResult) -> str:
    name = result.file or result.packing.name
    return f"{name}, {amount(result.size, 'byte')}, sha256 {result.sha256}"


def _packing_lines(packing: Packing, *, verbose: bool) -> Iterator[str]:
    if packing.outcome is Packed.POSTED:
        yield f"        is upstream's {packing.name}, byte for byte"
        yield from (f"        verified: {each.how} ({each.rests_on})" for each in packing.verified)
        return
    if packing.outcome is Packed.UNDECIDED:
        why = _UNCHECKED[packing.unchecked or NotChecked.UNREACHED]
        yield f"        is no file that upstream announced; upstream's own: {why}"
        return
    upstream = packing.upstream
    name = upstream.name if upstream else ""
    if packing.outcome is Packed.SAME_FILES:
        yield (
            f"        is no file that upstream announced: another packing of the same"
            f" {amount(packing.identical, 'file')} ({name})"
        )
    else:
        yield (
            f"        is no file that upstream announced, and"
            f" {amount(len(packing.differences), 'file')} of"
            f" {packing.identical + len(packing.differences):,} not upstream's ({name})"
        )
    if packing.not_compared:
        yield f"        not compared: {amount(packing.not_compared, 'file')} that {name} leaves out"
    yield from _difference_lines(packing.differences, verbose=verbose)


def _vendored_lines(result: SourceResult, *, verbose: bool) -> Iterator[str]:
    modules = [module for directory in result.vendored for module in directory.modules]
    identical = Counter[RestsOn]()
    for module in modules:
        if module.rests_on:
            identical[module.rests_on] += module.identical
    checked = [module for module in modules if module.checked]
    yield (
        f"vendored  {sum(identical.values()):,} of"
        f" {amount(sum(each.files for each in checked), 'file')} in"
        f" {amount(len(checked), 'module')} identical:"
        f" {identical[RestsOn.LOG]:,} to logged modules,"
        f" {identical[RestsOn.GO_SUM]:,} to modules of go.sum that are not in the log"
    )
    missed = [module for module in modules if not module.checked]
    if missed:
        files = sum(each.files for each in missed)
        yield (
            f"          NOT CHECKED: {amount(files, 'file')} of"
            f" {amount(len(missed), 'module')} that could not be had"
        )
    for directory in result.vendored:
        yield f"  {directory.path}"
        for module in directory.modules:
            yield f"    {module.path} {module.version}: {_module(module)}"
            yield from _difference_lines(module.differences, verbose=verbose)
        yield from (f"    {_contradiction(each)}" for each in directory.contradictions)


def _module(module: VendoredModule) -> str:
    if not module.checked:
        why = _UNCHECKED[module.unchecked or NotChecked.UNREACHED]
        return f"{amount(module.files, 'file')} not checked ({why})"
    on = f"record {module.record}" if module.rests_on is RestsOn.LOG else "go.sum alone"
    unequal = f", {len(module.differences):,} NOT" if module.differences else ""
    return f"{module.identical:,} identical{unequal} ({on})"


def _contradiction(each: Disagreement) -> str:
    return _UNMET[each.kind].format(
        about=each.about, stated=each.stated or "nothing", found=each.found or "nothing"
    )


def _opaque_lines(files: Sequence[OpaqueFile], *, verbose: bool) -> Iterator[str]:
    nul = sum(each.nul for each in files)
    elf = sum(each.form.startswith("ELF") for each in files)
    yield (
        f"opaque  {amount(nul, 'file')} with NUL bytes ({elf} of them ELF),"
        f" {len(files) - nul} more that are no text"
    )
    for use, name in _USES.items():
        found = [each for each in files if each.use is use]
        if found:
            yield f"  {name}: {len(found):,}"
        if use is not Use.TEST_DATA or verbose:
            for each in found:
                yield from _opaque(each)
        elif found:
            forms = Counter(each.form for each in found)
            yield from (f"    {number:,} {form}" for form, number in forms.most_common(_SHORT))


def _opaque(file: OpaqueFile) -> Iterator[str]:
    words = (file.form, file.package, file.constraint)
    yield f"    {file.path}: {'; '.join(word for word in words if word)}"
    if file.pinned is not None:
        yield f"      {file.pin}: {'its checksum' if file.pinned else 'ANOTHER CHECKSUM'}"
    for origin in file.origins:
        yield f"      {origin.path}: {origin.text}"
    if not file.origins and file.use not in {Use.TEST_DATA, Use.NO_BUILD}:
        yield "      upstream says nothing of where it is from"


def _git_lines(tag: GitTag, *, verbose: bool) -> Iterator[str]:
    if tag.outcome is InGit.UNDECIDED:
        yield f"git     the tag {tag.tag} could not be read: {tag.reason}"
        return
    gives = "gives the same" if tag.outcome is InGit.SAME_FILES else "DOES NOT give the same"
    yield f"git     the tag {tag.tag} {gives} files: {tag.identical:,} by their {tag.object_format}"
    yield f"        commit {tag.commit}, tree {tag.tree}"
    signed = f"signed ({tag.signature}; not checked)" if tag.signature else "not signed"
    yield f"        the tag is {signed}"
    for what, paths in (("only in the source", tag.added), ("left out of it", tag.left_out)):
        if paths:
            yield f"        {what}, as upstream does: {', '.join(paths[:_NAMED])}"
    if tag.modes:
        yield f"        upstream gives {amount(tag.modes, 'file')} permissions by name, not git's"
    if tag.not_compared:
        yield f"        not compared: {amount(tag.not_compared, 'file')} that this form has not"
    yield from _difference_lines(tag.differences, verbose=verbose)


def _generated_lines(generated: Iterable[Generated], *, verbose: bool) -> Iterator[str]:
    yield "generated files, made again by the release's own generators"
    for each in generated:
        if not each.decided:
            yield f"  {each.name}: not known ({each.reason})"
            continue
        same = each.files - len(each.differences)
        yield f"  {each.name}: {same:,} of {amount(each.files, 'file')} identical"
        yield from _difference_lines(each.differences, verbose=verbose)


def _difference_lines(differences: Sequence[Difference], *, verbose: bool) -> Iterator[str]:
    shown = differences if verbose else differences[:_NAMED]
    yield from (f"      {each.path}: {_WHAT[each.what]}" for each in shown)
    if len(shown) < len(differences):
        yield f"      and {len(differences) - len(shown):,} more (--verbose names all)"
