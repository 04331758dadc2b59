"""Findings as values: a kind with its facts, without a sentence.

A kind is a small frozen dataclass that derives from :class:`Cause` (why two files differ),
:class:`Place` (where they do) or :class:`Failure` (what no longer works). ``samego.words`` says it
in English; a report keeps the facts. To add one, write the dataclass beside its like and its words
in ``samego.words``.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import re
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: The largest number that a fact may hold.
_LEAST, _MOST = -(1 << 63), (1 << 64) - 1

_kinds: dict[str, type[Value]] = {}
_known: dict[type[Value], Mapping[str, Callable[[Any], Any]]] = {}


class Value:
    """A kind of thing that is found; its fields are its facts.

    ``kind`` is its name in a report: the class's name in lower case, with hyphens between words.
    """

    __slots__ = ()
    kind: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        # dataclass(slots=True) makes a second class of the same name, which replaces the first.
        super().__init_subclass__()
        if Value in cls.__bases__:
            return  # a family
        cls.kind = _WORD.sub("_", cls.__name__).lower()
        other = _kinds.setdefault(cls.kind, cls)
        if other.__module__ != cls.__module__:
            raise TypeError(f"{cls.__name__} is also a kind in {other.__module__}")
        _kinds[cls.kind] = cls


class Cause(Value):
    """Why a path is not the same on both sides."""

    __slots__ = ()


class Place(Value):
    """Where two files differ."""

    __slots__ = ()


class Failure(Value):
    """What no longer works because a file is not the one that was pinned."""

    __slots__ = ()


Family = TypeVar("Family", bound=Value)


@dataclasses.dataclass(frozen=True, slots=True)
class Told(Cause, Place):
    """A sentence instead of a value: from a report of schema 1, or from another program."""

    words: str


def kinds(family: type[Family]) -> Mapping[str, type[Family]]:
    """The known kinds of causes or of places, by name."""
    return {kind: cls for kind, cls in sorted(_kinds.items()) if issubclass(cls, family)}


def to_object(value: Value) -> dict[str, object]:
    """A value as a JSON object: its kind and its facts."""
    found: dict[str, object] = {"kind": value.kind}
    for name in _readers(type(value)):
        found[name] = _plain(getattr(value, name))
    return found


def from_object(family: type[Family], data: Mapping[str, Any]) -> Family:
    """The value of such an object. Raises ValueError for an unknown kind or wrong facts."""
    kind = data.get("kind")
    cls = _kinds.get(kind) if isinstance(kind, str) else None
    if cls is None or not issubclass(cls, family):
        raise ValueError(f"no kind of {family.__name__.lower()}: {str(kind)[:60]!r}")
    readers = _readers(cls)
    if data.keys() != {"kind", *readers}:
        raise ValueError(f"{kind} has other facts than {', '.join(readers) or 'none'}")
    try:
        facts = {name: read(data[name]) for name, read in readers.items()}
    except TypeError as error:
        raise ValueError(f"{kind} has a fact of another type") from error
    return cls(**facts)


def _plain(fact: object) -> object:
    if isinstance(fact, tuple):
        return [_plain(each) for each in fact]
    return fact.value if isinstance(fact, enum.Enum) else fact


def _readers(cls: type[Value]) -> Mapping[str, Callable[[Any], Any]]:
    """What reads each fact of a kind back, in the order of its fields."""
    found = _known.get(cls)
    if found is None:
        hints = typing.get_type_hints(cls)
        fields = dataclasses.fields(typing.cast("Any", cls))
        found = {field.name: functools.partial(_read, hints[field.name]) for field in fields}
        _known[cls] = found
    return found


def _read(hint: Any, fact: Any) -> object:  # noqa: ANN401 - any type, any JSON
    """A fact as its field's type. Raises TypeError and ValueError."""
    if typing.get_origin(hint) is types.UnionType:
        return None if fact is None else _read(typing.get_args(hint)[0], fact)
    if typing.get_origin(hint) is tuple:
        if not isinstance(fact, list):
            raise TypeError(fact)
        inner = typing.get_args(hint)
        if inner[-1] is Ellipsis:
            return tuple(_read(inner[0], each) for each in fact)
        return tuple(_read(one, each) for one, each in zip(inner, fact, strict=True))
    if issubclass(hint, enum.Enum):
        return hint(fact)
    if type(fact) is not hint or (hint is int and not _LEAST <= fact <= _MOST):
        raise TypeError(fact)
    return fact
