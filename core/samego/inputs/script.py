"""The shell script of one build: what is run in the sandbox, in order.

It is the way of samego rebuild, in one go: the release's own make.bash for the host, then a
target's commands as cmd/dist installs them, then the release's own distpack. A program alone
is installed by upstream's posted toolchain. Before it is used, the toolchain builds the probe.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from samego.inputs.surroundings import BOOTSTRAP, OUT, SOURCE, STAMP, TOOLS, Surroundings
from samego.model.release import Target
from samego.model.tree import Tree
from samego.rebuild.cmd_dist import read_cmd_dist
from samego.rebuild.packing import PACK_FILE, switch, switchable
from samego.rebuild.recipe import distributed_commands

#: The file with the one line of the host tools' runtime that moves their clock
#: (time_now of every system but Windows and linux/amd64, go1.21 to go1.27).
CLOCK_FILE = "src/runtime/timestub.go"
#: What a build of one program leaves.
PROGRAM = "program"
#: The setting that cmd/dist hands on as a flag (src/cmd/dist/build.go, appendCompilerFlags).
_LDFLAGS = "GO_LDFLAGS"
_SCRATCH = "/tmp/work"  # noqa: S108 - the sandbox's own
_GO_MOD, _GO_ENV = "go.mod", "go.env"
#: What a go command needs to install a program.
_BUILDERS = ("cmd/go", "cmd/asm", "cmd/compile", "cmd/link")
#: env(1) would take a command for a variable where its path has an equals sign in it.
_BECOME = ["sh", "-c", 'exec "$@"', "sh"]


@dataclass(frozen=True, slots=True)
class Job:
    """What is built: a release for a target on a host, or one program of it alone.

    ``tree`` is the release's source; with a ``program`` (``cmd/gofmt``) it is upstream's
    posted toolchain for the ``machine``, which builds another ``host``'s tools first.
    ``settings`` are variables that the build sees, ``edits`` the new text of files of the
    source; with either, make.bash alone builds the release. A ``complete`` source holds all of
    an archive. ``look`` asks for what the probe sees, and builds nothing.
    """

    tree: Tree
    machine: Target
    host: Target
    target: Target
    program: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    edits: Mapping[str, bytes] = field(default_factory=dict)
    complete: bool = False
    look: bool = False

    @property
    def what(self) -> str:
        """What is built, for a list."""
        changed = [*(f"{name}={value}" for name, value in self.settings.items()), *self.edits]
        parts = [self.program, f"of {self.tree.name}"] if self.program else [self.tree.name]
        parts += [f"for {self.target}", f"with another {', '.join(changed)}" if changed else ""]
        return " ".join(part for part in ("a look at" if self.look else "", *parts) if part)

    @property
    def by_make_alone(self) -> bool:
        """Whether make.bash builds the target's commands, with what is set and edited."""
        return not self.program and bool(self.settings or self.edits)

    @property
    def commands(self) -> Sequence[str]:
        """What go install is given."""
        return [self.program] if self.program else distributed_commands(self.tree)


def files(job: Job) -> Mapping[str, bytes]:
    """What the script needs in TOOLS beside itself and the probe."""
    needed = {"workdir.mod": read_cmd_dist(job.tree).go_mod.encode()}
    if not job.program:
        text = job.tree.read(PACK_FILE).decode("utf-8")
        needed["pack.go"] = (switchable(text) or text).encode()
    for number, data in enumerate(job.edits.values()):
        needed[f"edit-{number}"] = data
    return needed


def script(job: Job, surroundings: Surroundings) -> str:
    """The script, for sh; what it leaves is in OUT."""
    return "\n".join([*_lines(job, surroundings), ""])


