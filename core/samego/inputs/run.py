"""The job of ``samego inputs``: a release built twice, plain and with everything varied."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version

from samego.errors import BuildError, InputError
from samego.inputs.bisect import culprits
from samego.inputs.compare_builds import BuildComparer
from samego.inputs.experiment import Experiment, check_sandbox
from samego.inputs.kept import bound
from samego.inputs.probe import changes_with
from samego.inputs.real_input import real_inputs
from samego.inputs.result import InputsResult, TargetInputs, VariedInput
from samego.inputs.surroundings import Surroundings
from samego.inputs.table import table
from samego.inputs.variation import variations, with_required
from samego.inputs.workshop import InputsOptions, Workshop
from samego.model.release import Target
from samego.system.host import host_target
from samego.system.progress import Progress
from samego.upstream.connect import connect


def try_inputs(options: InputsOptions, progress: Progress) -> InputsResult:
    """Build plain and varied, and find what changes the bytes.

    Raises SamegoError for what keeps the run from starting, and BuildError when the plain
    build fails.
    """
    began = time.monotonic()
    unknown = options.without - set(variations())
    if unknown:
        raise InputError(
            f"there is no variation {min(unknown)}", hint=f"name one of {', '.join(variations())}"
        )
    check_sandbox(Surroundings(frozenset()))
    with connect(options.config, progress=progress) as (upstream, opener):
        workshop = Workshop(options, progress, opener, upstream)
        targets = tuple(dict.fromkeys(options.targets)) or (host_target(),)
        results = tuple(_Run(workshop, target).result() for target in targets)
        bound(options.config.cache_directory)
        return InputsResult(
            options.release,
            options.program,
            (workshop.plain_bootstrap.origin, workshop.other_bootstrap.origin),
            results,
            time.monotonic() - began,
            version("samego"),
        )


class _Run:
    """One target of a run."""

    def __init__(self, workshop: Workshop, target: Target) -> None:
        self._workshop = workshop
        self._target = target
        self._program = workshop.options.program
        self._comparer = BuildComparer(
            workshop.options.release,
            target,
            self._program,
            workshop.upstream,
            workshop.opener,
            workshop.directory,
            workshop.posted_tree,
        )

    def result(self) -> TargetInputs:
        """Build the target plain and varied, and compare."""
        target, comparer, workshop = self._target, self._comparer, self._workshop
        names = tuple(name for name in variations() if name not in workshop.unavailable)
        control = self._build(frozenset())
        doubt = comparer.doubt(control)
        if doubt:
            rows = table(workshop.unavailable, control.seen, None)
            return TargetInputs(target, control, doubt, None, "", rows, (), ())
        varied, error = self._varied(names)
        found: Sequence[str] = ()
        where: tuple[str, ...] = ()
        along: tuple[str, ...] = ()
        if varied is None:
            found = culprits(names, lambda some: self._varied(some)[0] is None)
            where = (self._varied(found)[1],)
        elif varied.files != control.files:
            found = culprits(names, lambda some: self._differs(control, some))
            other = self._build(with_required(found))
            where = comparer.where(other, control)
            along = self._along(control, other, found)
        rows = table(workshop.unavailable, control.seen, varied)
        tried = tuple(self._tried(control))
        return TargetInputs(
            target, control, "", varied, error, rows, tuple(found), where, along, tried
        )

    def _varied(self, names: Iterable[str]) -> tuple[Experiment | None, str]:
        """A build with these varied; or why it does not build."""
        try:
            return self._build(with_required(names)), ""
        except BuildError as error:
            return None, error.message

    def _differs(self, control: Experiment, names: frozenset[str]) -> bool:
        """Whether it gives other bytes; what does not build gives none."""
        build, _error = self._varied(names)
        return build is not None and build.files != control.files

    def _along(
        self, control: Experiment, other: Experiment, found: Sequence[str]
    ) -> tuple[str, ...]:
        """What the probe saw change besides, where some were varied: it can be the cause as well.

        What changes nothing where it is varied without them is none.
        """
        names = [
            name
            for name, variation in variations().items()
            if name not in found and changes_with(variation, control.seen, other.seen)
        ]
        return tuple(name for name in names if self._may_be_it(control, name, found))

    def _may_be_it(self, control: Experiment, name: str, found: Sequence[str]) -> bool:
        alone = with_required((name,))
        return bool(alone & set(found)) or self._differs(control, alone)

    def _build(self, names: frozenset[str]) -> Experiment:
        what = self._program or str(self._workshop.options.release)
        how = f"with {len(names)} things varied" if names else "in plain surroundings"
        self._workshop.progress.stage(f"building {what} for {self._target}, {how}")
        return self._workshop.build(self._target, names, None)

    def _tried(self, control: Experiment) -> Iterator[VariedInput]:
        """The things that are inputs, each varied alone."""
        program = bool(self._program)
        for each in real_inputs() if self._workshop.options.inputs else ():
            if not each.applies(self._target, program=program):
                continue
            self._workshop.progress.stage(f"building with another {each.name} ({each.what})")
            try:
                build = self._workshop.build(self._target, frozenset(), each)
            except BuildError as error:
                yield VariedInput(each.name, each.what, (), (), error.message)
                continue
            changed = self._comparer.changed(build, control)
            unexpected = each.unexpected(changed)
            if program:
                unexpected = () if bool(changed) is each.program else (self._program,)
            yield VariedInput(each.name, each.what, changed, unexpected)
