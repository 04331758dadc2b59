from __future__ import annotations

import pytest

from samego.inputs.script import CLOCK_FILE, Job, script
from samego.inputs.surroundings import Surroundings
from samego.inputs.variation import variations, with_required
from samego.model.release import Target
from support.archives import memory_tree
from support.toy_go import toy_files

MACHINE, OTHER = Target("linux", "amd64"), Target("linux", "386")
ALL = Surroundings(frozenset(variations()))
PLAIN = Surroundings(frozenset())


def lines(surroundings: Surroundings, host: Target = MACHINE, program: str = "") -> list[str]:
    files = {**toy_files(), CLOCK_FILE: b"package runtime\n", "go.env": b"GOSUMDB=off\n"}
    job = Job(memory_tree(files), MACHINE, host, MACHINE, program)
    return script(job, surroundings).splitlines()


def place(found: list[str], *words: str) -> int:
    """The number of the one line that holds these words."""
    (number,) = [number for number, line in enumerate(found) if all(word in line for word in words)]
    return number


@pytest.mark.parametrize("program", ["", "cmd/gofmt"])
def test_the_clock_is_moved_for_the_tools_and_back_before_the_product(program: str) -> None:
    found = lines(ALL, OTHER, program)
    moved = place(found, "/samego/timestub.go", CLOCK_FILE)
    back = place(found, f"cp /source/{CLOCK_FILE}")
    tools = place(found, " install cmd/go cmd/asm ") if program else place(found, "make.bash")
    probe = place(found, "probe report")
    product = place(found, "work/dist &&", " install ", "cmd")
    assert moved < tools < probe < back < product


def test_another_host_s_packages_are_built_without_c_and_the_product_does_not_know() -> None:
    found = lines(Surroundings(with_required(("host_arch",))), OTHER)
    off = place(found, "echo CGO_ENABLED=0 >>", "/goroot/go.env")
    made = place(found, "make.bash")
    back = place(found, "cp /source/go.env ")
    assert (off, back) == (made - 1, made + 1)
    # make.bash writes that variable into the release.
    assert "CGO_ENABLED" not in found[made]
    assert "GOHOSTARCH=386" in found[made]


@pytest.mark.parametrize("program", ["", "cmd/gofmt"])
def test_nothing_of_that_is_done_where_it_is_not_varied(program: str) -> None:
    text = "\n".join(lines(PLAIN, MACHINE, program))
    assert "go.env" not in text
    assert "timestub" not in text
    assert "cmd/asm" not in text


def test_flags_of_the_linker_reach_one_program_too() -> None:
    tree = memory_tree(toy_files())
    job = Job(tree, MACHINE, MACHINE, MACHINE, "cmd/gofmt", {"GO_LDFLAGS": "-s"})
    found = script(job, PLAIN).splitlines()
    assert place(found, "install -ldflags=all=-s cmd/gofmt")


def test_to_look_builds_nothing() -> None:
    job = Job(memory_tree(toy_files()), MACHINE, MACHINE, MACHINE, look=True)
    text = script(job, PLAIN)
    assert "/samego/launcher report /build/goroot >/out/seen.json" in text
    assert "make.bash" not in text
    assert " install " not in text
