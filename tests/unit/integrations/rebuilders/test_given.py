from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import ConfigError, InputError, SamegoError
from samego.integrations.rebuilders.given import read_given, signed_result
from samego.quorum.policy import RebuilderKind


def test_what_a_word_names(tmp_path: Path) -> None:
    texts = {
        "gorebuild.json": '{"Releases": []}',
        "toolchains.csv": "Version,Status,Message,Build Time\n",
        "list.json": " [ ]",
        "signed.json": '{"payload": ""}',
        "a=b.json": '{"payload": ""}',
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    given = read_given(
        [
            "Debian=https://a.example/amd64/",
            "Go team=https://go.example/gorebuild.json",
            "SSLMate=https://s.example/toolchain/toolchains.csv",
            f"Go team={tmp_path}/gorebuild.json",
            f"S={tmp_path}/toolchains.csv",
            f"D={tmp_path}/list.json",
            f"{tmp_path}/signed.json",
            f"{tmp_path}/a=b.json",
            f"{tmp_path}/signed.json",
        ]
    )
    assert [(each.operator, each.kind) for each in given.rebuilders] == [
        ("Debian", RebuilderKind.REBUILDERD),
        ("Go team", RebuilderKind.GO_DEV),
        ("SSLMate", RebuilderKind.SOURCE_SPOTTER),
        ("Go team", RebuilderKind.GO_DEV),
        ("S", RebuilderKind.SOURCE_SPOTTER),
        ("D", RebuilderKind.REBUILDERD),
    ]
    assert given.rebuilders[2].url == "https://s.example/toolchain"
    assert [file.name for file in given.files] == ["signed.json", "a=b.json"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("https://a.example", "whose answer https://a.example is was not said"),
        ("A=https://u:secret@a.example/b c", "RESULT is"),
        ("A=https://a.example/x.jsonl", "is signed, and its key says whose it is"),
        ("A=none.json", "none.json cannot be read"),
        ("none.json", "none.json cannot be read"),
    ],
)
def test_what_a_word_may_not_be(word: str, said: str) -> None:
    with pytest.raises((InputError, ConfigError)) as caught:
        read_given([word])
    assert said in caught.value.message
    assert "secret" not in caught.value.message


def test_a_file_needs_an_operator_or_a_key(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[]", "utf-8")
    (tmp_path / "signed.json").write_text("{}", "utf-8")
    for word, said in (
        (f"{tmp_path}/list.json", "was not said"),
        (f"A={tmp_path}/signed.json", "is signed, and its key says"),
        (f"A={tmp_path}", "not a regular file"),
    ):
        with pytest.raises(SamegoError) as caught:
            read_given([word])
        assert said in caught.value.message


def test_a_signed_result_is_known_by_its_form(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for text, known in (
        ('{"payload": "", "signatures": []}', True),
        ('{"signed": {}, "signatures": []}', True),
        ('{"schema": "samego.report/2"}', False),
        ("[]", False),
        ("\x7fELF", False),
        ("[" * 100_000, False),
    ):
        path.write_text(text, "utf-8")
        assert (signed_result(path) is not None) is known
