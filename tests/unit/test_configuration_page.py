"""docs/configuration.md has every key, variable and path that the code has, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.config import SETTINGS, load_config
from samego.distro.interface import distros
from samego_arch.archive.mirror import find_mirror as arch_mirror
from samego_arch.archive.suites import LISTER as ARCH
from samego_debian.archive.mirror import find_mirror
from samego_debian.archive.suites import LISTER as DEBIAN

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*|https?_proxy|all_proxy|no_proxy")
_OWN = re.compile(r"\bSAMEGO_[A-Z]+(?:_[A-Z]+)*\b")
#: What the code calls an environment.
_ASKED = ("environ", "environment", "variables")
#: No setting of the user's: samego gives it to a program that it starts itself.
_INTERNAL = {"SAMEGO_PACK"}
#: No variables: the properties that a signed summary states (docs/attest.md).
_STATED = {
    "SAMEGO_EQUIVALENT",
    "SAMEGO_PASSED",
    "SAMEGO_REPRODUCED",
    "SAMEGO_SAME_BYTES",
    "SAMEGO_UPSTREAM_VERIFIED",
    "SAMEGO_WAIVED",
}
#: What files that samego installs read; shell and units are no Python.
_FILES = ("*.options", "*.service", "*.cron", "*.sh", "*.hook", "*.conf", "I90samego")


def sources() -> list[Path]:
    return sorted(
        path
        for folder in ("core", "plugins")
        for pattern in ("*.py", *_FILES)
        for path in (ROOT / folder).rglob(pattern)
    )


def section(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each row of a section's tables, headings left out."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    for line in lines:
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def table(name: str) -> str:
    """The text of the keys' section from where a table's name stands to the next such name."""
    text = section("Keys")
    starts = {
        match[1]: match.start()
        for match in re.finditer(r"(?:^|[ ])`\[([a-z]+)\]`(?=[^|]*\n\n\|)", text, re.MULTILINE)
    }
    begin = starts[name]
    end = min((start for start in starts.values() if start > begin), default=len(text))
    return text[begin:end]


def test_every_key_of_the_file_is_there() -> None:
    documented = [cells for cells in rows(section("Keys")) if len(cells) == 3]
    by_variable = {cells[1].strip("`"): cells[0].strip("`") for cells in documented}
    assert len(by_variable) == len(documented)
    assert set(by_variable) == {setting.variable for setting in SETTINGS.values()}
    for name, setting in SETTINGS.items():
        place, key = setting.table, setting.key
        spelled = by_variable[setting.variable]
        assert spelled in (key, f"{place}.{key}"), name
        if place:
            assert f"[{place}]" in section("Keys")


def plugin_keys(name: str) -> set[str]:
    """The keys that a plugin asks its table for, by how its code does that."""
    folder = ROOT / f"plugins/{name}"
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    found = set(re.findall(r"(?<!build)\.?options\.get\(\s*\"(\w+)\"", text))
    found |= set(re.findall(r"_(?:option|url)\((?:request\.)?options, \"(\w+)\"", text))
    found |= set(re.findall(r"names_in\([^)]*?, _TABLE, \"(\w+)\"", text))
    # Debian's archives name their options (mirror.py).
    found |= set(re.findall(r"= Archive\(\"[\w-]+\", \"(\w+)\"", text))
    return found


@pytest.mark.parametrize("name", sorted(plugin.name for plugin in distros()))
def test_every_key_of_a_plugin_is_there(name: str) -> None:
    asked = plugin_keys(name)
    if not asked:
        assert f"[{name}]" not in PAGE
        return
    assert {cells[0].strip("`") for cells in rows(table(name))} == asked


def test_every_variable_is_there_and_no_other() -> None:
    page = PAGE.partition("\n## Paths")[0]
    used = {name for path in sources() for name in _OWN.findall(path.read_text(encoding="utf-8"))}
    assert set(_OWN.findall(page)) == used - _INTERNAL - _STATED
    for name in asked_of_the_environment():
        assert f"`{name}`" in page, f"{name} is read, and docs/configuration.md does not name it"


def asked_of_the_environment() -> set[str]:
    """The names that Python code asks an environment for, as text or by a constant."""
    found = set()
    for path in sources():
        if path.suffix != ".py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "get"
                and ast.unparse(node.func.value).rpartition(".")[2] in _ASKED
            ):
                first = node.args[0]
                value = first.value if isinstance(first, ast.Constant) else None
                if isinstance(first, ast.Name):
                    value = constants.get(first.id)
                if isinstance(value, str) and _NAME.fullmatch(value):
                    found.add(value)
    assert {"SAMEGO_SPOOL", "DPKG_ROOT", "GOENV", "RSYNC_RSH"} <= found
    return found - _INTERNAL


def test_every_path_is_there() -> None:
    pattern = re.compile(r"/(?:etc|var/lib|var/cache|var/log)/(?:[\w.-]+/)*samego[\w./-]*\w")
    shown = section("Paths")
    for path in sources():
        if path.suffix != ".py" or path.name == "config.py":  # the file's example has others
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or id(node) in docstrings:
                continue
            for found in pattern.findall(node.value) if isinstance(node.value, str) else ():
                # A hook's own files are what 'samego hook show' prints.
                known = f"`{found}`" in shown or found.startswith(("/etc/cron.d", "/etc/pacman.d"))
                assert known, f"{found} ({path.name})"


def test_the_example_is_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    mirrors, lists = tmp_path / "etc", re.findall(r"mirror\+file:(/etc/samego/(\S+))\"", text)
    mirrors.mkdir()
    for path, name in lists:
        text = text.replace(path, str(mirrors / name))
    (example,) = re.findall(r"^```\n(https://near.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (mirrors / "debian.mirrors").write_text(example)
    file = tmp_path / "config.toml"
    file.write_text(text)
    config = load_config({"SAMEGO_CONFIG": str(file)})
    config.check_plugins({"debian", "arch"})
    assert (config.mirror, config.timeout, config.cache_limit) == (Path("/srv/go"), 20.0, 20 << 30)
    assert config.history_owners == ("buildd",)

    debian = config.plugins["debian"]
    suites = DEBIAN.suites(debian)
    assert {"trixie-security", "trixie-backports"} <= set(suites)
    used = {suite: find_mirror(iter(()), debian, suite).uri for suite in suites}
    assert used["trixie-backports"] == used["sid"] == f"mirror+file:{mirrors}/debian.mirrors"
    assert used["trixie-security"] == f"mirror+file:{mirrors}/security.mirrors"

    arch = config.plugins["arch"]
    assert ARCH.suites(arch) == ("extra",)
    mirror = arch_mirror(arch, tmp_path, "extra", "x86_64")
    assert mirror.servers == ("https://arch.example.org/extra/os/x86_64",)


def test_nobody_is_sent_to_an_index_where_the_name_is_not_ours() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    for path in [*pages, *sources()]:
        text = path.read_text(encoding="utf-8")
        told = re.findall(r"(?:pip|pipx|uv)[^\n`]* install [^\n`]*\bsamego(?!/|_|-source)\b", text)
        assert not told, (path.name, told)


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (page.parent / link).exists(), (page.name, link)