def _lines(job: Job, surroundings: Surroundings) -> Iterator[str]:
    goroot = f"{surroundings.place}/goroot"
    yield "set -eu"
    yield f"umask {surroundings.umask}"
    yield f'mkdir -p "$HOME" {_SCRATCH} {shlex.quote(goroot)}'
    yield from _copy(goroot, surroundings)
    yield f"{BOOTSTRAP}/bin/go version >{OUT}/bootstrap"
    if job.look:
        yield f"{TOOLS}/launcher report {shlex.quote(goroot)} >{OUT}/seen.json"
        yield f"times >{OUT}/times"
        return
    for number, path in enumerate(job.edits):
        yield f"cat {TOOLS}/edit-{number} >{shlex.quote(f'{goroot}/{path}')}"
    if "time" in surroundings.varied:
        yield f"cat {TOOLS}/timestub.go >{shlex.quote(f'{goroot}/{CLOCK_FILE}')}"
    if job.program:
        yield from _other_tools(job, goroot) if job.host != job.machine else ()
    else:
        host = {"GOHOSTOS": job.host.goos, "GOHOSTARCH": job.host.goarch}
        settings = {**host, "GOROOT_BOOTSTRAP": BOOTSTRAP, "GOTOOLCHAIN": "local"}
        if job.by_make_alone:
            target = {"GOOS": job.target.goos, "GOARCH": job.target.goarch}
            settings |= {**target, **job.settings}
        yield from _without_c(job, goroot, [_run(f"{goroot}/src", settings, ["bash", "make.bash"])])
    yield from _probe(job, goroot)
    if "time" in surroundings.varied:
        yield f"cp {SOURCE}/{CLOCK_FILE} {shlex.quote(f'{goroot}/{CLOCK_FILE}')}"
    if not job.by_make_alone:
        yield from _install(job, goroot)
    yield from _collect(job, goroot) if job.program else _pack(job, goroot)
    yield f"times >{OUT}/times"


def _copy(goroot: str, surroundings: Surroundings) -> Iterator[str]:
    """Lay out the source: a file system in memory lists last what was made first."""
    order = "LC_ALL=C sort -r" if "fileordering" in surroundings.varied else "LC_ALL=C sort"
    copy = f"tar --create --file=- --no-recursion --files-from={_SCRATCH}/names"
    unpack = f"tar --extract --file=- --directory={shlex.quote(goroot)} --no-same-owner"
    yield f"(cd {SOURCE} && find . -type d | LC_ALL=C sort) >{_SCRATCH}/directories"
    yield f"(cd {SOURCE} && find . ! -type d | {order}) >{_SCRATCH}/files"
    yield f"cat {_SCRATCH}/directories {_SCRATCH}/files >{_SCRATCH}/names"
    yield f"(cd {SOURCE} && {copy}) | {unpack}"
    if "timestamps" in surroundings.varied:
        yield f"find {shlex.quote(goroot)} -exec touch --no-dereference --date=@{STAMP} {{}} +"


def _without_c(job: Job, goroot: str, lines: Iterable[str]) -> Iterator[str]:
    """Keep make.bash from C where it builds another host's packages: the machine has no libc of it.

    A variable would do, but make.bash writes that into the release (internal/buildcfg).
    GOROOT's own settings (go.env) are read by the go command alone.
    """
    if job.host == job.machine:
        yield from lines
        return
    path = shlex.quote(f"{goroot}/{_GO_ENV}")
    yield f"echo CGO_ENABLED=0 >>{path}"
    yield from lines
    yield f"cp {SOURCE}/{_GO_ENV} {path}" if _GO_ENV in job.tree else f"rm {path}"


def _other_tools(job: Job, goroot: str) -> Iterator[str]:
    """Put tools for the host in the place of the posted ones, which build them."""
    settings = {
        **read_cmd_dist(job.tree).environment(goroot, job.machine, job.host, {}),
        "GOCACHE": f"{_SCRATCH}/tools-cache",
        "GOPATH": f"{_SCRATCH}/gopath",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
    }
    pair = f"{job.host.goos}_{job.host.goarch}"
    yield _run(f"{goroot}/src", settings, [f"{goroot}/bin/go", "install", *_BUILDERS])
    root = shlex.quote(goroot)
    yield f"mv {root}/bin/{pair}/go {root}/bin/go"
    yield f"rm -r {root}/pkg/tool/{job.machine.goos}_{job.machine.goarch} {_SCRATCH}/tools-cache"


