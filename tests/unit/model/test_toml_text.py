"""TOML that a person wrote."""

from __future__ import annotations

import pytest

from samego.errors import ConfigError
from samego.model.toml_text import parse_data, parse_toml


@pytest.mark.parametrize("text", ["a = ", "a = 1\na = 2\n", "a = " + "[" * 10_000])
def test_what_is_not_toml_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml is not TOML"):
        parse_toml(text, name="config.toml")


def test_a_data_file_has_the_schema_that_is_read() -> None:
    assert parse_data('schema = "samego.policy/1"\n', "samego.policy/1", name="p") == {
        "schema": "samego.policy/1"
    }
    for text in ("", 'schema = "samego.policy/2"\n', "schema = 1\n"):
        with pytest.raises(ConfigError, match="p has schema") as caught:
            parse_data(text, "samego.policy/1", name="p")
        assert caught.value.hint == "this samego reads samego.policy/1"
