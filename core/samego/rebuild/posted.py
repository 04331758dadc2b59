"""What a rebuild is compared with: the file that upstream posted, in the form that was built."""

from __future__ import annotations

from collections.abc import Sequence

from samego.errors import NotPostedError
from samego.model.release import Release, Target
from samego.upstream.channels import godev, module
from samego.upstream.channels.interface import Channel, InstallerChannel, Posted
from samego.upstream.resolver import first_that_has

#: Channels that post a target in one form alone.
_ONLY = {godev.NAME: "archive", module.NAME: "module"}


def fetch_posted(
    release: Release, channels: Sequence[Channel], form: str, target: Target
) -> Posted:
    """What upstream posted of a release and target in one form, from the first that has it.

    ``form`` is archive, module, installer or source. Raises NotPostedError where no channel has
    it, and what the channels raise.
    """
    if form == "source":
        return first_that_has(
            f"the source of {release}",
            channels,
            lambda channel: channel.fetch_source(release),
        ).posted

    def fetch(channel: Channel) -> Posted:
        if form == "installer" and isinstance(channel, InstallerChannel):
            return channel.fetch_installer(release, target)
        posted = channel.fetch(release, target)
        if posted.form != form:
            raise NotPostedError(
                f"{channel.name} has {release} {target} in another form only",
                hint="name another channel",
            )
        return posted

    able = [
        each
        for each in channels
        if _ONLY.get(each.name, form) == form
        or (form == "installer" and isinstance(each, InstallerChannel))
    ]
    if not able:
        raise NotPostedError(
            f"none of the chosen channels has the {form} form", hint="name another channel"
        )
    return first_that_has(f"{release} {target} ({form})", able, fetch).posted
