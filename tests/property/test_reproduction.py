from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samego.model.reproduction import Match, Outcome, decide, match_files
from support.reports import digest

DIGESTS = [digest(text) for text in "abc"]
FILES = st.dictionaries(st.sampled_from(["go.deb", "src.deb", "doc.deb"]), st.sampled_from(DIGESTS))


@given(shipped=FILES.filter(bool), recorded=FILES, found=FILES)
def test_it_is_the_same_only_where_all_three_say_so(
    shipped: dict[str, str], recorded: dict[str, str], found: dict[str, str]
) -> None:
    artifacts = match_files(shipped, recorded, found)
    assert [artifact.name for artifact in artifacts] == sorted({*shipped, *recorded})
    there = {name: sha256 for name, sha256 in found.items() if name in recorded}
    assert (decide(artifacts) is Outcome.SAME) == (shipped == recorded == there)


@given(shipped=FILES.filter(bool), recorded=FILES)
def test_a_rebuild_that_is_whole_is_always_decided(
    shipped: dict[str, str], recorded: dict[str, str]
) -> None:
    artifacts = match_files(shipped, recorded, recorded)
    assert decide(artifacts).decided
    assert (decide(artifacts) is Outcome.DIFFERENT) == any(
        artifact.match is not Match.SAME for artifact in artifacts
    )
