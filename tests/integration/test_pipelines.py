"""The files in ``pipelines/``: linted, and every script in them run, with real packages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from support.cli import PROGRAM, Samego
from support.godev_server import GoDev, serve
from support.inputs import Inputs
from support.pipelines import (
    FOLDER,
    ROOT,
    Place,
    read,
    run_github,
    run_gitlab,
    scripts,
)
from support.watch_world import World

FILES = sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("*.yml"))
ACTION, RELEASES = FOLDER / "github/action.yml", FOLDER / "github/releases.yml"
GITLAB, SALSA = FOLDER / "gitlab.yml", FOLDER / "salsa-ci.yml"
SCHEMAS = {
    ACTION: "vendor.github-actions",
    RELEASES: "vendor.github-workflows",
    GITLAB: "vendor.gitlab-ci",
    SALSA: "vendor.gitlab-ci",
}
#: A use of somebody's action, which only a whole commit names for good.
_USES = re.compile(r"^\s*-?\s*uses:\s*(\S+)", re.MULTILINE)
_COMMIT = re.compile(r"[\w./-]+@[0-9a-f]{40}|\./.*")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A repository with what this checkout holds now, and its commit."""
    place = tmp_path_factory.mktemp("repository")
    listed = ["git", "-C", str(ROOT), "ls-files", "-z", "-c", "-o", "--exclude-standard"]
    names = subprocess.run(listed, check=True, capture_output=True, text=True).stdout
    for name in names.rstrip("\0").split("\0"):
        if (source := ROOT / name).is_file() and not name.startswith(("fixtures/", "tests/")):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, place / name)
    git = ["git", "-C", str(place), "-c", "user.name=me", "-c", "user.email=me@localhost"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return f"file://{place}", commit.stdout.strip()


@pytest.fixture
def place(tmp_path: Path, samego: Samego) -> Place:
    """A runner's place, which shares the downloads of the tests."""
    cache = subprocess.run(
        [sys.executable, "-m", "pip", "cache", "dir"], check=True, capture_output=True, text=True
    ).stdout.strip()
    shared = {"SAMEGO_CACHE": str(samego.home / ".cache/samego"), "PIP_CACHE_DIR": cache}
    return Place(tmp_path / "runner", environment=shared)


@pytest.fixture
def machine_has_it(place: Place) -> None:
    """What the scripts install is there: they change nothing of this machine."""
    listed = {
        package
        for file in FILES
        for script in scripts(read(FOLDER / file))
        for line in re.findall(r"apt-get install((?:[^\n\\]|\\\n)*)", script)
        for package in re.findall(r"(?<!\S)[a-z][\w.+-]+", line)
    }
    assert {"bubblewrap", "python3-venv"} <= listed
    known = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *sorted(listed)],
        check=False,
        capture_output=True,
        text=True,
    )
    there = {line.split()[0] for line in known.stdout.splitlines() if line.endswith(" installed")}
    assert there == listed, "run 'make setup-test'"
    place.give_apt_lists()


