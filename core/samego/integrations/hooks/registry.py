"""The hooks that the installed plugins bring, by name."""

from __future__ import annotations

from dataclasses import dataclass

from samego.distro.interface import Hook, distros
from samego.errors import InputError


@dataclass(frozen=True, slots=True)
class Registered:
    """A hook and the name of its plugin."""

    distro: str
    hook: Hook


def hooks() -> tuple[Registered, ...]:
    """All hooks of all plugins, by plugin and in its order. Raises ConfigError for a bad one."""
    return tuple(Registered(plugin.name, hook) for plugin in distros() for hook in plugin.hooks)


def find(name: str) -> Registered:
    """The hook of this name. Raises InputError when no plugin has it."""
    known = hooks()
    for registered in known:
        if registered.hook.name == name:
            return registered
    names = ", ".join(registered.hook.name for registered in known)
    raise InputError(
        f"no plugin has a hook {name!r}",
        hint=f"the hooks are {names}" if names else "install a plugin that brings one",
    )
