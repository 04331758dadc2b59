"""Debian's policy for one release and architecture, from the data beside this module."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

from samego.model.policy import Policy, SettingsRule
from samego.model.policy_file import load_policy
from samego.model.release import Release
from samego_debian.architectures import Architecture, compilers

#: goenv.sh computes the compiler table since 1.25.0-2: every 1.25.1 and later has it.
COMPILERS_SINCE = Release(25, 1)


#: In a path: the architecture, where the package was built again without a new source.
_REBUILT = "{architecture}"


def policy_for(release: Release, arch: Architecture, *, rebuilt: bool = False) -> Policy:
    """The rules for a release as Debian builds it for ``arch``.

    ``rebuilt`` says that the version is one of a binary-only rebuild (``+b1``).
    """
    text = files(__package__).joinpath("policy.toml").read_text(encoding="utf-8")
    policy = load_policy(text, name="Debian's policy", release=release, target=arch.target)
    layout = tuple(
        replace(rule, path=rule.path.replace(_REBUILT, arch.name))
        for rule in policy.layout
        if rebuilt or _REBUILT not in rule.path
    )
    return replace(
        policy, layout=layout, settings=policy.settings + _of_architecture(release, arch)
    )


def _of_architecture(release: Release, arch: Architecture) -> tuple[SettingsRule, ...]:
    rules: list[SettingsRule] = []
    if arch.settings:
        rules.append(
            SettingsRule(
                arch.settings,
                f"what {arch.name} machines are able to run",
                "debian/helpers/goenv.sh",
            )
        )
    if release >= COMPILERS_SINCE:
        rules.append(
            SettingsRule(
                compilers(arch),
                "cgo finds the cross compiler of every Debian architecture",
                "debian/helpers/goenv.sh (since 1.25.0-2), dpkg-architecture",
            )
        )
    return tuple(rules)
