"""The statements that ``samego attest`` signs: of a result, or of files that others built."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

from samego.attest import (
    envelope,
    inputs_statement,
    judgement,
    provenance,
    rebuilt_judgements,
    reproduced,
    source_statement,
    statement,
    summaries,
)
from samego.attest.in_toto import Signing, StatedFile, checked_uri
from samego.attest.judgement import Judgement
from samego.cli.options import Parser
from samego.errors import InputError
from samego.quorum.policy_file import load_policy_file
from samego.report import load
from samego.report.load_inputs import is_inputs, parse_inputs
from samego.report.load_source import is_source, parse_source
from samego.report.rebuild import SCHEMA as REBUILD
from samego.report.strict_json import parse as parse_json
from samego.report.trackers import gorebuild
from samego.system.terminal import visible
from samego.upstream.checksums.identify import sha256_of

TEST_RESULT, SVR, VSA, PROVENANCE = "test-result", "svr", "vsa", "provenance"
_LARGEST_POLICY = 1 << 20


@dataclass(frozen=True, slots=True)
class _Given:
    """The report: its bytes, how it is called, and when it was written."""

    data: bytes
    name: str
    when: datetime


def statements(args: argparse.Namespace) -> list[bytes]:
    """The statements that the options ask for, as JSON.

    Raises SamegoError where there is nothing to state.
    """
    _check_options(args)
    if args.policy is not None:
        return _of_others(args)
    parser: Parser = args.parser
    if len(args.files) != 1:
        parser.error("name one report")
    given = _read(args.files[0], args.date)
    kind = args.predicate or TEST_RESULT
    if kind == TEST_RESULT:
        return [_test_result(given)]
    signing = _signing(args, given.when)
    if kind == PROVENANCE:
        return list(provenance.state_provenance(_rebuild(given), given.data, signing))
    return [_summary(each, kind, signing, args.resource) for each in _judgements(given)]


def _check_options(args: argparse.Namespace) -> None:
    parser: Parser = args.parser
    kind = args.predicate or TEST_RESULT
    if args.resource and kind != VSA:
        parser.error("--resource goes with --predicate vsa")
    if args.id and kind == TEST_RESULT:
        parser.error("--id goes with --predicate svr, vsa or provenance")
    if kind != TEST_RESULT and not args.id:
        parser.error(f"name yourself with --id URI: {kind} says who states it")
    if args.policy is not None and kind not in (SVR, VSA):
        parser.error("--policy goes with --predicate vsa or svr")
    if bool(args.result) is not (args.policy is not None):
        parser.error("--policy and --result go together")


def _of_others(args: argparse.Namespace) -> list[bytes]:
    """Statements that independent builders gave each of the files."""
    parser: Parser = args.parser
    if not args.files:
        parser.error("name the files that were built")
    policy = load_policy_file(args.policy)
    policy_data = envelope.read_file(args.policy, _LARGEST_POLICY)
    evidence = reproduced.gather(args.result, policy)
    signing = _signing(args, args.date or datetime.now(timezone.utc))
    found = [
        reproduced.judge(_built(path), evidence, policy, policy_data, version("samego"))
        for path in args.files
    ]
    for why in evidence.left_out:
        sys.stderr.write(f"samego: {why}\n")
    return [_summary(each, args.predicate, signing, args.resource) for each in found]


def _built(path: Path) -> StatedFile:
    if not path.is_file():
        raise InputError(
            f"there is no file {visible(str(path))}", hint="name the file that was built"
        )
    return StatedFile(path.name, {"sha256": sha256_of(path)})


def _summary(each: Judgement, kind: str, signing: Signing, resource: str) -> bytes:
    if kind == SVR:
        return summaries.state_svr(each, signing)
    if resource.endswith("/"):
        return summaries.state_vsa(each, signing, f"{resource}{each.files[0].name}")
    return summaries.state_vsa(each, signing, resource)


def _signing(args: argparse.Namespace, when: datetime) -> Signing:
    if args.resource:
        checked_uri(args.resource, "--resource")
    return Signing(checked_uri(args.id, "--id"), when)


def _read(path: Path, date: datetime | None) -> _Given:
    data = load.read(path)
    written = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    return _Given(data, visible(str(path)), date or written)


def _test_result(given: _Given) -> bytes:
    """The test result of a report, or of a result of ``samego inputs`` or ``samego source``."""
    if is_inputs(given.data):
        return inputs_statement.state_inputs(parse_inputs(given.data, name=given.name), given.data)
    if is_source(given.data):
        return source_statement.state_source(parse_source(given.data, name=given.name), given.data)
    if _is_rebuild(given.data):
        raise InputError(
            f"{given.name} is a result of 'samego rebuild', which test-result has no form for",
            hint="choose --predicate provenance, vsa or svr",
        )
    return statement.state(load.loads(given.data, name=given.name, exact=True), given.data)


def _rebuild(given: _Given) -> Mapping[str, Any]:
    if not _is_rebuild(given.data):
        raise InputError(
            f"{given.name} is no result of 'samego rebuild': a check builds nothing that has a"
            " provenance",
            hint="give what 'samego rebuild --format json' wrote",
        )
    return gorebuild.read(given.data, name=given.name)


def _judgements(given: _Given) -> Sequence[Judgement]:
    """The judgements of any result. Raises InputError where all is undecided."""
    if is_inputs(given.data):
        found = rebuilt_judgements.of_inputs(parse_inputs(given.data, name=given.name), given.data)
    elif _is_rebuild(given.data):
        found = rebuilt_judgements.of_rebuild(_rebuild(given), given.data)
    elif is_source(given.data):
        raise InputError(
            f"{given.name} is a result of 'samego source', which says nothing of what was built",
            hint="sign it without --predicate, as a test result",
        )
    else:
        report = load.loads(given.data, name=given.name, exact=True)
        found = (judgement.of_report(report, given.data),)
    if not found:
        raise InputError(
            f"{given.name} decides nothing: there is nothing to state",
            hint="see what it says of the files that were not compared, and of what did not build",
        )
    return found


def _is_rebuild(data: bytes) -> bool:
    try:
        parsed = parse_json(data)
    except ValueError:
        return False
    return isinstance(parsed, dict) and parsed.get("schema") == REBUILD