def _probe(job: Job, goroot: str) -> Iterator[str]:
    """Build the probe for the host, with what will build the rest, and run it."""
    settings = {**_go(job.host, goroot), "GOCACHE": f"{_SCRATCH}/probe-cache"}
    build = [f"{goroot}/bin/go", "build", "-o", f"{_SCRATCH}/probe"]
    yield _run(f"{TOOLS}/probe", settings, build)
    yield f"{_SCRATCH}/probe report {shlex.quote(goroot)} >{OUT}/seen.json"


def _install(job: Job, goroot: str) -> Iterator[str]:
    dist = read_cmd_dist(job.tree)
    settings = {
        **dist.environment(goroot, job.host, job.target, job.settings),
        "GOCACHE": f"{_SCRATCH}/cache",
        "GOPATH": f"{_SCRATCH}/gopath",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
    }
    unset = [name for name, _expression in dist.statements if name not in settings]
    for place in program_places(job.program, job.target) if job.program else ():
        yield f"rm -f {shlex.quote(f'{goroot}/{place}')}"
    yield f"mkdir {_SCRATCH}/dist && cp {TOOLS}/workdir.mod {_SCRATCH}/dist/{_GO_MOD}"
    flags = [f"-ldflags=all={value}" for name, value in job.settings.items() if name == _LDFLAGS]
    command = [f"{goroot}/bin/go", "install", *flags, *job.commands]
    yield _run(f"{_SCRATCH}/dist", settings, command, unset)


def _pack(job: Job, goroot: str) -> Iterator[str]:
    """Build distpack for the host and pack the module form, and the archive if all is there."""
    settings = {
        **_go(job.host, goroot),
        "GOFLAGS": read_cmd_dist(job.tree).tools["GOFLAGS"],
        "GOCACHE": f"{_SCRATCH}/pack-cache",
    }
    overlay = f'{{"Replace": {{"{goroot}/{PACK_FILE}": "{TOOLS}/pack.go"}}}}'
    yield f"printf %s {shlex.quote(overlay)} >{_SCRATCH}/overlay.json"
    build = [f"{goroot}/bin/go", "build", f"-overlay={_SCRATCH}/overlay.json"]
    yield _run(f"{goroot}/src", settings, [*build, "-o", f"{_SCRATCH}/distpack", "cmd/distpack"])
    target = {"GOROOT": goroot, "GOOS": job.target.goos, "GOARCH": job.target.goarch}
    yield _run(
        f"{goroot}/src",
        {**target, **switch(["module", *(["archive"] if job.complete else [])])},
        [f"{_SCRATCH}/distpack"],
    )
    yield f"cp {shlex.quote(goroot)}/pkg/distpack/* {OUT}/"


def _collect(job: Job, goroot: str) -> Iterator[str]:
    for place in program_places(job.program, job.target):
        path = shlex.quote(f"{goroot}/{place}")
        yield f"[ ! -e {path} ] || cp {path} {OUT}/{PROGRAM}"


def program_places(program: str, target: Target) -> Sequence[str]:
    """Where go install may leave a program: cmd/go and cmd/gofmt in bin, the others in pkg/tool."""
    name = program.rpartition("/")[2] + (".exe" if target.goos == "windows" else "")
    pair = f"{target.goos}_{target.goarch}"
    return (f"bin/{pair}/{name}", f"pkg/tool/{pair}/{name}", f"bin/{name}")


def _go(host: Target, goroot: str) -> dict[str, str]:
    """What the go command sees when it builds for the host."""
    return {
        "GOROOT": goroot,
        "GOFLAGS": "",
        "GOENV": "off",
        "GOWORK": "off",
        "GO111MODULE": "",
        "GOBIN": "",
        "GOPATH": f"{_SCRATCH}/gopath",
        "CGO_ENABLED": "0",
        "GOOS": host.goos,
        "GOARCH": host.goarch,
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
    }


def _run(
    directory: str,
    environment: Mapping[str, str],
    command: Sequence[str],
    unset: Iterable[str] = (),
) -> str:
    """One command in a directory, with variables set and others not there."""
    words = ["env", *(f"--unset={name}" for name in dict.fromkeys(unset))]
    words += [f"{name}={value}" for name, value in environment.items()]
    words += _BECOME
    return f"(cd {shlex.quote(directory)} && exec {shlex.join([*words, *command])})"
