"""What starts ``samego watch`` every day: a systemd timer, or a line for cron.

The files are templates in unit_files/, common to all distros; a plugin says where its distro keeps
a service's options, and what that file first contains.
"""

from __future__ import annotations

from dataclasses import dataclass

from samego.distro.interface import Hook, HookFile
from samego.integrations.hooks.template import fill, read_template

_OPTIONS = "@OPTIONS@"
_SYSTEMD = "/etc/systemd/system"
_NAME = "samego-watch"


@dataclass(frozen=True, slots=True)
class OptionsFile:
    """The distro's file of the service's options: its path on a system.

    Its text is the plugin's ``template``, as ``read_template`` reads it for ``module``.
    """

    path: str
    module: str
    template: str

    def file(self) -> HookFile:
        """What to install: a block, so that what the user adds below is the user's."""
        return HookFile(self.path, read_template(self.module, self.template), comment="#")


def timer(distro: str, options: OptionsFile) -> Hook:
    """The hook that installs the service and its timer, in the administrator's directory."""

    def installed(command: str) -> tuple[HookFile, ...]:
        # systemd replaces what a percent or dollar sign begins (systemd.service(5)).
        quoted = command.replace("%", "%%").replace("$", "$$")
        return (
            HookFile(f"{_SYSTEMD}/{_NAME}.service", _filled("service", quoted, options)),
            HookFile(f"{_SYSTEMD}/{_NAME}.timer", _filled("timer", quoted, options)),
            options.file(),
        )

    return Hook(
        f"{distro}-timer",
        f"systemd, after 'systemctl enable --now {_NAME}.timer'",
        "check what is new upstream and in the distros every day",
        installed,
    )


def cron(distro: str, options: OptionsFile) -> Hook:
    """The hook that installs a file for cron, where there is no systemd."""

    def installed(command: str) -> tuple[HookFile, ...]:
        # A percent sign ends a line of cron's (crontab(5)).
        quoted = command.replace("%", "\\%")
        return (
            HookFile(f"/etc/cron.d/{_NAME}", _filled("cron", quoted, options)),
            options.file(),
        )

    return Hook(
        f"{distro}-cron",
        "cron",
        "check what is new upstream and in the distros every day",
        installed,
    )


def _filled(kind: str, command: str, options: OptionsFile) -> str:
    template = read_template(__file__, f"unit_files/{_NAME}.{kind}")
    return fill(template.replace(_OPTIONS, options.path), command)
