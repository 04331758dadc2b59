"""One build in its surroundings: run in a sandbox, and kept for the next run."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego import sandbox
from samego.errors import BuildError, CacheError, SandboxError
from samego.inputs import probe
from samego.inputs.kept import EXPERIMENTS, LAUNCHERS, RECORD, SOURCES
from samego.inputs.probe import Seen
from samego.inputs.script import CLOCK_FILE, PROGRAM, Job, files, script
from samego.inputs.surroundings import BOOTSTRAP, CLOCK_SHIFT, OUT, SOURCE, TOOLS, Surroundings
from samego.model.tree import Tree
from samego.rebuild.bootstrap import Bootstrap
from samego.rebuild.host_build import digest_of
from samego.rebuild.isolation import Built, IsolatedBuild, run_build
from samego.rebuild.workspace import scratch_directory, unpack
from samego.sandbox.running import read_times
from samego.sandbox.ways import bwrap, environment, problem_of, system
from samego.system.disk import used
from samego.system.hashing import size_and_sha256

#: time_now of the runtime: what it returns is the wall clock of time.Now.
_CLOCK = "\tsec, nsec = walltime()\n"
_TMP_BYTES = 2 << 30
#: Bytes that a build in memory takes: the source twice over, build caches, what is built.
MEMORY = 3 << 30


@dataclass(frozen=True, slots=True)
class Experiment:
    """What came of one build: its files by name, what the probe saw, and what it cost.

    ``files`` are sizes in bytes and sha256; they lie in ``directory``. ``wall`` and ``cpu``
    are seconds; ``fresh`` says that it was built in this run.
    """

    surroundings: Surroundings
    directory: Path
    files: Mapping[str, tuple[int, str]]
    seen: Seen
    wall: float
    cpu: float
    fresh: bool


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Where experiments are made: below ``directory``, out of ``source`` (unpacked)."""

    directory: Path
    source: Path

    def run(self, job: Job, bootstrap: Bootstrap, surroundings: Surroundings) -> Experiment:
        """Build, or take what an earlier run built.

        Raises BuildError when it does not build, DiskFullError when there is no room, and
        SandboxError where no sandbox can be had.
        """
        tools = _tools(job, surroundings)
        sums = {name: hashlib.sha256(data).hexdigest() for name, data in tools.items()}
        how = [surroundings.sandbox(), surroundings.environment, surroundings.prefix()]
        key = digest_of([self.source.name, bootstrap.digest, how, surroundings.in_memory, sums])
        place = self.directory / EXPERIMENTS / key
        if not place.is_dir():
            self._build(job, bootstrap, surroundings, tools, place)
            return _read(place, surroundings, fresh=True)
        return _read(place, surroundings, fresh=False)

    def _build(
        self,
        job: Job,
        bootstrap: Bootstrap,
        surroundings: Surroundings,
        texts: Mapping[str, bytes],
        place: Path,
    ) -> None:
        if bootstrap.goroot is None:
            raise SandboxError("a C compiler cannot be a bootstrap here", hint="name a Go")
        log = self.directory / f"{place.name}.log"
        with scratch_directory(self.directory) as scratch:
            out, tools, work = (scratch / name for name in ("out", "tools", "work"))
            for directory in (out, tools, work):
                directory.mkdir()
            for name, data in texts.items():
                (tools / name).parent.mkdir(exist_ok=True)
                (tools / name).write_bytes(data)
            shutil.copyfile(self._launcher(bootstrap, tools / "probe", scratch), tools / "launcher")
            for path in (tools, *tools.rglob("*")):
                path.chmod(0o755)
            command = [
                bwrap(), *surroundings.sandbox(), *system(),
                "--perms", "1777", "--size", str(_TMP_BYTES), "--tmpfs", "/tmp",  # noqa: S108
                *_work(surroundings, work),
                "--ro-bind", str(self.source), SOURCE,
                "--ro-bind", str(bootstrap.goroot), BOOTSTRAP,
                "--ro-bind", str(tools), TOOLS, "--bind", str(out), OUT, "--chdir", "/",
                *environment(surroundings.environment), "--",
                *surroundings.prefix(), "sh", f"{TOOLS}/script",
            ]  # fmt: skip
            built = run_build(IsolatedBuild(command, scratch, {}, scratch, log))
            _keep(out, job, f"{job.what}, {surroundings.what}", built, place, scratch)
        log.unlink()

    def _launcher(self, bootstrap: Bootstrap, source: Path, scratch: Path) -> Path:
        """The probe as the bootstrap builds it, from an earlier run or built now."""
        sums = [hashlib.sha256(probe.source()).hexdigest(), bootstrap.digest]
        place = self.directory / LAUNCHERS / digest_of(sums)
        if not place.is_file():
            new = scratch / "new-launcher"
            _build_launcher(source, bootstrap, new, scratch)
            place.parent.mkdir(exist_ok=True)
            new.rename(place)
        used(place)
        return place


