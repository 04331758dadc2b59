"""What lets one in stays where the request is made: no output, file or message tells it.

Secrets of their own are planted wherever a user can put one, and in what servers answer. Then
everything that samego writes is searched for each of them.
"""

from __future__ import annotations

import base64
import json
import socket
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from samego.model.machine import HIDDEN_HOST
from support.cli import Result
from support.godev_server import Fault, GoDev, serve
from support.sumdb_log import Key
from support.watch_world import RELEASE, World

ARCHIVE = f"{RELEASE}.linux-amd64.tar.gz"
PACKAGE = "birch:main/go=1.24.99-1"
CHECK_FORMATS = ("junit", "sarif", "code-quality")
TRACKER_FORMATS = ("debian", "debian-tracker", "arch", "rb-spec", "rebuilderd-v0")
#: A host's name that is no longer than this may be a word.
_WORD = 6
PEOPLE = ("text", "markdown", "html")
#: Where nobody listens.
CLOSED = "127.0.0.1:9"


@dataclass
class Planted:
    """The secrets by the place where they were put, and a search for them."""

    of: dict[str, str] = field(default_factory=dict)

    def secret(self, place: str) -> str:
        """A secret for this place, which holds what a URL must escape."""
        return self.of.setdefault(place, f"s3cr3t!{len(self.of)}:x{len(self.of) * 7919}")

    def url(self, place: str, url: str) -> str:
        """The URL with a user, a password and nothing else, each of them a secret."""
        scheme, _, rest = url.partition("://")
        user, word = (quote(self.secret(f"{place}, {part}"), safe="") for part in ("user", "word"))
        return f"{scheme}://{user}:{word}@{rest}"

    def found(self, data: bytes) -> list[str]:
        """The places whose secrets stand in this: as they are, escaped or as in a header."""
        return sorted(
            place
            for place, secret in self.of.items()
            for form in (
                secret,
                quote(secret, safe=""),
                quote(secret),
                base64.b64encode(secret.encode()).decode()[:-4],
                json.dumps(secret)[1:-1],
            )
            if form.encode() in data
        )


@pytest.fixture
def planted() -> Planted:
    return Planted()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serve(GoDev()) as godev:
        yield World(tmp_path, godev)


