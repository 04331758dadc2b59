from __future__ import annotations

from samego.system import environment


def test_what_passes_of_an_environment() -> None:
    given = {
        "HOME": "/root",
        "LC_ALL": "C.UTF-8",
        "https_proxy": "http://proxy:3128",
        "SAMEGO_ENFORCE": "explained",
        "PATH": "/build/bin:/usr/bin",
        "GOPROXY": "https://proxy.example.org",
    }
    dropped = dict.fromkeys(
        (
            *("PYTHONPATH", "PYTHONHOME", "PYTHONWARNINGS", "LD_PRELOAD", "LD_LIBRARY_PATH"),
            *("PERL5LIB", "PERL5OPT", "BASH_ENV", "ENV", "GCONV_PATH", "GLIBC_TUNABLES", "IFS"),
            *("GOROOT", "GOFLAGS", "GONOSUMDB", "GOINSECURE", "GOENV", "GNUPGHOME", "NETRC"),
            *("TAR_OPTIONS", "XZ_OPT", "GZIP", "ZSTD_CLEVEL", "DPKG_ROOT", "MALLOC_CHECK_"),
        ),
        "/build",
    )
    assert environment.cleaned(given | dropped) == given | {"PATH": environment.PATH}
