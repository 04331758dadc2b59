"""Results of ``samego source`` as JSON has them, schema ``samego.source/1``."""

from __future__ import annotations

from typing import Any


def module(name: str, files: int = 3, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any key
    """A vendored module that is its logged one, unless it is said otherwise."""
    return {
        "path": name,
        "version": "v0.1.0",
        "packages": 1,
        "files": files,
        "rests_on": "log",
        "h1": "h1:x",
        "record": 7,
        "identical": files,
        "differences": [],
        "not_checked_because": None,
        **more,
    }


def unchecked(name: str, why: str = "not_served") -> dict[str, Any]:
    """A module that was not checked."""
    return module(name, rests_on=None, h1=None, record=None, identical=0, not_checked_because=why)


def opaque(path: str, use: str = "test_data", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any key
    """A file that no one can read."""
    return {
        "path": path,
        "size": 9,
        "sha256": "d" * 64,
        "nul": True,
        "form": "ELF object, amd64",
        "use": use,
        "package": "runtime/race" if use == "linked" else None,
        "constraint": None,
        "origins": [],
        "pinned_in": None,
        "as_pinned": None,
        **more,
    }


def good(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - any key
    """A source that is as stated; one module was not served."""
    return {
        "schema": "samego.source/1",
        "verdict": "as_stated",
        "release": "go1.24.4",
        "source": {
            "file": None,
            "sha256": "a" * 64,
            "size": 1000,
            "form": "source",
            "complete": True,
        },
        "packing": {
            "outcome": "posted",
            "name": "go1.24.4.src.tar.gz",
            "verified": [{"how": "sha256", "rests_on": "the index"}],
            "upstream": None,
            "identical": 0,
            "not_compared": 0,
            "differences": [],
            "not_compared_because": None,
        },
        "vendored": [
            {
                "path": "src/vendor",
                "modules": [module("golang.org/x/net"), unchecked("golang.org/x/text")],
                "contradictions": [],
            }
        ],
        "opaque": [
            opaque(
                "src/runtime/race/race_linux.syso",
                "linked",
                origins=[{"path": "src/runtime/race/README", "text": "built with LLVM"}],
            ),
            opaque("src/debug/elf/testdata/x"),
        ],
        "git": None,
        "generated": [],
        "seconds": 1.5,
        "samego": "0.1.0",
        **more,
    }


def changed() -> dict[str, Any]:
    """The same with another vendored file."""
    path = "src/vendor/golang.org/x/net/a.go"
    net = module("golang.org/x/net", identical=2, differences=[{"path": path, "what": "content"}])
    directory = {"path": "src/vendor", "modules": [net], "contradictions": []}
    return {**good(), "verdict": "differs", "vendored": [directory]}


def undecided() -> dict[str, Any]:
    """Nobody was reached."""
    directory = {
        "path": "src/vendor",
        "modules": [unchecked("golang.org/x/net", "unreached")],
        "contradictions": [],
    }
    return {**good(), "verdict": "undecided", "vendored": [directory]}
