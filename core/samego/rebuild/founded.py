"""Whether a rebuilt target that differs speaks against what upstream posted.

It does where this build method has given upstream's own bytes, here, in this run: another
file of the same target, or the host's own target and, by the same installing, its executables
again. Where it has not, the target's own make.bash is tried; where that differs too, and
no control confirms it, the answer is "could not decide". The same holds for a target without a
published checksum before it is used in upstream's place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from samego.errors import BuildError
from samego.model.release import Target
from samego.rebuild.compare_files import FileResult
from samego.rebuild.results import TargetResult, Verdict
from samego.rebuild.targets import Product, Products


@dataclass(frozen=True, slots=True)
class ControlMeans:
    """What founding takes: how to build and to compare a target, and the control of installing.

    ``build`` gives a target's files, by its own make.bash where the second argument says so;
    ``install_doubt`` is empty where installing gives what make.bash does.
    """

    host: Target
    build: Callable[[Target, bool], Products]
    compare: Callable[[Target, Mapping[str, Product]], tuple[FileResult, ...]]
    install_doubt: Callable[[], str]


def founded(result: TargetResult, means: ControlMeans) -> TargetResult:
    """The result of a target with its doubt, or that of its make.bash.

    Raises what building and comparing raise, but for a build that fails: it bears nothing out.
    """
    if not result.accused:
        return result
    if result.target == means.host:
        return replace(result, doubt=f"make.bash does not give what was posted for {means.host}")
    own = _built(means.host, means, whole=False)
    doubt = "" if own.borne_out and not own.accused else _own_doubt(means, own)
    if not doubt:
        doubt = means.install_doubt()
        if not doubt:
            return result
    again = _built(result.target, means, whole=True)
    if again.products is not None and not again.accused:
        return again
    if own.borne_out and again.products is not None:
        return again  # make.bash gives upstream's own files for the host, and not this one
    return replace(result, doubt=doubt)


def controlled(result: TargetResult, means: ControlMeans) -> TargetResult:
    """The result of a target whose files have no published checksum, with its doubt.

    There is none where the same steps give the posted file for this machine (for another target:
    the same installation steps). Raises what building and comparing raise.
    """
    if result.products is None or result.verdict is not Verdict.UNDECIDED or result.doubt:
        return result
    own = result if result.target == means.host else _built(means.host, means, whole=False)
    if not own.borne_out or own.accused:
        return replace(result, doubt=_own_doubt(means, own))
    return replace(result, doubt=means.install_doubt())


def _built(target: Target, means: ControlMeans, *, whole: bool) -> TargetResult:
    try:
        products = means.build(target, whole)
    except BuildError as error:
        return TargetResult(target, (), None, error.message)
    return TargetResult(target, means.compare(target, products.files), products, "")


def _own_doubt(means: ControlMeans, own: TargetResult) -> str:
    if own.accused:
        return f"make.bash does not give what was posted for {means.host} either"
    return f"nothing that was posted for {means.host} could be compared, to see how well it builds"
