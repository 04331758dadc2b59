from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from samego.errors import ConfigError
from samego.quorum.policy import USUAL_URLS, QuorumPolicy, RebuilderKind
from samego.quorum.policy_file import load_policy_file
from samego.quorum.public_key import PublicKey

ONE = '[[rebuilder]]\nname = "a"\noperator = "A"\nkind = "rebuilderd"\nurl = "https://a.example"\n'
TWO = '[[rebuilder]]\nname = "b"\noperator = "B"\nkind = "rebuilderd"\nurl = "https://b.example"\n'


def new_key() -> PublicKey:
    return PublicKey.of(Ed25519PrivateKey.generate().public_key())


def load(directory: Path, text: str) -> QuorumPolicy:
    path = directory / "policy.toml"
    path.write_text(text, "utf-8")
    return load_policy_file(path)


def with_keys(name: str, operator: str, *keys: str) -> str:
    listed = ", ".join(f'"{key}"' for key in keys)
    return (
        f'[[rebuilder]]\nname = "{name}"\noperator = "{operator}"\nkind = "envelope"\n'
        f"keys = [{listed}]\n"
    )


def test_a_whole_policy(tmp_path: Path) -> None:
    key, inline = new_key(), new_key()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/a.pub").write_text(key.pem, "utf-8")
    policy = load(
        tmp_path,
        f'threshold = 2\n{ONE}max-age = "2 weeks"\nkeys = ["keys/a.pub"]\n{TWO}'
        '[[rebuilder]]\nname = "c"\noperator = "B"\nkind = "envelope"\n'
        f'file = "results.jsonl"\nkeys = ["""\n{inline.pem}"""]\n'
        '[[rebuilder]]\nname = "d"\noperator = "D"\nkind = "go.dev"\n',
    )
    first, _, third, last = policy.rebuilders
    assert (first.url, first.max_age) == ("https://a.example", dt.timedelta(weeks=2))
    assert (third.file, last.kind) == (tmp_path / "results.jsonl", RebuilderKind.GO_DEV)
    assert (policy.threshold, policy.operators) == (2, ("A", "B", "D"))
    assert (policy.operator_of(key), policy.operator_of(inline)) == ("A", "B")
    assert policy.operator_of(new_key()) == ""
    assert policy.rebuilder_of(inline) is third