@pytest.mark.parametrize("file", FILES, ids=str)
def test_its_schema_allows_it(file: Path) -> None:
    tool = Path(sys.executable).with_name("check-jsonschema")
    words = [str(tool), "--builtin-schema", SCHEMAS[FOLDER / file], str(FOLDER / file)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_actionlint_finds_nothing(inputs: Inputs, tmp_path: Path) -> None:
    tool = inputs.actionlint()
    done = subprocess.run([tool, RELEASES], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(RELEASES.read_text().replace("${{ vars.SAMEGO_COMMIT }}", "${{ vars }"))
    assert subprocess.run([tool, wrong], check=False, capture_output=True).returncode == 1


@pytest.mark.parametrize("file", FILES, ids=str)
def test_shellcheck_finds_nothing(file: Path) -> None:
    for script in scripts(read(FOLDER / file)):
        # SC2086: SAMEGO_WHAT is split on purpose.
        words = ["shellcheck", "--shell", "bash", "--exclude", "SC2086", "-"]
        done = subprocess.run(words, input=script, check=False, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("file", FILES, ids=str)
def test_nothing_is_run_that_may_change_meanwhile_and_nothing_is_allowed_in_vain(
    file: Path,
) -> None:
    text = (FOLDER / file).read_text("utf-8")
    assert all(_COMMIT.fullmatch(used) for used in _USES.findall(text))
    # samego's name in an index is not ours.
    assert not re.search(r"(pip|pipx|uv)\"? install [^\n]*(?<![\w/.-])samego(?![\w/-])", text)
    document = read(FOLDER / file)
    if "jobs" in document:
        assert document["permissions"] == {}
        assert {job["permissions"]["contents"] for job in document["jobs"].values()} == {"write"}
    # An input's text in a script would be run.
    assert not any("${{" in script for script in scripts(document))


def test_gitlabs_and_salsas_differ_in_what_they_check_alone() -> None:
    (gitlab,), (salsa,) = (read(file).values() for file in (GITLAB, SALSA))
    assert salsa.pop("needs") == [{"job": "build", "artifacts": True}]
    assert salsa["variables"].pop("SAMEGO_WHAT") == "$WORKING_DIR/*.changes"
    assert gitlab["variables"].pop("SAMEGO_WHAT") == "*.changes"
    assert gitlab == salsa


def test_what_the_page_says_to_write_fits_the_files() -> None:
    page = (ROOT / "docs/pipelines.md").read_text("utf-8")
    blocks = [
        YAML(typ="safe").load(text) for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    ]
    known = set(read(SALSA)["samego"]["variables"])
    given = [block for block in blocks if "include" in block]
    assert len(given) == 2
    for block in given:
        assert block.get("variables", block.get("samego", {}).get("variables")).keys() <= known
        assert all((ROOT / each["file"]).is_file() for each in block["include"] if "file" in each)
    (step,) = (block for block in blocks if "jobs" in block)
    (used,) = (each for each in step["jobs"]["go"]["steps"] if "uses" in each)
    assert used["uses"] == "OWNER/samego/pipelines/github@COMMIT"
    assert used["with"].keys() <= read(ACTION)["inputs"].keys()
    named = set(re.findall(r"vars\.(\w+)", RELEASES.read_text("utf-8")))
    assert all(f"`{name}`" in page for name in named)


def changes(directory: Path, debs: list[Path], source: Path) -> None:
    """What a build of the real packages leaves: the packages and, by dpkg, their .changes."""
    directory.mkdir(parents=True)
    for deb in debs:
        shutil.copy2(deb, directory)
    tree = directory.parent / "source"
    (dsc,) = source.glob("*.dsc")
    words = ["dpkg-source", "--no-check", "--skip-patches", "-x", str(dsc), str(tree)]
    subprocess.run(words, check=True, capture_output=True)
    sections = {
        deb.name: subprocess.run(
            ["dpkg-deb", "-f", str(deb), "Section"], check=True, capture_output=True, text=True
        ).stdout.strip()
        for deb in debs
    }
    listed = "".join(f"{name} {section} optional\n" for name, section in sections.items())
    (tree / "debian/files").write_text(listed, "utf-8")
    made = subprocess.run(
        ["dpkg-genchanges", "-b", f"-u{directory}"], cwd=tree, check=True, capture_output=True
    )
    (directory / "golang-1.24_1.24.4-1_amd64.changes").write_bytes(made.stdout)
    shutil.rmtree(tree)


@pytest.mark.long  # gitlab.yml has the same script; the action checks real packages below
@pytest.mark.usefixtures("machine_has_it")
def test_salsa_checks_what_was_built(
    place: Place,
    repository: tuple[str, str],
    trixie_go124_debs: list[Path],
    go124_source: Path,
) -> None:
    changes(place.project / "debian/output", trixie_go124_debs, go124_source)
    ran = run_gitlab(
        read(SALSA),
        place,
        WORKING_DIR=str(place.project / "debian/output"),
        SAMEGO_REPOSITORY=repository[0],
        SAMEGO_COMMIT=repository[1],
    )
    assert ran.status == 1, ran.output
    results = place.project / "samego"
    report = json.loads((results / "report.json").read_text())
    assert (report["verdict"], report["counts"]["unproven"]) == ("unproven", 16)
    quality = json.loads((results / "code-quality.json").read_text())
    assert [entry["check_name"] for entry in quality].count("rebuild") == 16
    assert 'failures="16"' in (results / "junit.xml").read_text()
    assert {path.name for path in results.iterdir()} == {
        "report.json",
        "code-quality.json",
        "junit.xml",
    }


@pytest.mark.usefixtures("machine_has_it")
def test_the_action_checks_several_and_tells_the_steps_after_it(
    place: Place, trixie_go124_debs: list[Path]
) -> None:
    place.values = {
        "github.action_path": str(FOLDER / "github"),
        "inputs.what": "\n".join(map(str, trixie_go124_debs)) + "\n",
        "inputs.rebuild": "",
        "inputs.require": "explained",
        "inputs.results": "samego results",
    }
    *_before, last = run_github(read(ACTION), place)
    assert last.status == 1, last.output
    outputs = read(ACTION)["outputs"]
    assert outputs.keys() == {"report", "sarif", "junit"}
    for name in outputs:
        path = place.project / place.values[f"steps.check.outputs.{name}"]
        assert path.is_file(), name
    sarif = json.loads((place.project / "samego results/samego.sarif").read_text())
    assert [r["ruleId"] for r in sarif["runs"][0]["results"]].count("rebuild") == 16
    summary = (place.directory / "summary").read_text()
    assert "golang-1.24 1.24.4-1 amd64" in summary
    # What cannot be decided leaves no report, and says so by its status.
    place.values["inputs.what"] = "absent.deb"
    shutil.rmtree(place.project / "samego results")
    (ran,) = run_github(read(ACTION), place, skip=1)
    assert ran.status == 2
    assert "absent.deb" in ran.output


def test_gitlab_takes_names(place: Place) -> None:
    with serve(GoDev()) as godev:
        world = World(place.directory / "home", godev)
        world.ship("1.24.99-1")
        place.environment |= world.environment
        given = {"SAMEGO_WHAT": "birch:main/go=1.24.99-1"}
        ran = run_gitlab(read(GITLAB), place, installed=PROGRAM.parent, **given)
        assert ran.status == 0, ran.output
        assert json.loads((place.project / "samego/code-quality.json").read_text()) == []
        (place.project / "samego/report.json").unlink()
        ran = run_gitlab(read(GITLAB), place, installed=PROGRAM.parent, SAMEGO_WHAT="birch:x/go")
    assert ran.status == 2, ran.output


@pytest.mark.usefixtures("machine_has_it")
def test_gitlab_needs_a_whole_commit(place: Place) -> None:
    ran = run_gitlab(read(GITLAB), place, SAMEGO_REPOSITORY="none", SAMEGO_COMMIT="main")
    assert ran.status == 2
    assert "set SAMEGO_COMMIT to a whole commit" in ran.output


@pytest.fixture
def posted(place: Place) -> Iterator[World]:
    """A go.dev and a distro, and the settings under which the workflow knows them."""
    with serve(GoDev()) as godev:
        world = World(place.directory / "home", godev)
        place.environment |= world.environment | {"GITHUB_SERVER_URL": f"file://{place.directory}"}
        del place.environment["SAMEGO_HISTORY"]
        yield world


def workflow(place: Place, document: Any, *, skip: int) -> tuple[list[int], str]:  # noqa: ANN401 - YAML
    """How the steps of a run ended, and what they printed; nothing is left of the run before."""
    for name in ("kept", "pass.txt", "config.toml"):
        left = place.directory / "temp" / name
        shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)
    ran = run_github(document, place, skip=skip)
    return [each.status for each in ran], "".join(each.output for each in ran)


@pytest.mark.usefixtures("machine_has_it")
def test_a_posted_release_is_rebuilt_checked_and_published(
    place: Place, posted: World, repository: tuple[str, str]
) -> None:
    bare = place.directory / "me/go"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    place.environment["GITHUB_REPOSITORY"] = "me/go"
    place.values = {
        "vars.SAMEGO_REPOSITORY": repository[0],
        "vars.SAMEGO_COMMIT": repository[1],
        "vars.SAMEGO_SETTINGS": "[debian]\nsuites = []\n[arch]\nsuites = []\n",
        "vars.SAMEGO_SITE_URL": "https://go.example.org",
        "github.token": "none",
    }
    document = read(RELEASES)
    posted.ship("1.24.99-1")
    status, output = workflow(place, document, skip=0)
    assert status == [0] * 5, output
    assert "checked: go 1.24.99-1" in output

    def published(path: str) -> str:
        words = ["git", "-C", str(bare), "show", f"go-releases:{path}"]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    assert "1.24.99-1" in published("docs/index.html")
    # The next pass runs on another machine, and knows what the first one found.
    posted.post(**{"go1.24.98": b"source"})
    posted.ship("1.24.99-2", changed={"opt/go/src/fmt/print.go": b"package other\n"})
    status, output = workflow(place, document, skip=1)
    assert status == [0] * 4 + [1], output
    assert "posts go1.24.98" in output
    assert "rebuild go1.24.98, tried 1 time" in output  # its source cannot be had here
    assert "worse: go 1.24.99-2" in output
    assert "1.24.99-2" in published("docs/index.html")
    assert "https://go.example.org" in published("docs/feed.atom")
