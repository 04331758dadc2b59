from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from samego.inputs import probe
from samego.inputs.probe import Seen, was_varied
from samego.inputs.surroundings import Surroundings
from samego.inputs.variation import variations, with_required

ALL = frozenset(variations())
PLAIN = Surroundings(frozenset())
VARIED = Surroundings(ALL)
#: What a probe sees of both where nothing stands in the way.
SEEN = {
    "build_path": ("/build/goroot", VARIED.expected["build_path"]),
    "user_group": ("1000:1000", VARIED.expected["user_group"]),
    "host": ("plain", VARIED.expected["host"]),
    "domain": ("(none)", VARIED.expected["domain"]),
    "home": (PLAIN.expected["home"], VARIED.expected["home"]),
    "environment": ("HOME PATH", f"PWD {VARIED.expected['environment']}"),
    "locales": ("C", VARIED.expected["locales"]),
    "timezone": ("0", "-43200"),
    "umask": ("0022", "0002"),
    "num_cpus": ("8", "1"),
    "parallelism": ("8", "3"),
    "kernel": ("6.1.0", "2.6.61"),
    "aslr": ("random", "fixed"),
    "exec_path": ("/usr/bin:/bin", VARIED.expected["exec_path"]),
    "file_system": ("0xef53", "0x1021994"),
    "fileordering": ("a", "b"),
    "timestamps": ("2026-11-28T10:00:00+00:00", "1970-01-02T00:00:00+00:00"),
    "time": ("2026-11-28T10:00:00+00:00", "2036-11-26T10:00:00+00:00"),
    "arch": ("linux-amd64", "linux-386"),
    "bootstrap": ("go version go1.22.12 linux/amd64", "go version go1.24.4 linux/amd64"),
}


def seen(**changed: str) -> Seen:
    return Seen({**{key: values[1] for key, values in SEEN.items()}, **changed})


PLAINLY = Seen({key: values[0] for key, values in SEEN.items()})


@pytest.mark.parametrize("name", variations())
def test_a_variation_counts_when_the_probe_saw_it(name: str) -> None:
    assert was_varied(name, PLAINLY, seen(), VARIED)


@pytest.mark.parametrize("name", variations())
def test_one_that_the_probe_saw_as_plain_does_not(name: str) -> None:
    for key in variations()[name].seen_as:
        assert not was_varied(name, PLAINLY, seen(**{key: PLAINLY.values[key]}), VARIED)


@pytest.mark.parametrize(
    ("name", "key", "other"),
    [
        ("user_group", "user_group", "0:0"),
        ("environment", "environment", "HOME PATH TZ"),
        ("timezone", "timezone", "3600"),
        ("time", "time", "2026-11-28T14:00:00+00:00"),
        ("num_cpus", "num_cpus", "7"),
        ("build_path", "build_path", "/elsewhere"),
    ],
)
def test_one_that_is_other_than_it_was_made_does_not(name: str, key: str, other: str) -> None:
    assert not was_varied(name, PLAINLY, seen(**{key: other}), VARIED)


def test_the_probe_reports_every_key_that_is_asked_for() -> None:
    keys = set(re.findall(r'^\t\t"(\w+)":', probe.source().decode(), re.MULTILINE))
    asked = {key for each in variations().values() for key in each.seen_as}
    assert asked - keys == {"bootstrap"}  # the bootstrap's own word
    assert keys <= asked


def test_what_cannot_be_made_alone_comes_with_what_it_needs() -> None:
    assert with_required(["time"]) == {"time", "host_arch"}
    assert with_required(["umask"]) == {"umask"}


def test_plain_surroundings_are_made_by_no_tool_of_a_variation() -> None:
    words = [*PLAIN.prefix(), *PLAIN.sandbox()]
    assert not {"setarch", "taskset"} & set(words)
    assert "--tmpfs" not in words
    assert (PLAIN.place, PLAIN.umask) == ("/build", "0022")


def test_the_time_zone_is_one_for_date_too(tmp_path: Path) -> None:
    (zone,) = VARIED.files().values()
    (tmp_path / "zone").write_bytes(zone)
    environment = {"TZ": f":{tmp_path}/zone", "PATH": os.environ["PATH"]}
    done = subprocess.run(["date", "+%z"], env=environment, capture_output=True, check=True)
    assert done.stdout.strip() == b"-1200"
