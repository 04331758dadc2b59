#!/bin/sh
# Bring this machine to where samego runs: .venv with samego in it (editable).
#
# usage: tools/setup.sh [unit | test [long]]
#
#   unit   what unit and property tests need as well, with setup.cfg's extra "test"
#   test   what all tests need: also servers, a browser, and what makes chroots
#   long   what builds whole toolchains
#
# What the machine lacks is installed with apt-get, from the machine's own suite only.
# Where there is no apt-get, the packages are named and nothing is installed.
set -eu
cd "$(dirname "$0")/.."
tests=${1:-}
long=${2:-}
extra=${tests:+test}

say() { printf 'setup: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# Whether a python is new enough and can make virtual environments, and, where root asks,
# whether the others of this machine may run it: makepkg, which calls samego, refuses root.
serves() {
    "$1" -c 'import os, sys, venv, ensurepip
base = os.path.realpath(sys.executable)
while os.geteuid() == 0 and base != "/":
    if not os.stat(base).st_mode & 1:
        sys.exit(1)
    base = os.path.dirname(base)
sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1
}

# The first python3 that serves.
find_python() {
    for candidate in python3 /usr/bin/python3; do
        if serves "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
}

# Print the Debian packages that samego needs and this machine lacks.
needed() {
    [ -n "$(find_python)" ] || echo python3 python3-venv
    perl -MFile::StripNondeterminism -e 1 >/dev/null 2>&1 || echo libfile-stripnondeterminism-perl
    have patch || echo patch
    have bwrap || echo bubblewrap
    have gpgv || echo gpgv
    [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
    # With this, the machine's apt can verify Debian's other suites.
    ! have apt-get || [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] ||
        echo debian-archive-keyring
    [ -z "$tests" ] || needed_by_unit_tests
    [ "$tests" != test ] || needed_by_all_tests
    # A Go compiler that comes from no Go build, old enough for what it starts in the tests.
    [ "$long" != long ] || have gccgo-12 || echo gccgo-12
}

# The same for unit and property tests: they pack and read real packages.
needed_by_unit_tests() {
    have dpkg-source || echo dpkg-dev
    have msiextract || echo msitools
    have wixl || echo wixl
    have makepkg || echo makepkg
    # makepkg asks pacman what is installed, and ends with an unknown error without it.
    have pacman || echo pacman-package-manager
    have bsdtar || echo libarchive-tools
    have fakeroot || echo fakeroot
    have strip || echo binutils
    have zstd || echo zstd
    # A throw-away key signs what a mirror of the tests serves.
    have gpg || echo gnupg
    # A clone is held against a source.
    have git || echo git
}

# The same for all others.
needed_by_all_tests() {
    # The distro's own build tools run in a chroot.
    have mmdebstrap || echo mmdebstrap
    # Part of util-linux up to Debian 13.
    have pivot_root || [ -x /usr/sbin/pivot_root ] || echo util-linux-extra
    # Pages are published to real servers, and read in a real browser.
    have rsync || echo rsync
    have ssh || echo openssh-client
    [ -x /usr/sbin/sshd ] || echo openssh-server
    have chromium || echo chromium
    # Completions are tried in the shells that read them.
    have zsh || echo zsh
    have fish || echo fish
    # The scripts of pipelines are checked, and install what they need.
    have shellcheck || echo shellcheck
    have bsdtar || echo libarchive-tools
}

# Print the Debian packages that pyalpm (Arch's packages; optional) is built with and that
# this machine lacks. libalpm.pc names the other four without depending on their packages.
wanted() {
    if have .venv/bin/python && .venv/bin/python -c 'import pyalpm' 2>/dev/null; then
        return
    fi
    have gcc || echo gcc
    have pkg-config || echo pkg-config
    python=$(find_python)
    "${python:-false}" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' 2>/dev/null ||
        echo python3-dev
    for pair in libalpm:libalpm-dev libarchive:libarchive-dev libcurl:libcurl4-openssl-dev \
        gpgme:libgpgme-dev libcrypto:libssl-dev; do
        pkg-config --exists "${pair%%:*}" 2>/dev/null || echo "${pair#*:}"
    done
}

# Arch's name of a Debian package.
arch_name() {
    case $1 in
    python3 | python3-venv | python3-dev) echo python ;;
    libfile-stripnondeterminism-perl) echo strip-nondeterminism ;;
    gpgv) echo gnupg ;;
    pkg-config) echo pkgconf ;;
    libalpm-dev | makepkg | pacman-package-manager) echo pacman ;;
    libarchive-dev | libarchive-tools) echo libarchive ;;
    libcurl4-openssl-dev) echo curl ;;
    libgpgme-dev) echo gpgme ;;
    dpkg-dev) echo dpkg ;;
    gccgo-12) echo gcc-go ;;
    openssh-client | openssh-server) echo openssh ;;
    util-linux-extra) echo util-linux ;;
    libssl-dev) echo openssl ;;
    *) echo "$1" ;;
    esac
}

