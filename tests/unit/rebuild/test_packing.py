from __future__ import annotations

import pytest

from samego.rebuild.packing import switch, switchable
from support.toy_go import PACK_GO


def test_each_write_gets_its_switch_and_no_other_line_changes() -> None:
    text = switchable(PACK_GO)
    assert text is not None
    for part, count in (("source", 1), ("archive", 2), ("module", 1)):
        assert text.count(f'strings.Contains(os.Getenv("SAMEGO_PACK"), "{part}")') == count
    kept = [line.strip() for line in text.splitlines()]
    assert [line.strip() for line in PACK_GO.splitlines() if line.strip() not in kept] == []
    assert switch(["module", "source"]) == {"SAMEGO_PACK": "module source"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        PACK_GO.replace("srcArch", "sourceArchive"),
        PACK_GO + '\twriteTgz(distpack("more"), srcArch)\n',
        PACK_GO.replace("writeZip(distpack(modVers", "pack(distpack(modVers"),
    ],
    ids=["empty", "renamed", "one more", "another function"],
)
def test_a_packer_that_is_not_as_expected_is_left_alone(text: str) -> None:
    assert switchable(text) is None