@pytest.fixture
def run(world: World, planted: Planted) -> Iterator[Callable[..., Result]]:
    """Run samego with all secrets in place; all that it said and left is searched."""
    key = Key()
    world.environment |= {
        "SAMEGO_GODEV_URL": f"{planted.url('godev_url', world.godev.url)}/dl",
        "GOPROXY": planted.url("GOPROXY", f"{world.godev.url}/proxy"),
        "GOSUMDB": f"{key.verifier} {planted.url('GOSUMDB', f'{world.godev.url}/sumdb')}",
        "HTTPS_PROXY": planted.url("HTTPS_PROXY", f"http://{CLOSED}"),
        "HTTP_PROXY": planted.url("HTTP_PROXY", f"http://{CLOSED}"),
        "ALL_PROXY": planted.url("ALL_PROXY", f"http://{CLOSED}"),
        "NO_PROXY": "127.0.0.1",
        "SAMEGO_KEY_PASSPHRASE": planted.secret("SAMEGO_KEY_PASSPHRASE"),
        "RSYNC_PASSWORD": planted.secret("RSYNC_PASSWORD"),
    }
    netrc = world.directory / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {planted.secret('netrc, word')}\n")
    netrc.chmod(0o600)
    given = {netrc, world.directory / ".config/samego/config.toml"}
    leaks: list[str] = []

    def once(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> Result:
        result = world.samego(*arguments, environment=environment)
        for name in ("stdout", "stderr"):
            text = getattr(result, name)
            for place in planted.found(text.encode()):
                leaks.append(f"{' '.join(map(str, arguments))[:60]}: {name} tells {place}")
        return result

    yield once
    for path in world.directory.rglob("*"):
        if path.name == "samego.sources":
            # apt needs the mirror's URL as it is.
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        elif path.is_file() and not path.is_symlink() and path not in given:
            told = path.relative_to(world.directory)
            leaks += [f"{told} tells {place}" for place in planted.found(path.read_bytes())]
    assert leaks == []


def test_a_check_and_all_that_is_made_of_it(
    run: Callable[..., Result], world: World, tmp_path: Path
) -> None:
    world.ship("1.24.99-1")
    report, key = tmp_path / "report.json", tmp_path / "key"
    result = run("check", "-vv", PACKAGE, "--format", "json", "-o", report)
    assert result.status == 0, result.stderr
    url = json.loads(report.read_text())["upstream"]["url"]
    assert url == f"http://{HIDDEN_HOST}/dl/{ARCHIVE}"
    assert f"{world.godev.url}/dl/{ARCHIVE}" in result.stderr
    for form in (*PEOPLE, *CHECK_FORMATS):
        assert run("check", "-vv", PACKAGE, "--format", form).status == 0
    for form in (*PEOPLE, *CHECK_FORMATS):
        assert run("report", "--to", form, report).status == 0, form
    assert run("verify", "-vv", report, PACKAGE).status in {0, 1, 2}
    assert run("attest", "--new-key", key).status == 0
    plain = {"SAMEGO_KEY_PASSPHRASE": ""}
    signed = tmp_path / "signed.json"
    assert run("attest", "--key", key, report).status == 2
    assert run("attest", "--key", key, "-o", signed, report, environment=plain).status == 0
    assert run("attest", "--key", f"{key}.pub", "--verify", signed).status == 0
    assert run("explain", report, "misc/editors").status == 0
    for form in ("text", "json"):
        assert run("history", "--all", "--format", form).status == 0
        assert run("upstream", "list", "--format", form, "-vv").status == 0
        assert run("watch", "--format", form, "-vv").status == 0
    assert run("upstream", "fetch", RELEASE, "--target", "linux-amd64", "-vv").status == 0
    assert run("cache", "-vv").status == 0
    assert run("site", tmp_path / "site", "-vv").status == 0
    assert list((tmp_path / "site").rglob("*.html"))


def test_what_is_published_says_nothing_of_the_machine(
    run: Callable[..., Result], world: World, tmp_path: Path
) -> None:
    """Every format of a report, and the site: no path, user, host or proxy of whoever ran it."""
    world.ship("1.24.99-1")
    out, scratch = tmp_path / "out", tmp_path / "scratch-wilma"
    # What lies below the working directory is named from there, so that commands can be pasted.
    mirror = tmp_path.with_name(f"{tmp_path.name}-mirror-wilma")
    for directory in (out, scratch, mirror):
        directory.mkdir()
    (mirror / ARCHIVE).write_bytes(world.godev.files[f"/dl/{ARCHIVE}"])
    (mirror / "index.json").write_bytes(world.godev.files["/dl/?mode=json&include=all"])
    places = {"TMPDIR": str(scratch), "SAMEGO_CACHE": str(tmp_path / "cache-wilma")}
    mirrored = {**places, "SAMEGO_MIRROR": str(mirror), "SAMEGO_CHANNEL": "mirror"}
    told: dict[str, str] = {}
    for name, what, environment in (
        ("suite", PACKAGE, places),
        ("file", str(mirror / ARCHIVE), places),
        ("mirror", PACKAGE, mirrored),
    ):
        report, key = out / f"{name}.json", tmp_path / f"key-{name}"
        checked = run(
            *("check", "-q", what, "--target", "linux-amd64", "--format", "json", "-o", report),
            environment=environment,
        )
        assert checked.status in {0, 1}, (name, checked.stderr)
        for form in (*PEOPLE, *CHECK_FORMATS, *TRACKER_FORMATS):
            made = run("report", "--to", form, report, environment=environment)
            assert made.stdout or made.status == 2, (name, form, made.stderr)
            told[f"{name}, {form}"] = made.stdout
        if name == "file":
            continue  # a statement needs a package
        plain = {**environment, "SAMEGO_KEY_PASSPHRASE": ""}
        assert run("attest", "--new-key", key, environment=plain).status == 0
        signed = out / f"{name}.signed"
        assert run("attest", "--key", key, "-o", signed, report, environment=plain).status == 0
        payload = json.loads(signed.read_text())["payload"]
        told[f"{name}, attestation"] = base64.b64decode(payload).decode()
    site = out / "site"
    assert run("site", site, "--url", "https://go.example", "-q", environment=places).status == 0
    told["history"] = run("history", "--all", "--format", "json", environment=places).stdout
    for path in out.rglob("*"):
        if path.is_file():
            told[str(path.relative_to(out))] = path.read_text("utf-8")
    assert {"site/index.html", "site/feed.atom", "file.json"} <= told.keys()
    planted = {str(tmp_path), tmp_path.name, "wilma", "127.0.0.1", CLOSED, "pytest-of"}
    host = socket.gethostname()
    planted |= {host} if len(host) > _WORD else set()
    found = [(name, each) for name, text in told.items() for each in planted if each in text]
    assert found == []


def _fail(godev: GoDev, fault: Fault) -> None:
    paths = ("/dl/?mode=json&include=all", f"/dl/{ARCHIVE}", f"/dl/mod/{ARCHIVE}")
    godev.faults |= dict.fromkeys(paths, fault)


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_server_that_repeats_what_it_was_asked(
    run: Callable[..., Result], world: World, planted: Planted, status: int
) -> None:
    world.ship("1.24.99-1")
    user, word = (planted.secret(f"godev_url, {part}") for part in ("user", "word"))
    token = base64.b64encode(f"{user}:{word}".encode()).decode()
    _fail(world.godev, Fault(status, body=f"not for you, {user} {word} {quote(word)} {token}"))
    result = run("check", "-vv", PACKAGE)
    assert result.status == 2
    assert world.godev.url.removeprefix("http://") in result.stderr
    assert "not for you" in result.stderr
    assert run("watch", "-vv", "--format", "json").status == 2


def test_a_server_that_repeats_what_netrc_says(
    run: Callable[..., Result], world: World, planted: Planted
) -> None:
    _fail(world.godev, Fault(401, body=f"not for you, {planted.secret('netrc, word')}"))
    plain = {"SAMEGO_GODEV_URL": f"{world.godev.url}/dl"}
    result = run("upstream", "list", "-vv", environment=plain)
    assert result.status == 2
    assert "not for you" in result.stderr


@pytest.mark.parametrize("leads_to", ["itself", "nothing", "elsewhere"])
def test_a_redirect_to_a_url_with_credentials(
    run: Callable[..., Result], world: World, planted: Planted, leads_to: str
) -> None:
    world.ship("1.24.99-1")
    target = {
        "itself": f"{world.godev.url}/dl/{ARCHIVE}",
        "nothing": f"{world.godev.url}/absent",
        "elsewhere": f"ftp://{CLOSED}/x",
    }[leads_to]
    token = quote(planted.secret("Location, token"), safe="")
    location = f"{planted.url('Location', target)}?X-Signature={token}#{token}"
    world.godev.faults[f"/dl/{ARCHIVE}"] = Fault(302, location=location)
    result = run("check", "-vv", PACKAGE, "--format", "json")
    assert result.status == 2
    assert "redirects" in result.stderr or "answers 404" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("check", "URL"),
        ("check", "--upstream", "URL", PACKAGE),
        ("check", "--no-such-option=URL"),
        ("rebuild", "go1.24.4", "--source", "URL"),
        ("site", "site", "--url", "URL"),
        ("publish", "site", "URL"),
        ("report", "--to", "rebuilderd-v0", "--url", "URL", "absent.json"),
        ("rebuilderd", "status", "--endpoint", "URL"),
        ("rebuilderd", "sync", RELEASE, "--endpoint", "URL"),
        ("rebuilderd", "sync", RELEASE, "--print", "--url", "URL"),
        ("watch", "--notify", "curl 'URL"),
        ("hook", "run", "URL"),
    ],
    ids=" ".join,
)
def test_a_url_on_the_command_line(
    run: Callable[..., Result], planted: Planted, words: tuple[str, ...]
) -> None:
    url = planted.url("command line", f"https://{CLOSED}/go")
    url += f"?token={quote(planted.secret('command line, token'), safe='')}"
    result = run(*(word.replace("URL", url) for word in words))
    assert result.status in {0, 2}, result
    assert result.stderr


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("SAMEGO_GODEV_URL", " x"),
        ("SAMEGO_MIRROR", ""),
        ("SAMEGO_KEYRING", ""),
        ("SAMEGO_CHANNEL", ""),
        ("SAMEGO_CACHE", ""),
        ("SAMEGO_SITE_URL", ""),
        ("SAMEGO_CONFIG", ""),
        ("SAMEGO_TIMEOUT", ""),
        ("GOPROXY", " x"),
        ("GOSUMDB", " x y"),
        ("SAMEGO_GODEV_URL", "/dl"),
        ("HTTPS_PROXY", "/"),
    ],
)
def test_a_setting_that_is_no_good(
    run: Callable[..., Result], planted: Planted, name: str, suffix: str
) -> None:
    setting = planted.url(name, f"https://{CLOSED}{suffix}")
    result = run(
        *("upstream", "list", "-vv"),
        environment={"SAMEGO_CHANNEL": "", name: setting, "SAMEGO_DEBUG": "1", "NO_PROXY": ""},
    )
    assert result.status == 2, result


def test_what_stands_in_the_configuration(
    run: Callable[..., Result], world: World, planted: Planted
) -> None:
    config = world.directory / ".config/samego/config.toml"
    url = planted.url("config", f"https://{CLOSED}/go")
    for text in (
        f'[upstream]\ngodev_url = "{url}"\n',
        f'[site]\nurl = "{url}"\n',
        f'[upstream]\nmirror = "{url}"\n',
        f'[upstream]\nkeyring = ["{url}"]\n',
        f'[upstream]\ngodev_url = "{url}\n',
        f'[publish]\nto = "{url}"\n',
        f'[debian]\nmirror = "x {url}"\n',
        f'[debian]\nmirror = "{url.replace("https:", "http:")}"\n',
        f'[arch]\nmirror = "x {url}"\n',
        f'[arch]\nmirror = "{url}/$repo/os/$arch"\n',
    ):
        config.write_text(text)
        environment = {"SAMEGO_GODEV_URL": ""}
        what = {"[debian]": "debian:trixie/golang-1.24", "[arch]": "arch:extra/go"}
        command = (
            ("check", what[text.split()[0]]) if text.split()[0] in what else ("upstream", "list")
        )
        assert run(*command, environment=environment).status == 2, text