def test_two_keys_of_one_operator_are_one_voice(tmp_path: Path) -> None:
    keys = [new_key() for _ in range(3)]
    for number, key in enumerate(keys):
        (tmp_path / f"{number}.pub").write_text(key.pem, "utf-8")
    text = (
        with_keys("a", "A", "0.pub") + with_keys("b", "A", "1.pub") + with_keys("c", "C", "2.pub")
    )
    policy = load(tmp_path, text)
    assert policy.operators_of(keys[:2]) == ("A",)
    assert not policy.enough(policy.operators_of(keys[:2]))
    assert policy.operators_of([*keys, new_key()]) == ("A", "C")
    assert policy.enough(policy.operators_of(keys))
    assert not policy.enough(["A", "somebody"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "policy.toml names no rebuilder"),
        ("rebuilder = 7\n", "policy.toml names no rebuilder"),
        ("treshold = 2\n" + ONE, "policy.toml has the unknown key 'treshold'"),
        ("threshold = 0\n" + ONE, "policy.toml: threshold is 0"),
        ("threshold = true\n" + ONE, "policy.toml: threshold is True"),
        (ONE, "policy.toml wants 2 operators to agree, and names 1 operator"),
        (ONE + TWO.replace('"B"', '"A"'), "wants 2 operators to agree, and names 1 operator"),
        (ONE + "max_age = 7\n", "rebuilder 1 has the unknown key 'max_age'"),
        (ONE + 'max-age = "30d"\n', "rebuilder 1 has max-age '30d'"),
        (ONE + "max-age = 30\n", "rebuilder 1 has max-age 30"),
        (ONE + 'file = "x"\n', "rebuilder 1 has both url and file"),
        (ONE + "keys = 7\n", "rebuilder 1 has keys that are no list"),
        (ONE + 'keys = ["none.pub"]\n', "the key none.pub cannot be read"),
        (ONE + 'keys = ["policy.toml"]\n', "has the key policy.toml that cannot be used"),
        (ONE.replace('"a"', '"a\\nb"'), "rebuilder 1 has a name that is no plain name"),
        (ONE.replace('name = "a"\n', ""), "rebuilder 1 has no name"),
        (ONE.replace('operator = "A"\n', ""), "rebuilder 1 has no operator"),
        (ONE.replace('kind = "rebuilderd"\n', ""), "rebuilder 1 has no kind"),
        (ONE.replace('"rebuilderd"', '"rebuilder"'), "rebuilder 1 has kind 'rebuilder'"),
        (ONE.replace("url", "#"), "rebuilder 1 has no url"),
        (ONE.replace("https:", "ftp:"), "rebuilder 1: url is 'ftp://a.example'"),
        (ONE.replace('"rebuilderd"', '"envelope"'), "rebuilder 1 has no keys"),
        (ONE + ONE, "two rebuilders with the name a"),
        (ONE + TWO.replace('"B"', '"a"'), "spells an operator in two ways: A and a"),
        (
            ONE + TWO.replace("https://b.example", "https://A.example:443/"),
            "a and b have the same url and two operators",
        ),
        ("threshold =", "policy.toml is not TOML"),
    ],
)
def test_what_a_policy_may_not_say(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_a_key_of_two_operators_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pub").write_text(new_key().pem, "utf-8")
    with pytest.raises(ConfigError, match="a and b have the same key and two operators"):
        load(tmp_path, with_keys("a", "A", "a.pub") + with_keys("b", "B", "a.pub"))
    with pytest.raises(ConfigError, match="names a key twice"):
        load(tmp_path, with_keys("a", "A", "a.pub", "a.pub"))
    with pytest.raises(ConfigError, match=r"has keys, and go\.dev signs nothing"):
        load(tmp_path, with_keys("a", "A", "a.pub").replace("envelope", "go.dev"))


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/x",
        "https://a.example./x",
        "https://a.example/%78",
        "https://a.example//y/../x/",
        "https://me:secret@A.example:443/x?y",
    ],
)
def test_one_place_in_two_spellings_is_one_operators(tmp_path: Path, url: str) -> None:
    one = ONE.replace("https://a.example", "https://a.example/x")
    with pytest.raises(ConfigError, match="a and b have the same url and two operators"):
        load(tmp_path, one + TWO.replace("https://b.example", url))


@pytest.mark.parametrize("kind", [RebuilderKind.GO_DEV, RebuilderKind.SOURCE_SPOTTER])
def test_who_has_one_place_only_is_one_operators(tmp_path: Path, kind: RebuilderKind) -> None:
    rows = [
        f'[[rebuilder]]\nname = "{name}"\noperator = "{name}"\nkind = "{kind.value}"\n'
        for name in "ab"
    ]
    for url in ("", f'url = "{USUAL_URLS[kind]}"\n'):
        with pytest.raises(ConfigError, match="a and b have the same url and two operators"):
            load(tmp_path, "".join(rows) + url)
    saved = 'file = "saved"\n'
    assert load(tmp_path, "".join(rows) + saved).operators == ("a", "b")


@pytest.mark.parametrize("url", ["x/amd64", "x/all/", "x/{architecture}", "y/../x/amd64"])
def test_the_daemon_of_one_architecture_is_no_other_operators(tmp_path: Path, url: str) -> None:
    one = ONE.replace("https://a.example", "https://a.example/x/{architecture}")
    two = TWO.replace("https://b.example", f"https://a.example/{url}")
    for text in (one + two, two + one):
        with pytest.raises(ConfigError, match="have the same url and two operators"):
            load(tmp_path, text)
    for other in ("https://a.example/x", "https://a.example/z/amd64", "https://b.example/x/amd64"):
        load(tmp_path, one + TWO.replace("https://b.example", other))


def test_blanks_make_no_other_operator(tmp_path: Path) -> None:
    one, two = ONE.replace('"A"', '"Some Body"'), TWO.replace('"B"', '"Some  Body"')
    with pytest.raises(ConfigError, match="spells an operator in two ways"):
        load(tmp_path, one + two)


def test_a_policy_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_policy_file(tmp_path / "none.toml")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ConfigError, match="not a regular file"):
        load_policy_file(pipe)
    (tmp_path / "latin.toml").write_bytes(b"\xe9")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load_policy_file(tmp_path / "latin.toml")
    (tmp_path / "large.toml").write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(ConfigError, match="reads at most"):
        load_policy_file(tmp_path / "large.toml")
