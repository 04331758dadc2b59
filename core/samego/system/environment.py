"""The environment of what samego does in somebody else's job: a list of what passes.

A build sets what it likes: where Python and Perl find their modules, what the loader loads
first, which file a shell reads. None of it is to reach the check of what was built. So what is
not in this list is dropped, and programs are looked for where the system has them. Of a build's
settings for Go, those that say who is asked pass, and none that says whom to believe without.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping

#: Where Debian's and Arch's own programs lie, and what an administrator has added.
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
    """What passes of an environment, with the system's own PATH."""
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
    """Leave this process, and whatever it starts from now on, what passes of its environment."""
    kept = cleaned(os.environ)
    for name in os.environ.keys() - kept.keys():
        del os.environ[name]
    os.environ.update(kept)
