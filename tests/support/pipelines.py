"""What stands in the files of ``pipelines/``, and running it as a runner would, without one.

Values come from :class:`Place`; each script is run by bash as GitHub's runner and GitLab's run it.
What a step writes to GITHUB_OUTPUT is there for the steps after it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "pipelines"
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.]+)\s*\}\}")
_CONDITION = re.compile(r"steps\.(\w+)\.outputs\.(\w+) == '(\w*)'")
_BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
#: Programs come from the system alone.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: What these of the tests' environment say holds in a pipeline, too: where packages come from.
_KEPT = re.compile(r"(PIP|SSL|GO|REQUESTS)_?[A-Z_]*|[a-z]+_proxy|[A-Z]+_PROXY|LANG")


def read(path: Path) -> Any:  # noqa: ANN401 - YAML
    """The document in a file."""
    return YAML(typ="safe").load(path.read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Ran:
    """How a script ended, and what it printed."""

    status: int
    output: str


@dataclass
class Place:
    """Where a pipeline runs: ``directory`` holds the project, its home and all else.

    ``values`` are the contexts' (``inputs.what``), ``environment`` is added to each script's.
    """

    directory: Path
    values: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("project", "home", "temp"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)

    def give_apt_lists(self) -> None:
        """Give apt lists and caches of this place's own, so that it waits for nobody else's.

        It begins with the machine's lists: as for a runner, what has not changed is not fetched.
        """
        lists = self.directory / "apt/lists"
        for name in ("apt/lists/partial", "apt/cache/archives/partial"):
            (self.directory / name).mkdir(parents=True)
        for path in Path("/var/lib/apt/lists").iterdir():
            if path.is_file() and path.name != "lock":
                with contextlib.suppress(FileNotFoundError):  # another apt replaces them
                    shutil.copy2(path, lists)
        config = self.directory / "apt/apt.conf"
        config.write_text(
            f'Dir::State::lists "{lists}/";\nDir::Cache "{self.directory}/apt/cache/";\n'
            'DPkg::Lock::Timeout "300";\nAPT::Sandbox::User "root";\n',
            "utf-8",
        )
        self.environment["APT_CONFIG"] = str(config)

    @property
    def project(self) -> Path:
        """The checked out project, where scripts run."""
        return self.directory / "project"

    def environ(self) -> dict[str, str]:
        """The environment of a script."""
        kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
        return {
            **kept,
            "PATH": PATH,
            "HOME": str(self.directory / "home"),
            "TMPDIR": str(self.directory / "temp"),
            **self.environment,
        }

    def run(self, script: str, extra: Mapping[str, str]) -> Ran:
        """Run a script by bash, as both runners do."""
        done = subprocess.run(
            [*_BASH, script],
            cwd=self.project,
            env={**self.environ(), **extra},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=600,
        )
        return Ran(done.returncode, done.stdout.decode("utf-8", "replace"))


def github_steps(document: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - YAML
    """The steps of a composite action, or of a workflow with one job."""
    if "runs" in document:
        return list(document["runs"]["steps"])
    (job,) = document["jobs"].values()
    return list(job["steps"])


def run_github(document: Any, place: Place, *, skip: int = 0) -> list[Ran]:  # noqa: ANN401 - YAML
    """Run the steps one after the other until one fails; each as it ended.

    The first ``skip`` are left out: what they make is there.
    """
    output, summary = place.directory / "output", place.directory / "summary"
    given = dict(place.values)
    job: dict[str, Any] = next(iter(document.get("jobs", {}).values()), {})
    files = {
        "RUNNER_TEMP": str(place.directory / "temp"),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    found = []
    for step in github_steps(document)[skip:]:
        if not _wanted(step, given):
            continue
        output.write_text("", "utf-8")
        extra = {name: _filled(value, given) for name, value in _environment(job, step)}
        found.append(place.run(step["run"], files | extra))
        lines = output.read_text("utf-8").splitlines()
        for name, _, value in (line.partition("=") for line in lines):
            given[f"steps.{step.get('id')}.outputs.{name}"] = value
        if found[-1].status:
            break
    place.values = given
    return found


def run_gitlab(
    document: Any,  # noqa: ANN401 - YAML
    place: Place,
    *,
    installed: Path | None = None,
    **variables: str,
) -> Ran:
    """Run a job: what comes before its script and the script, in one shell.

    With ``installed``, where samego is, the script alone.
    """
    (job,) = document.values()
    if installed is not None:
        job = {**job, "before_script": [f'PATH="{installed}:$PATH"']}
    values: dict[str, str] = {**place.environment, **job["variables"], **variables}
    for name, value in values.items():
        # GitLab puts variables into variables.
        values[name] = re.sub(r"\$(\w+)", lambda found: values.get(found[1], ""), value)
    return place.run(gitlab_script(job), values)


def gitlab_script(job: Mapping[str, Any]) -> str:
    """A job's lines as one script."""
    return "\n".join([*job["before_script"], *job["script"]])


def scripts(document: Any) -> Iterator[str]:  # noqa: ANN401 - YAML
    """Every script of a file."""
    if "runs" in document or "jobs" in document:
        yield from (step["run"] for step in github_steps(document))
    else:
        yield from map(gitlab_script, document.values())


def _environment(job: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for scope in (job, step):
        yield from ((name, str(value)) for name, value in scope.get("env", {}).items())


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: values[found[1]], text)


def _wanted(step: Mapping[str, Any], values: Mapping[str, str]) -> bool:
    if "if" not in step:
        return True
    found = _CONDITION.fullmatch(step["if"])
    assert found is not None, step["if"]
    return values[f"steps.{found[1]}.outputs.{found[2]}"] == found[3]
