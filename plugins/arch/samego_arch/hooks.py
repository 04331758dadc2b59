"""Where Arch's tools call samego: makepkg before it packs, pacman after it has installed."""

from __future__ import annotations

from importlib.resources import files

from samego.distro import Command, Hook, HookFile

#: Stands in the files for the command line that starts samego.
_COMMAND = "@SAMEGO@"


def _text(name: str, command: str) -> str:
    source = files("samego_arch") / "hook_files" / name
    return source.read_text(encoding="utf-8").replace(_COMMAND, command)


def _makepkg(command: str) -> tuple[HookFile, ...]:
    """Where makepkg looks: its lint_package.sh sources every file of this directory."""
    return (HookFile("/usr/share/makepkg/lint_package/samego.sh", _text("makepkg.sh", command)),)


def _alpm(command: str) -> tuple[HookFile, ...]:
    """Where pacman looks: HookDir of pacman.conf(5), which is the administrator's own."""
    return (HookFile("/etc/pacman.d/hooks/samego.hook", _text("alpm.hook", command)),)


HOOKS: tuple[Hook, ...] = (
    Hook(
        "makepkg",
        "makepkg",
        "compare the package go before it is packed, as fakeroot shows it",
        _makepkg,
    ),
    Hook("alpm", "pacman", "compare the installed go after each installation and upgrade", _alpm),
)

COMMANDS: tuple[Command, ...] = (
    Command(
        "makepkg", "run makepkg, then check the package that it has made", "samego_arch.makepkg"
    ),
    Command(
        "repro",
        "rebuild a package with archlinux-repro, and compare it with the shipped one",
        "samego_arch.repro",
    ),
)
