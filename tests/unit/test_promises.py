"""What the pages promise of other users, builds and mirrors has a test, sentence by sentence.

Each row is a word of one such sentence, and the tests that show it. A sentence without a row, a
row without its sentence, and a test that is gone all fail here.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOOK = "tests/integration/test_hook_unattended.py"
TROUBLE = "tests/integration/test_hook_trouble.py"
LOCKS = "tests/unit/upstream/cache/test_others_locks.py"
SLOW = "tests/unit/upstream/transport/test_slow_servers.py"
BACKEND = "tests/unit/integrations/rebuilderd/test_distro_backends.py"
MANIFEST = "tests/unit/debian/package/test_manifest.py"
REBUILD = "tests/integration/test_debrebuild.py"
RESULT = "tests/unit/integrations/rebuilderd/test_result.py"
PLANTED = "tests/unit/monitor/publish/test_planted.py"
SHOWN = "tests/unit/monitor/publish/test_directory.py"
SPOOL = "tests/unit/monitor/history/test_submitted_reports.py"
PASSES = "tests/unit/formats/archive/test_passes.py"
SITE = "tests/unit/monitor/site/test_output.py"
INSTALL = "tests/unit/integrations/hooks/test_install.py"
ANSWERS = "tests/integration/test_answers.py"
DISK = "tests/unit/formats/tree/test_disk_root.py"
IMAGE = "tests/unit/formats/image/test_image.py"
FIND = "tests/unit/machine/test_find.py"
ALL = "tests/unit/cli/test_check_all.py"
DPKG = "tests/unit/debian/installed/test_toolchains.py"
PACMAN = "tests/unit/arch/installed/test_toolchains.py"

#: Page and heading, and for each word of a sentence there the tests that show it.
PROMISES: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("docs/hooks.md", "In somebody else's job"): {
        "SAMEGO_DEADLINE_HOOK": (
            f"{HOOK}::test_a_dripping_server_is_given_up_by_the_deadline",
            f"{HOOK}::test_a_check_that_is_killed_fails_no_build",
            f"{HOOK}::test_a_hook_that_is_killed_leaves_no_check_behind",
        ),
        "signal": (f"{HOOK}::test_a_signal_ends_a_hook_that_waits",),
        "8 KiB": (
            f"{SLOW}::test_a_server_that_drips_is_given_up",
            f"{SLOW}::test_a_proxy_that_drips",
            f"{TROUBLE}::test_a_proxy_that_drips",
        ),
        "PYTHONPATH": (
            f"{HOOK}::test_pythonpath_of_a_build_reaches_no_hook",
            f"{HOOK}::test_where_a_build_runs_no_module_is_taken_from",
            "tests/unit/system/test_environment.py::test_what_passes_of_an_environment",
            "tests/unit/cli/test_own_command.py::test_an_installed_command_is_isolated",
            f"{TROUBLE}::test_no_variable_of_the_build_reaches_the_check",
        ),
        "0600": (
            f"{LOCKS}::test_no_lock_of_another_user_keeps_the_owner_waiting",
            f"{LOCKS}::test_a_planted_lock_is_refused_at_once",
            f"{TROUBLE}::test_another_user_s_locks",
        ),
        "vouch": (f"{MANIFEST}::test_a_binary_build_brings_no_source_package",),
        "cache": (
            f"{LOCKS}::test_root_uses_no_cache_that_another_user_decides_about",
            f"{LOCKS}::test_no_cache_is_used_that_everybody_may_write_to",
        ),
    },
    ("docs/rebuilderd.md", "What a build can and cannot do"): {
        "max_bytes": (
            f"{BACKEND}::test_a_build_cannot_write_the_result",
            f"{BACKEND}::test_where_there_is_no_result_a_build_cannot_write_one",
            f"{RESULT}::test_a_marker_cannot_be_guessed",
            f"{RESULT}::test_a_log_without_one",
        ),
        "vouch": (
            f"{BACKEND}::test_a_source_package_that_the_build_left_accounts_for_nothing",
            f"{REBUILD}::test_a_build_does_not_account_for_itself",
        ),
        "session": (f"{BACKEND}::test_what_a_build_leaves_running_is_ended",),
        "LC_*": (f"{BACKEND}::test_a_builds_environment_does_not_reach_the_check",),
        "SAMEGO_DEADLINE_BACKEND": (
            f"{BACKEND}::test_the_check_has_a_deadline_and_the_rebuild_stands",
        ),
        "memory": (),  # what it can do
    },
    ("docs/publish.md", "To a directory"): {
        "opened once": (
            f"{PLANTED}::test_a_parent_behind_a_planted_link",
            f"{PLANTED}::test_a_parent_that_is_exchanged_meanwhile",
        ),
        ".go.releases`, which": (
            f"{PLANTED}::test_what_is_planted_before_is_refused",
            f"{PLANTED}::test_releases_that_another_user_made",
            f"{PLANTED}::test_releases_that_others_may_write_to",
        ),
        "named `go`": (f"{SHOWN}::test_what_is_somebody_elses_stays",),
        "lock": (f"{PLANTED}::test_a_planted_lock_with_two_names",),
    },
    ("docs/trust.md", "A root, and a container image"): {
        "a file of this machine": (
            f"{DISK}::test_no_link_leads_out_of_the_root",
            f"{DISK}::test_a_directory_that_becomes_a_link_is_not_followed",
            f"{FIND}::test_no_link_leads_to_a_toolchain_of_the_machine",
            f"{IMAGE}::test_no_link_in_a_layout_leads_out_of_it",
        ),
        "run anything": (
            f"{DPKG}::test_no_link_in_a_database_leads_to_this_machines",
            f"{PACMAN}::test_no_link_in_a_database_leads_to_this_machines",
            f"{PACMAN}::test_a_database_that_leads_elsewhere_is_refused",
        ),
        "which servers are asked": (f"{ALL}::test_nothing_that_is_looked_at_says_who_is_asked",),
        "a bounded amount": (
            f"{DISK}::test_all_files_together_are_bounded",
            f"{IMAGE}::test_sizes_are_bounded",
            "tests/unit/formats/tree/test_matching.py::test_what_is_copied_is_bounded",
        ),
        "be two images": (
            f"{IMAGE}::test_other_bytes_than_the_digest_says_are_refused",
            f"{IMAGE}::test_a_layer_that_the_configuration_does_not_name_is_refused",
            f"{IMAGE}::test_two_lists_of_layers_that_differ_are_two_images",
            f"{IMAGE}::test_what_unpackers_read_in_two_ways_is_refused_by_its_name",
            f"{IMAGE}::test_documents_are_read_strictly",
        ),
        "hide a toolchain": (f"{FIND}::test_one_without_its_version_is_found",),
        "package database": (f"{DPKG}::test_what_a_list_names_is_read_inside_the_root",),
        "be changed after": (f"{DISK}::test_a_directory_that_becomes_a_link_is_not_followed",),
    },
    ("docs/trust.md", "Other users, builds and mirrors"): {
        "another user": (
            f"{TROUBLE}::test_another_user_s_locks",
            f"{PLANTED}::test_what_is_planted_before_is_refused",
            f"{LOCKS}::test_root_uses_no_cache_that_another_user_decides_about",
            f"{SPOOL}::test_what_a_stranger_hands_in_is_shown_and_counts_for_nothing",
            f"{SITE}::test_who_can_read_the_directory_cannot_hold_the_site",
            f"{INSTALL}::test_nothing_is_written_where_others_could_lead_it_elsewhere",
        ),
        "a build": (
            f"{TROUBLE}::test_no_variable_of_the_build_reaches_the_check",
            f"{BACKEND}::test_a_build_cannot_write_the_result",
            f"{BACKEND}::test_what_a_build_leaves_running_is_ended",
            "tests/unit/system/test_environment.py::test_what_passes_of_an_environment",
        ),
        "a mirror": (
            f"{SLOW}::test_a_server_that_drips_is_given_up",
            "tests/unit/upstream/transport/test_download.py::test_a_file_longer_than_any_is_refused",
            f"{ANSWERS}::test_a_channel_gives_what_is_right_or_nothing",
            f"{ANSWERS}::test_the_checksum_database",
            f"{ANSWERS}::test_the_release_index",
        ),
        "a package": (
            f"{PASSES}::test_missing_files_cost_one_pass_however_many",
            "tests/unit/compare/test_where_text.py::test_a_long_difference_is_cut",
            "tests/unit/formats/archive/tar/test_reader.py::test_limits_hold",
            f"{PASSES}::test_reading_one_by_one_takes_a_bounded_number_of_passes",
        ),
    },
}


def sentences(page: str, heading: str) -> list[str]:
    """The items of the lists, and the rows of the tables, below a heading."""
    text = (ROOT / page).read_text(encoding="utf-8")
    assert f" {heading}\n" in text, f"{page} has no heading {heading!r}"
    below = re.split(r"^#+ ", text.partition(f" {heading}\n")[2], flags=re.MULTILINE)[0]
    items = re.findall(r"^\* .*(?:\n  .*)*", below, re.MULTILINE)
    rows = [line for line in below.splitlines() if re.match(r"\| a", line)]
    return [re.sub(r"\s+", " ", item) for item in (*items, *rows)]


@pytest.mark.parametrize("place", PROMISES, ids=" ".join)
def test_each_sentence_has_its_tests(place: tuple[str, str]) -> None:
    promises = PROMISES[place]
    found = sentences(*place)
    for sentence in found:
        assert any(word in sentence for word in promises), f"no test is named for: {sentence}"
    for word in promises:
        assert any(word in sentence for sentence in found), f"no sentence is about {word!r}"


@pytest.mark.parametrize(
    "test",
    sorted({test for rows in PROMISES.values() for tests in rows.values() for test in tests}),
)
def test_each_test_is_there(test: str) -> None:
    path, _, name = test.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
