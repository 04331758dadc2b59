from __future__ import annotations

import pytest

from samego.errors import BuildError
from samego.inputs.real_input import RealInput, real_inputs
from samego.model.release import Target
from support.archives import memory_tree

INPUTS = {each.name: each for each in real_inputs()}
AMD64 = Target("linux", "amd64")


def other(path: str) -> str:
    """A path that this pattern stands for."""
    return path.partition("|")[0].replace("*", "x")


@pytest.mark.parametrize("real", INPUTS.values(), ids=INPUTS)
def test_what_it_must_change_and_nothing_else_is_expected(real: RealInput) -> None:
    changed = [other(each) for each in real.whole]
    assert real.unexpected(changed) == ()
    assert real.unexpected([*changed, "src/fmt/print.go"]) == ("src/fmt/print.go",)
    assert real.unexpected([]) == real.whole
    assert real.whole


def test_another_release_may_have_it_elsewhere() -> None:
    real = INPUTS["CGO_ENABLED"]
    for path in ("src/internal/buildcfg/zbootstrap.go", "src/go/build/zcgo.go"):
        assert real.unexpected(["bin/go", "pkg/tool/linux_amd64/vet", path]) == ()


def test_a_setting_is_tried_for_its_architecture_alone() -> None:
    assert INPUTS["GOAMD64"].applies(AMD64, program=False)
    assert not INPUTS["GO386"].applies(AMD64, program=False)
    assert INPUTS["GO386"].applies(Target("windows", "386"), program=True)
    assert not INPUTS["VERSION"].applies(AMD64, program=True)


def test_an_edit_adds_to_the_first_line() -> None:
    edit = INPUTS["library source"].edit
    assert edit is not None
    tree = memory_tree({edit.path: b"// Copyright\npackage strings\n"})
    assert edit.apply(tree) == b"// Copyright\n// varied\npackage strings\n"
    with pytest.raises(BuildError, match="has no src/strings"):
        edit.apply(memory_tree({}))
