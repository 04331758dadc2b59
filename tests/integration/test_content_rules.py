"""The rules for everything but executables, on what Debian and Go really ship (amd64)."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import subprocess
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from samego.compare.consequences import find_consequences, zip_hash1
from samego.compare.pins import pin_files
from samego.model.finding import Effect, Side
from samego.model.inputs import Context, Inputs, Patch
from samego.model.proof import Proof, Standing
from samego.rules.interface import Blob, Rule
from samego.rules.registry import default_rules
from support.inputs import Inputs as RealInputs
from support.rule_context import context, flipped, policy

pytestmark = pytest.mark.network

Files = Mapping[str, bytes]

#: GNU types of debian/helpers/goenv.sh (golang-1.27), by Go's architecture.
GNU_TYPES = (
    ("386", "i686-linux-gnu"),
    ("amd64", "x86_64-linux-gnu"),
    ("arm", "arm-linux-gnueabihf"),
    ("arm64", "aarch64-linux-gnu"),
    ("loong64", "loongarch64-linux-gnu"),
    ("mips", "mips-linux-gnu"),
    ("mips64le", "mips64el-linux-gnuabi64"),
    ("mipsle", "mipsel-linux-gnu"),
    ("ppc64", "powerpc64-linux-gnu"),
    ("ppc64le", "powerpc64le-linux-gnu"),
    ("riscv64", "riscv64-linux-gnu"),
    ("s390x", "s390x-linux-gnu"),
)
COMPILERS = {
    f"{kind}_FOR_linux_{arch}": f"{gnu}-{program}"
    for arch, gnu in GNU_TYPES
    for kind, program in (("CC", "gcc"), ("CXX", "g++"))
}
_ELF = b"\x7fELF"


@dataclass(frozen=True, slots=True)
class Case:
    """A package with the date of its changelog, and the source package of its patches."""

    debs: str
    release: str
    date: int
    source: str
    exact: bool
    expected: Mapping[tuple[str, Standing], int]


EQUIVALENT, EXPLAINED = Standing.EQUIVALENT, Standing.EXPLAINED
_OLD = {
    ("shebang", EQUIVALENT): 8,
    ("patched_source", EXPLAINED): 1,
    ("generated_settings", EXPLAINED): 1,
}
CASES = (
    Case("bookworm-backports/1.21/amd64", "go1.21.13", 1725873980, "1.24.4-1", False, _OLD),
    Case(
        "trixie/1.24/amd64",
        "go1.24.4",
        1750073658,
        "1.24.4-1",
        True,
        {**_OLD, ("nondeterminism_stripped", EQUIVALENT): 2},
    ),
    Case(
        "sid/1.27/amd64",
        "go1.27.3",
        1792793277,
        "1.27.1-2",
        False,
        {
            ("shebang", EQUIVALENT): 8,
            ("patched_source", EXPLAINED): 3,
            ("generated_settings", EXPLAINED): 3,
            ("nondeterminism_stripped", EQUIVALENT): 41,
            # The tool made a regular file of symlink.zip's link.
            ("nondeterminism_stripped", EXPLAINED): 1,
        },
    ),
)


def upstream_files(module: Path) -> Files:
    """All files of a module zip, by path below GOROOT."""
    with zipfile.ZipFile(module) as archive:
        names = archive.namelist()
        return {
            name.split("/", 2)[2].replace("_go.mod", "go.mod"): archive.read(name) for name in names
        }


def distro_files(debs: Sequence[Path], keep: Callable[[str, bytes], bool]) -> Files:
    """The files below GOROOT of packages, read with Debian's own tools."""
    files = {}
    for deb in debs:
        with (
            subprocess.Popen(
                ["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE
            ) as process,
            tarfile.open(fileobj=process.stdout, mode="r|") as archive,
        ):
            for member in archive:
                match = re.match(r"\./usr/(?:lib|share)/go-[\d.]+/(.+)", member.name)
                file = archive.extractfile(member) if match and member.isreg() else None
                if match and file:
                    data = file.read()
                    if keep(match[1], data):
                        files[match[1]] = data
    return files


def read_patches(directory: Path, *, exact: bool) -> tuple[Patch, ...]:
    """The series of a source package."""
    (packaging,) = directory.glob("*.debian.tar.xz")
    with tarfile.open(packaging) as archive:

        def read(name: str) -> bytes:
            file = archive.extractfile(f"debian/patches/{name}")
            assert file is not None
            return file.read()

        names = read("series").decode().split()
        origin = f"debian/patches of {packaging.name}"
        return tuple(Patch(name, read(name), origin, exact) for name in names)


@dataclass(frozen=True, slots=True)
class Differing:
    """The files that differ and are no executables, with what Debian declares."""

    case: Case
    upstream: Files
    distro: Files
    frame: Context


@pytest.fixture(
    scope="module",
    params=[
        # What it shows is in the two others as well.
        pytest.param(case, id=case.release, marks=pytest.mark.long if case is CASES[0] else ())
        for case in CASES
    ],
)
def differing(request: pytest.FixtureRequest, inputs: RealInputs) -> Differing:
    """One package of Debian against its release."""
    case: Case = request.param
    upstream = upstream_files(inputs.module_zip(case.release, "linux-amd64"))
    distro = distro_files(
        inputs.debs(case.debs),
        lambda path, data: (
            path in upstream and data != upstream[path] and not data.startswith(_ELF)
        ),
    )
    settings = {"GO386": "softfloat", **(COMPILERS if case.release >= "go1.26" else {})}
    frame = context(
        distro,
        {path: upstream[path] for path in distro},
        policy("strip-nondeterminism", "dh_perl", settings=settings),
        Inputs(case.date, patches=read_patches(inputs.source(case.source), exact=case.exact)),
        release=case.release,
    )
    return Differing(case, upstream, distro, frame)


@pytest.fixture(scope="module")
def rules() -> Iterator[tuple[Rule, ...]]:
    """The rules as a check uses them."""
    with default_rules() as made:
        yield made


def first_proof(rules: Sequence[Rule], path: str, frame: Context) -> Proof | None:
    """What the first rule that proves anything says of a path."""
    distro, upstream = Blob(path, frame.distro), Blob(path, frame.upstream)
    proofs = (rule.prove(distro, upstream, frame) for rule in rules)
    return next((proof for proof in proofs if proof is not None), None)


def test_every_differing_file_is_proven(differing: Differing, rules: tuple[Rule, ...]) -> None:
    seen: Counter[tuple[str, Standing]] = Counter()
    for path in differing.distro:
        proof = first_proof(rules, path, differing.frame)
        assert proof is not None, path
        assert proof.digest == differing.frame.distro[path].sha256, path
        seen[proof.rule, proof.standing] += 1
    assert seen == differing.case.expected


def test_one_changed_byte_is_never_proven(differing: Differing, rules: tuple[Rule, ...]) -> None:
    chosen = random.Random(differing.case.date)  # noqa: S311 - to be the same in every run
    tampered = {
        path: flipped(data, chosen.randrange(len(data))) for path, data in differing.distro.items()
    }
    frame = context(
        tampered,
        {path: differing.upstream[path] for path in tampered},
        differing.frame.policy,
        differing.frame.inputs,
        release=differing.case.release,
    )
    proven = [path for path in tampered if first_proof(rules, path, frame) is not None]
    assert proven == []


def test_broken_pins_are_told(differing: Differing) -> None:
    needed = {pin_file.pinned_in for pin_file in pin_files()}
    needed |= {pin_file.acts_when[0] for pin_file in pin_files() if pin_file.acts_when}
    upstream = {
        path: data
        for path, data in differing.upstream.items()
        if path in needed or path.startswith("lib/fips140/") or path.endswith("-Opticks.txt")
    }
    frame = context({**upstream, **differing.distro}, upstream, differing.frame.policy)
    found = find_consequences(frame.distro, frame.upstream)
    effects = {path: [item.effect for item in items] for path, items in found.items()}
    assert (
        effects
        == {
            "go1.21.13": {},
            "go1.24.4": {"lib/fips140/v1.0.0.zip": [Effect.LATENT]},
            "go1.27.3": {
                "lib/fips140/v1.0.0-c2097c7c.zip": [Effect.BREAKS],
                "lib/fips140/v1.26.0.zip": [Effect.BREAKS],
            },
        }[differing.case.release]
    )
    assert all(item.side is Side.DISTRO for items in found.values() for item in items)
    assert find_consequences(frame.upstream, frame.upstream) == {}


def digests_in(data: bytes) -> Iterator[str]:
    """Everything in a file that could be a SHA-256, in hex (lower case) or in base64."""
    for match in re.findall(rb"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])", data):
        yield match.decode().lower()
    for end in re.finditer(rb"(?<=[A-Za-z0-9+/]{43})=", data):
        yield data[end.start() - 43 : end.end()].decode()


def test_every_pin_of_a_real_tree_is_known(differing: Differing) -> None:
    """Search the whole tree for any sha256 or h1 of one of its files, in another file."""
    digests: dict[str, set[str]] = {}
    for path, data in differing.upstream.items():
        digest = hashlib.sha256(data)
        known = {digest.hexdigest(), base64.b64encode(digest.digest()).decode()}
        if path.endswith(".zip"):
            known.add(zip_hash1(data).removeprefix("h1:"))
        if path.endswith("go.mod"):
            line = f"{digest.hexdigest()}  go.mod\n".encode()
            known.add(base64.b64encode(hashlib.sha256(line).digest()).decode())
        for text in known if data else ():
            digests.setdefault(text, set()).add(path)
    found = {
        (path, pinned)
        for path, data in differing.upstream.items()
        if not data.startswith(_ELF)
        for text in digests_in(data)
        for pinned in digests.get(text, ())
    }
    declared = {
        (pin_file.pinned_in, pin.path)
        for pin_file in pin_files()
        if pin_file.pinned_in in differing.upstream
        for pin in pin_file.read(differing.upstream[pin_file.pinned_in]).pins
    }
    assert found == declared
    assert ("src/net/sendfile_test.go", "src/testdata/Isaac.Newton-Opticks.txt") in found
