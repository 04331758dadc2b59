"""The environment of samego inside another program's job: a list of the variables that pass.

A build may set any variable: where Python and Perl find their modules, what the loader loads
first, which file a shell reads. None of these may influence the check of what was built. So only
the listed variables pass, and programs come from the system's directories. Of Go's settings,
those that name servers pass, and none that turns verification off.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping

#: The directories of Debian's and Arch's programs, and of those that an administrator added.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: Case does not matter for the names of proxies (curl and requests read both).
_PASS = frozenset(
    {
        *("HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TERM", "NO_COLOR", "TMPDIR"),
        *("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"),
        *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        *("GOPROXY", "GOSUMDB"),
    }
)
_PREFIXES = ("LC_", "SAMEGO_")


def cleaned(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of an environment that pass, with the system's own PATH."""
    kept = {
        name: value
        for name, value in environ.items()
        if name in _PASS or name.startswith(_PREFIXES)
    }
    return {**kept, "PATH": PATH}


@contextlib.contextmanager
def own() -> Iterator[None]:
    """Have :func:`clean` hold while the context lasts."""
    before = dict(os.environ)
    clean()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def clean() -> None:
    """Reduce the environment of this process and of its children to what passes."""
    kept = cleaned(os.environ)
    for name in os.environ.keys() - kept.keys():
        del os.environ[name]
    os.environ.update(kept)
