from __future__ import annotations

import dataclasses
import json
import typing
from pathlib import Path
from typing import Any

import pytest

from samego.model import value
from samego.model.causes import differences, packages, proofs
from samego.model.failures import ToldFailure
from samego.model.finding import Consequence, Effect, Side
from samego.model.places.archives import Chunks
from samego.model.places.entries import ListedAs, ListedField
from samego.model.places.files import Lines
from samego.model.value import Cause, Failure, Place, Told, Value
from samego.words import causes, failures, places

KINDS = Path(__file__).parents[3] / "fixtures" / "reports" / "kinds-2.json"
FAMILIES: tuple[type[Value], ...] = (Cause, Place, Failure)
EXAMPLES: tuple[Value, ...] = (
    Told("a phrase"),
    differences.Unaccounted(),
    proofs.Patched(proofs.Change.ADDED, ("a.patch", "b.patch"), ("debian/patches",), exact=False),
    proofs.GeneratedWith((("GO386", "softfloat"),)),
    packages.OtherUnpacked("bin/go", 3),
    Lines(1, 2, 3, ("-a", "+b"), None),
    Chunks(((4, "tEXt", "IEND"),), 2),
    ListedAs(ListedField.MODE, "0644", "0755", ".MTREE"),
)


@pytest.mark.parametrize("found", EXAMPLES, ids=lambda found: found.kind)
def test_a_value_comes_back_as_it_was(found: Value) -> None:
    family: type[Value] = Cause if isinstance(found, Cause) else Place
    assert value.from_object(family, value.to_object(found)) == found


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": 1},
        {"kind": "no_such_kind"},
        {"kind": "cause"},
        {"kind": "lines"},
        {"kind": "first_byte", "at": 1, "distro": 1, "upstream": 1},
        {"kind": "stripped"},
        {"kind": "stripped", "symbols": 1},
        {"kind": "stripped", "symbols": True, "more": 1},
        {"kind": "other_unpacked", "path": "a", "more": True},
        {"kind": "other_unpacked", "path": "a", "more": 1 << 64},
        {"kind": "compiled_from", "packages": "cmd"},
        {"kind": "compiled_from", "packages": [1]},
        {"kind": "generated_with", "settings": [["GO386"]]},
        {"kind": "replayed", "change": "made", "by": "", "patches": []},
    ],
)
def test_what_is_no_cause_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"kind|facts|type|valid|zip"):
        value.from_object(Cause, data)


def test_what_a_stored_report_may_have_is_still_read() -> None:
    """A kind or a fact that goes makes another version of the schema; a new kind does not."""
    known = {**value.kinds(Cause), **value.kinds(Place), **value.kinds(Failure)}
    for kind, facts in json.loads(KINDS.read_text("utf-8")).items():
        fields = dataclasses.fields(typing.cast("Any", known[kind]))
        assert [field.name for field in fields] == facts, kind


def _example(hint: Any) -> object:  # noqa: ANN401 - any type
    if typing.get_origin(hint) is tuple:
        return tuple(_example(each) for each in typing.get_args(hint) if each is not Ellipsis)
    if typing.get_args(hint):
        return _example(typing.get_args(hint)[0])
    return {str: "x", int: 7, bool: True}.get(hint) or next(iter(hint))


@pytest.mark.parametrize(
    "kind", [pair for family in FAMILIES for pair in value.kinds(family).items()]
)
def test_every_kind_has_words_and_survives_json(kind: tuple[str, type[Value]]) -> None:
    name, cls = kind
    hints = typing.get_type_hints(cls)
    fields = dataclasses.fields(typing.cast("Any", cls))
    made = cls(**{field.name: _example(hints[field.name]) for field in fields})
    family = next(each for each in FAMILIES if issubclass(cls, each))
    assert value.to_object(made)["kind"] == name
    assert value.from_object(family, value.to_object(made)) == made
    if isinstance(made, Cause):
        assert causes.said(made)
    if isinstance(made, Place):
        assert places.said(made)
    if isinstance(made, Failure):
        said = Consequence(
            Effect.BREAKS, "a.zip", Side.DISTRO, "a.sum", "1", "2", made, pinned_by=Side.DISTRO
        )
        assert failures.sentence(said)
        told = isinstance(made, ToldFailure)  # whose command nobody knows
        assert told is not bool(failures.command(said, "/usr/lib/go-1.24"))
        assert "go env GOROOT" not in failures.command(said, "/usr/lib/go-1.24")
        failures.broken(made)