# One line of the words given, each once.
once() { printf '%s\n' "$@" | sort -u | tr '\n' ' ' | sed 's/ *$//'; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Write apt preferences that leave nothing but the machine's own suite, its updates and its
# security fixes (whatever else the machine's sources list), to the file $1. Without a
# suite of that name in the sources (Debian's sid calls itself by the next release's name)
# the machine's own preferences stand.
pin_own_suite() {
    suite=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    : >"$1"
    [ -n "$suite" ] && apt-cache policy | grep -q "n=$suite," || return 0
    pin() { printf 'Package: *\nPin: %s\nPin-Priority: %s\n\n' "$1" "$2" >>"$3"; }
    pin 'release a=*-backports' -1 "$1"
    for name in "$suite" "$suite-security" "$suite-updates"; do
        pin "release n=$name" 990 "$1"
    done
    pin 'origin "*"' -1 "$1"
}

# Install the packages given; the output is shown only when it fails. No service of theirs is
# started: the tests start servers of their own.
apt_install() {
    pins=$work/preferences
    pin_own_suite "$pins"
    set -- -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends install "$@"
    if [ -s "$pins" ]; then
        set -- -o "Dir::Etc::Preferences=$pins" -o Dir::Etc::PreferencesParts=/dev/null "$@"
    fi
    keep_services_off
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@" >"$work/log" 2>&1 && status=0 || status=$?
    let_services_on
    return "$status"
}

# Tell Debian's maintainer scripts to start nothing (invoke-rc.d(8)), unless somebody else
# decides that already.
keep_services_off() {
    [ ! -e "$policy" ] || return 0
    printf '#!/bin/sh\nexit 101\n' >"$work/policy"
    as_root install -m 755 "$work/policy" "$policy"
}

let_services_on() {
    [ ! -e "$work/policy" ] || as_root rm -f "$policy" "$work/policy"
}

# The same, with fresh package lists where those at hand do not do.
apt_install_or_update() {
    apt_install "$@" && return
    as_root apt-get -qq -o DPkg::Lock::Timeout=300 update >"$work/update" 2>&1 || true
    apt_install "$@"
}

# Leave the servers among these packages off at the next start, too, where systemd is.
stay_off() {
    for name in $1; do
        case $name in
        openssh-server) set -- "$@" ssh.service ;;
        esac
    done
    shift
    if [ $# -gt 0 ] && have systemctl; then
        as_root systemctl --quiet disable "$@" >/dev/null 2>&1 || true
    fi
}

install_packages() {
    need=$(needed)
    want=
    [ -e .venv/.no-pyalpm ] || want=$(wanted)
    [ -n "$need$want" ] || return 0
    # shellcheck disable=SC2086 # lists of words
    all=$(once $need $want)
    if ! have apt-get || { [ "$(id -u)" -ne 0 ] && ! have sudo; }; then
        [ -n "$need" ] || return 0
        # shellcheck disable=SC2086,SC2046
        say "this needs (Debian's names): $(once $need)"
        # shellcheck disable=SC2086,SC2046
        say "on Arch: pacman -S --needed $(once $(for name in $need; do arch_name "$name"; done))"
        exit 1
    fi
    say "installing: $all (apt)"
    # shellcheck disable=SC2086
    apt_install_or_update $all && stay_off "$all" && return
    # What is only good for pyalpm must not be in the way of the rest.
    # shellcheck disable=SC2086
    if [ -n "$need" ] && ! apt_install_or_update $need; then
        cat "$work/log" >&2
        say "apt-get could not install: $(once $need)"
        exit 1
    fi
}

# Make .venv and install samego in it, unless that was done for this very setup.cfg.
install_samego() {
    python=$(find_python)
    stamp=.venv/.samego-${tests:-run}
    state=$(cat setup.cfg setup.py pyproject.toml | cksum)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$state" ] && serves .venv/bin/python &&
        .venv/bin/python -c 'import samego'; then
        return
    fi
    { serves .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; } ||
        "$python" -m venv --clear .venv
    say "installing samego and the Python packages it needs into .venv (pip)"
    pip="env PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install --quiet"
    $pip --editable ".[attest${extra:+,$extra}]"
    if [ ! -e .venv/.no-pyalpm ] && ! .venv/bin/python -c 'import pyalpm' 2>/dev/null &&
        ! $pip --editable '.[arch]' >"$work/pyalpm" 2>&1; then
        say "going on without pyalpm, which only Arch's packages need"
        : >.venv/.no-pyalpm
    fi
    printf '%s\n' "$state" >"$stamp"
}

policy=/usr/sbin/policy-rc.d
work=$(mktemp -d)
trap 'let_services_on; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
install_packages
install_samego
