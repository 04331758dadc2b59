"""``.PKGINFO``: what a package is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from samego.distro.interface import Remark
from samego.model.causes.packages import DeclaredField, OtherField, UndeclaredField
from samego.model.fields import of_form
from samego.model.places.entries import ActsOn
from samego.model.policy import Policy
from samego.model.proof import Proof, Standing, Tool
from samego.model.value import Cause
from samego_arch.package.field_table import rows
from samego_arch.package.metadata import parse_fields
from samego_arch.version import ArchVersion

NAME = ".PKGINFO"
#: A package's name (PKGBUILD(5)).
PACKAGE_NAME = r"[A-Za-z0-9@_+][A-Za-z0-9@._+-]*"


@dataclass(frozen=True, slots=True)
class PkgInfo:
    """A package's identity, and all its ``fields``.

    ``builddate`` is in seconds since 1970, ``size`` in bytes.
    """

    name: str
    base: str
    version: ArchVersion
    architecture: str
    builddate: int
    packager: str
    size: int
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def parse_pkginfo(data: bytes, *, name: str) -> PkgInfo:
    """Read a .PKGINFO. Raises InputError for one that is not as makepkg writes it."""
    fields = parse_fields(data, name=f"{name}'s {NAME}", known=of_form(rows(), NAME))
    package = fields.one("pkgname", PACKAGE_NAME)
    return PkgInfo(
        package,
        fields.one("pkgbase", PACKAGE_NAME) if "pkgbase" in fields else package,
        ArchVersion(fields.one("pkgver")),
        fields.one("arch", r"[a-z0-9_]+"),
        fields.seconds("builddate"),
        fields.one("packager"),
        int(fields.one("size", r"\d{1,15}")),
        dict(fields),
    )


@dataclass(frozen=True, slots=True)
class RecipeFields:
    """What the recipe that a package was built from says of its fields.

    ``hint`` are the fields that pacman acts on, as the recipe's text has them; ``written`` runs
    the recipe and gives all fields that makepkg writes, or a phrase that says why it could not.
    ``origin`` names the recipe, ``tool`` what runs it.
    """

    hint: Mapping[str, tuple[str, ...]]
    written: Callable[[], Mapping[str, tuple[str, ...]] | str]
    origin: str
    tool: Tool


def judge_pkginfo(
    fields: Mapping[str, tuple[str, ...]],
    package: str,
    policy: Policy,
    recipe: RecipeFields | None = None,
) -> Iterator[Remark]:
    """A remark for every key with values that the policy does not declare.

    The package's own recipe decides where it is available: it is run where the package differs
    from the policy or from the recipe's text.
    """
    strange = dict(_strange(fields, package, policy))
    if recipe is None or not (strange or _unlike(fields, recipe.hint)):
        yield from _undeclared(strange, package)
        return
    written = recipe.written()
    if isinstance(written, str):
        yield from _undeclared(strange, package, written)
        return
    for key in _OF_RECIPE:
        ours, theirs = fields.get(key, ()), written.get(key, ())
        acts = of_form(rows(), NAME)[key].acts
        if key not in fields and not acts:
            continue  # pacman's database keeps only the fields that pacman acts on
        if sorted(ours) != sorted(theirs):
            cause = OtherField(key, tuple(ours), tuple(theirs), "makepkg", recipe.origin)
            yield _remark(key, Standing.UNEXPLAINED, (cause,))
        elif key in strange:
            proof = _proof(key, ours, recipe)
            yield _remark(key, Standing.EXPLAINED, proof.causes, proof)


#: What makepkg writes into .PKGINFO from the recipe's own arrays (makepkg, write_pkginfo).
_OF_RECIPE = (
    "pkgdesc",
    "url",
    "license",
    "replaces",
    "group",
    "conflict",
    "provides",
    "backup",
    "depend",
    "optdepend",
    "makedepend",
    "checkdepend",
)
RULE = "recipe_fields"


def _strange(
    fields: Mapping[str, tuple[str, ...]], package: str, policy: Policy
) -> Iterator[tuple[str, list[str]]]:
    """The keys with values that the policy does not declare, and these values."""
    rules = policy.fields_of(package)
    for row in of_form(rows(), NAME).values():
        values = [
            value
            for value in fields.get(row.field, ())
            if not any(rule.field == row.field and rule.declares(value, "") for rule in rules)
        ]
        if values and row.undeclared:
            yield row.field, values


def _unlike(fields: Mapping[str, tuple[str, ...]], hint: Mapping[str, tuple[str, ...]]) -> bool:
    return any(sorted(fields.get(key, ())) != sorted(values) for key, values in hint.items())


def _undeclared(
    strange: Mapping[str, list[str]], package: str, problem: str = ""
) -> Iterator[Remark]:
    for key, values in strange.items():
        standing = Standing(of_form(rows(), NAME)[key].undeclared)
        cause = UndeclaredField(key, tuple(values), f"Arch's {package}", problem)
        yield _remark(key, standing, (cause,))


def _proof(key: str, values: Sequence[str], recipe: RecipeFields) -> Proof:
    lines = "".join(f"{key} = {value}\n" for value in values)
    return Proof(
        RULE,
        Standing.EXPLAINED,
        (DeclaredField(key, tuple(values), f"the {recipe.origin}"),),
        digest=hashlib.sha256(lines.encode()).hexdigest(),
        tools=(recipe.tool,),
        details={"origin": recipe.origin},
    )


def _remark(
    key: str, standing: Standing, causes: tuple[Cause, ...], proof: Proof | None = None
) -> Remark:
    acts = of_form(rows(), NAME)[key].acts or "nobody; pacman shows it"
    return Remark(f"/{NAME}:{key}", "field", standing, causes, (ActsOn(acts),), proof)
