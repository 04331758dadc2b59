"""What a channel posts: new, changed, withdrawn, and back again."""

from __future__ import annotations

import shutil
from pathlib import Path

from samego.monitor.history import posted
from samego.monitor.history.posted import Differences, PostedFile
from samego.monitor.history.rows import moment
from samego.monitor.history.store import DATABASE, History, open_history

CHANNEL = "go.dev/dl"
OLD = PostedFile("go1.24.3", "go1.24.3.src.tar.gz", "aa")
NEW = PostedFile("go1.24.4", "go1.24.4.src.tar.gz", "bb")
OTHER = PostedFile("go1.24.4", "go1.24.4.src.tar.gz", "cc")


def seen(history: History, at: int, *files: PostedFile) -> Differences:
    found = posted.differences(history, CHANNEL, files)
    with history.transaction():
        posted.note(history, CHANNEL, found, moment(at))
    return found


def test_the_first_answer_is_no_news_by_itself(history: History) -> None:
    found = seen(history, 1, OLD, NEW)
    assert (found.first, found.posted) == (True, (OLD, NEW))
    again = seen(history, 2, OLD, NEW)
    assert again == Differences(first=False, had=2)
    assert posted.standing(history) == []


def test_a_new_file_a_changed_one_and_a_withdrawn_one(history: History) -> None:
    seen(history, 1, OLD, NEW)
    more = PostedFile("go1.25.0", "go1.25.0.src.tar.gz", "dd")
    found = seen(history, 2, OTHER, more)
    assert (found.posted, found.changed, found.withdrawn) == ((more,), ((OTHER, "bb"),), (OLD,))
    stand = [(each.file, each.changed, each.since) for each in posted.standing(history)]
    assert stand == [(OLD, False, moment(2)), (NEW, True, moment(2))]


def test_what_comes_back_as_it_was_stands_no_more(history: History) -> None:
    seen(history, 1, OLD, NEW)
    seen(history, 2, NEW)
    assert len(posted.standing(history)) == 1
    found = seen(history, 3, OLD, NEW)
    assert (found.posted, found.changed) == ((OLD,), ())
    assert posted.standing(history) == []


def test_what_comes_back_with_other_bytes_has_changed(history: History) -> None:
    seen(history, 1, OLD, NEW)
    seen(history, 2, OLD)
    assert seen(history, 3, OLD, OTHER).changed == ((OTHER, "bb"),)
    assert [each.changed for each in posted.standing(history)] == [True]
    assert seen(history, 4, OLD, NEW).changed == ((NEW, "cc"),)


def test_a_sum_that_is_given_later_is_no_change_but_one_that_goes_is(history: History) -> None:
    bare = PostedFile("go1.4", "go1.4.src.tar.gz")
    summed = PostedFile("go1.4", "go1.4.src.tar.gz", "ee")
    seen(history, 1, bare)
    found = seen(history, 2, summed)
    assert (found.changed, found.summed) == ((), (summed,))
    assert posted.standing(history) == []
    assert seen(history, 3, bare).changed == ((bare, "ee"),)


def test_what_was_seen_stands_no_more_until_it_happens_again(history: History) -> None:
    seen(history, 1, OLD, NEW)
    seen(history, 2, NEW)
    assert posted.acknowledge(history, moment(3)) == 1
    assert posted.standing(history) == []
    seen(history, 4, OLD, NEW)
    seen(history, 5, NEW)
    assert [each.since for each in posted.standing(history)] == [moment(5)]


def test_channels_are_apart(history: History) -> None:
    seen(history, 1, OLD)
    assert posted.differences(history, "module", [NEW]).first


def test_what_an_earlier_version_knew_still_stands(tmp_path: Path) -> None:
    directory = tmp_path / "old"
    directory.mkdir()
    earlier = Path(__file__).parents[4] / "fixtures/history/version-2.sqlite3"
    shutil.copyfile(earlier, directory / DATABASE)
    with open_history(directory) as history:
        (stands,) = posted.standing(history)
    assert (stands.file.file, stands.changed) == ("go1.24.3.src.tar.gz", False)