def _tools(job: Job, surroundings: Surroundings) -> dict[str, bytes]:
    """What a build finds in TOOLS, beside the launcher: its script first of all."""
    texts = {
        **files(job),
        **surroundings.files(),
        "script": script(job, surroundings).encode(),
        "probe/probe.go": probe.source(),
        "probe/go.mod": b"module probe\n\ngo 1.20\n",
    }
    if "time" in surroundings.varied:
        texts["timestub.go"] = moved_clock(job.tree)
    return texts


def moved_clock(tree: Tree) -> bytes:
    """The runtime's time_now with its clock moved by CLOCK_SHIFT seconds.

    Raises BuildError where the source is not in the known form.
    """
    text = tree.read(CLOCK_FILE).decode("utf-8") if CLOCK_FILE in tree else ""
    if text.count(_CLOCK) != 1:
        raise BuildError(
            f"{CLOCK_FILE} of {tree.name} does not read the clock in the known way",
            hint="leave the variation out: --without time",
        )
    return text.replace(_CLOCK, f"{_CLOCK}\tsec += {CLOCK_SHIFT}\n").encode()


def _build_launcher(source: Path, bootstrap: Bootstrap, place: Path, scratch: Path) -> None:
    """Build the probe with the bootstrap: it starts the build in a namespace of its own."""
    home = scratch / "launcher"
    settings = {
        "GOROOT": str(bootstrap.goroot),
        "GOCACHE": str(home / "cache"),
        "GOPATH": str(home / "gopath"),
        "GOENV": "off",
        "GOWORK": "off",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
    }
    command = [f"{bootstrap.goroot}/bin/go", "build", "-o", str(place), "."]
    log = home / "log"
    home.mkdir()
    run_build(IsolatedBuild(command, source, settings, home, log))
    shutil.rmtree(home)


def check_sandbox(surroundings: Surroundings) -> None:
    """Raise SandboxError, with what is refused, where these surroundings cannot be made."""
    sandbox.require()
    command = [bwrap(), *surroundings.sandbox(), *system(), "--", "unshare", "--uts", "true"]
    if problem := problem_of(command):
        raise SandboxError(
            f"bubblewrap cannot make a user namespace here ({problem})",
            hint="let users make namespaces (kernel.unprivileged_userns_clone,"
            " kernel.apparmor_restrict_unprivileged_userns)",
        )


def _work(surroundings: Surroundings, work: Path) -> list[str]:
    if surroundings.in_memory:
        return ["--perms", "0755", "--tmpfs", surroundings.place]
    return ["--bind", str(work), surroundings.place]


def _keep(out: Path, job: Job, what: str, built: Built, place: Path, scratch: Path) -> None:
    """Move what a build left to its place, with a record of it; atomic."""
    new = scratch / "experiment"
    new.mkdir()
    seen = probe.read((out / "seen.json").read_bytes(), (out / "bootstrap").read_bytes())
    rows = {}
    target = job.target
    for path in () if job.look else _products(out):
        size, sha256 = size_and_sha256(path)
        # distpack names archives by GOARCH; go.dev calls linux/arm's armv6l.
        name = path.name.replace(f".{target}.", f".{target.posted}.")
        rows[name] = {"size": size, "sha256": sha256}
        path.rename(new / name)
    cpu = sum(read_times((out / "times").read_bytes())[-2:])  # of what the shell ran
    record = {"files": rows, "seen": dict(seen.values), "wall": built.wall, "cpu": cpu}
    record["what"] = what
    (new / RECORD).write_text(json.dumps(record, indent=1), "utf-8")
    place.parent.mkdir(parents=True, exist_ok=True)
    new.rename(place)


def _products(out: Path) -> Sequence[Path]:
    wanted = (PROGRAM, "*.zip", "*.mod", "*.tar.gz")
    found = [path for pattern in wanted for path in sorted(out.glob(pattern))]
    if not found:
        raise BuildError("the build left nothing", hint="report this")
    return found


def _read(place: Path, surroundings: Surroundings, *, fresh: bool) -> Experiment:
    used(place)
    try:
        record = json.loads((place / RECORD).read_text("utf-8"))
        rows = {name: (row["size"], row["sha256"]) for name, row in record["files"].items()}
        for name, row in rows.items():
            if size_and_sha256(place / name) != row:
                raise ValueError(f"{name} is not as it was built")  # noqa: TRY301 - told below
        return Experiment(
            surroundings, place, rows, Seen(record["seen"]), record["wall"], record["cpu"], fresh
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CacheError(
            f"the kept build {place} cannot be read ({error})", hint="remove it"
        ) from error


def unpacked(tree: Tree, directory: Path, key: str) -> Path:
    """A tree's files below ``directory``, ready to be built from; made once."""
    place = unpack(tree, directory / SOURCES / key)
    used(place)
    return place
