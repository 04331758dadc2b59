"""A source file, and a distro's series of two patches to it, in dpkg-source's format."""

from __future__ import annotations

import difflib

PATH = "src/weather/station_test.go"
FIRST = "0001-Skip-the-storm-where-the-clock-is-coarse.patch"
SECOND = "0002-Skip-the-storm-on-small-stations.patch"
_SKIPS = {
    FIRST: '\tif coarseClock {\n\t\tt.Skip("the clock of this machine is too coarse")\n\t}\n',
    SECOND: '\tif smallStation {\n\t\tt.Skip("it takes more memory than there is")\n\t}\n',
}
_HEADER = """From: A Maintainer <maintainer@example.org>
Date: Thu, 1 Jan 2026 12:00:00 +0000
Subject: {subject}

The test is about the storm, not about the machine.

---
 {path} | 3 +++
 1 file changed, 3 insertions(+)

"""


def _text(*skips: str) -> str:
    readings = "".join(
        f"\tif got := Reading({hour}); got < {hour % 7} {{\n"
        f'\t\tt.Errorf("at {hour} o\'clock the station reads %d", got)\n\t}}\n'
        for hour in range(24)
    )
    return (
        'package weather\n\nimport "testing"\n\n'
        f"func TestDay(t *testing.T) {{\n{readings}}}\n\n"
        f"func TestStorm(t *testing.T) {{\n{''.join(skips)}"
        '\tif !Storm().Reported() {\n\t\tt.Error("nobody noticed")\n\t}\n}\n\n'
        f"func TestNight(t *testing.T) {{\n{readings}}}\n"
    )


_STAGES = (_text(), _text(_SKIPS[FIRST]), _text(_SKIPS[FIRST], _SKIPS[SECOND]))
#: The file as upstream has it, with the first patch, and with both.
UPSTREAM, WITH_FIRST, WITH_BOTH = (stage.encode() for stage in _STAGES)


def _patch(name: str, before: str, after: str) -> bytes:
    diff = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{PATH}",
        f"b/{PATH}",
    )
    subject = name[5:].removesuffix(".patch").replace("-", " ")
    return (_HEADER.format(subject=subject, path=PATH) + "".join(diff)).encode()


#: The series, by name.
PATCHES = {
    FIRST: _patch(FIRST, _STAGES[0], _STAGES[1]),
    SECOND: _patch(SECOND, _STAGES[1], _STAGES[2]),
}
