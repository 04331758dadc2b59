"""The bytecode that pip compiles when it unpacks a wheel: Python runs it in place of the source.

It is declared where compiling the source beside it here gives the same code. Only the version of
Python that made it can do that: bytecode of another version is not declared. The compiler runs in
a process of its own, because the source is untrusted.
"""

from __future__ import annotations

import importlib.util
import posixpath
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

from samego.model.policy import LayoutRule, Policy
from samego.model.tree import Kind, Tree
from samego_pypi.wheel.marshalled import MarshalError, canonical, file_name

_BYTECODE = re.compile(r"(?P<directory>.*)__pycache__/(?P<module>[^/.]+)\.[^/]+\.pyc", re.DOTALL)
#: importlib._bootstrap_external: magic number, flags, then time and size of the source.
_HEADER = 16
_FLAGS, _SIZE = slice(4, 8), slice(12, 16)
_REASON = "what Python compiled of the source beside it"
_SOURCE = "compiled anew here"
#: Bytes of the largest source that is compiled; upstream's largest has 17,000.
_LARGEST = 1 << 18
_SECONDS = 20
_COMPILE = (
    "import marshal, sys; data = sys.stdin.buffer.read();"
    " code = compile(data, sys.argv[1], 'exec', dont_inherit=True);"
    " sys.stdout.buffer.write(marshal.dumps(code))"
)


def declared_bytecode(policy: Policy, tree: Tree, goroot: str) -> Policy:
    """The policy with a rule for each file of bytecode in GOROOT that follows from its source."""
    rules = tuple(_rules(tree, goroot))
    return replace(policy, layout=(*policy.layout, *rules)) if rules else policy


def _rules(tree: Tree, goroot: str) -> Iterator[LayoutRule]:
    for path, entry in tree.items():
        match = _BYTECODE.fullmatch(path)
        if match is None or entry.kind is not Kind.FILE or not path.startswith(f"{goroot}/"):
            continue
        source = f"{match['directory']}{match['module']}.py"
        there = tree.get(source)
        small = there is not None and there.kind is Kind.FILE and there.size <= _LARGEST
        if small and _follows(tree, path, source):
            below = posixpath.relpath(path, goroot)
            yield LayoutRule("added", below, "", _REASON, _SOURCE, digests=(entry.sha256,))


def _follows(tree: Tree, path: str, source: str) -> bool:
    """Whether compiling the source gives this code; the header's time may be any."""
    data, text = tree.read(path), tree.read(source)
    head = data[: len(importlib.util.MAGIC_NUMBER)], data[_FLAGS], data[_SIZE]
    if head != (importlib.util.MAGIC_NUMBER, bytes(4), len(text).to_bytes(4, "little")):
        return False
    try:
        code = canonical(data[_HEADER:])
        # Where it was compiled is in the code, for tracebacks: pip may have moved it since.
        name = file_name(code)
        compiled = _compiled(text, name) if name.endswith(f"/{source}") else None
        return compiled is not None and canonical(compiled) == code
    except MarshalError:
        return False


def _compiled(text: bytes, name: str) -> bytes | None:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _COMPILE, name],
            input=text,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    return done.stdout if done.returncode == 0 else None
