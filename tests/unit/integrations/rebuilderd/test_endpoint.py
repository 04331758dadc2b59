from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import ConfigError
from samego.integrations.rebuilderd.endpoint import DEFAULT_ENDPOINT, default_endpoint

URL = "https://rebuilder.example.org"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [tmp_path / "user.conf", tmp_path / "system.conf"]


def test_the_order_is_rebuildctls(files: list[Path]) -> None:
    assert default_endpoint(files) == DEFAULT_ENDPOINT
    files[1].write_text(f'[http]\nendpoint = "{URL}/a"\n')
    assert default_endpoint(files) == f"{URL}/a"
    files[0].write_text(f'[http]\nendpoint = "{URL}/b"\n')
    assert default_endpoint(files) == f"{URL}/b"


@pytest.mark.parametrize("text", ["http = 7\n", "[http]\nendpoint = 7\n", "[auth]\n"])
def test_a_file_that_names_none(files: list[Path], text: str) -> None:
    files[0].write_text(text)
    assert default_endpoint(files) == DEFAULT_ENDPOINT


def test_a_file_that_is_no_toml(files: list[Path]) -> None:
    files[1].write_text("[http\n")
    with pytest.raises(ConfigError, match="is not TOML"):
        default_endpoint(files)
