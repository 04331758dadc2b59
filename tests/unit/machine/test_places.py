from __future__ import annotations

import pytest

from samego.errors import ConfigError
from samego.machine.places import filled_in, load_places, parse_places

HEAD = 'schema = "samego.places/1"\nvariables = ["GOROOT"]\npath = ["bin"]\n'


def test_the_places_that_are_shipped_are_read() -> None:
    places = load_places()
    assert {"module cache", "tool cache", "golang.org/dl"} <= {p.what for p in places.places}
    assert "usr/bin" in places.path


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param("schema = 1", "is not understood", id="schema"),
        pytest.param("[", "is not understood", id="no toml"),
        pytest.param(f"{HEAD}[[place]]\nwhat='x'\nwhere=['y']", "'where'", id="unknown key"),
        pytest.param(f"{HEAD}other=1\nplace=[]", "'other'", id="unknown key above"),
        pytest.param(
            f"{HEAD}[[place]]\nwhat='x'\npaths=['{{GO}}/y']", "unknown variable, GO", id="variable"
        ),
    ],
)
def test_a_list_that_is_not_understood_is_refused(text: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        parse_places(text)


def test_a_pattern_is_filled_in_with_every_value() -> None:
    values = {"home": ["/root", "/home/a*"], "GOPATH": [], "GOROOT": ["/go/"]}
    assert list(filled_in("{home}/sdk/go*", values)) == ["root/sdk/go*", "home/a[*]/sdk/go*"]
    assert list(filled_in("{GOPATH}/pkg/mod", values)) == []
    assert list(filled_in("{GOROOT}", values)) == ["go"]
    assert list(filled_in("usr/local/go", values)) == ["usr/local/go"]
