"""What the checksum database's record says of go.dev's archive.

The log has records of module zips alone. But cmd/distpack/pack.go makes the zip out of the
archive's files, and an ``h1:`` hash is over names and contents, not over the zip's own bytes: so
the archive gives the hash that the record must have. What the zip leaves out (api, doc, misc,
test) and the modes take no part in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from samego.errors import VerificationError
from samego.formats.archive.dirhash import hash1
from samego.model.release import TOOLCHAIN_MODULE
from samego.model.tree import Kind, Tree
from samego.upstream.channels.interface import MODULE_LEAVES_OUT

_GO_MOD, _RENAMED = "go.mod", "_go.mod"


@dataclass(frozen=True, slots=True)
class ModuleForm:
    """The ``h1:`` hash of the module zip that an archive's files make.

    ``files`` of the archive's ``of`` files take part in it.
    """

    h1: str
    files: int
    of: int

    @property
    def whole(self) -> str:
        """How much of the archive that is, as a phrase."""
        left_out = ", ".join(MODULE_LEAVES_OUT[:-1])
        return (
            f"{self.files:,} of its {self.of:,} files; not those below {left_out} and"
            f" {MODULE_LEAVES_OUT[-1]}, and no file's mode"
        )


def module_form(tree: Tree, version: str) -> ModuleForm:
    """The module zip of this version that the files of an archive make.

    Raises VerificationError for an archive from which none is made: that has links, or a name that
    would be another's in the zip.
    """
    shared = []
    for path, entry in tree.items():
        if entry.kind is Kind.DIRECTORY or path.startswith(MODULE_LEAVES_OUT):
            continue
        directory, slash, name = path.rpartition("/")
        if entry.kind is not Kind.FILE or name == _RENAMED:
            raise VerificationError(
                f"{tree.name} has {path!r}, which no archive of go.dev/dl has",
                hint="do not use the file; download it again",
            )
        renamed = _RENAMED if name == _GO_MOD and slash else name
        member = f"{TOOLCHAIN_MODULE}@{version}/{directory}{slash}{renamed}"
        shared.append((member, entry.sha256))
    files = sum(entry.kind is Kind.FILE for entry in tree.values())
    return ModuleForm(hash1(shared), len(shared), files)
