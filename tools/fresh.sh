#!/bin/sh
# Try this repository on a fresh machine: a minimal Debian in a directory, with git and make,
# a clone of HEAD in root's home, and make there, as root.
#
# usage: tools/fresh.sh [-k] [-c DIRECTORY] SUITE [COMMAND...]
#
#   SUITE         bookworm, trixie, sid, ...: mmdebstrap makes it from the machine's own mirror
#   COMMAND       each is given to sh in the clone, one after the other; the first that fails
#                 ends the trial ("make try" and "make test" without any)
#   -k            keep the directory, and say where it is
#   -c DIRECTORY  give the trial this directory as the tests' download cache; without it, the
#                 trial downloads everything again and leaves nothing
#
# It takes root and mmdebstrap (tools/setup.sh test). The commands see what a machine that
# somebody else starts in the background sees: no terminal, standard input at its end, SIGINT
# ignored. Of the environment they see only what reaches the package registries: proxies,
# indexes, certificates. The kernel is this machine's.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'fresh: %s\n' "$*" >&2; }
usage() {
    sed -n 's/^# usage: /usage: /p' "$0" >&2
    exit 2
}

keep=
cache=
while getopts kc: option; do
    case $option in
    k) keep=1 ;;
    c) cache=$(mkdir -p "$OPTARG" && cd "$OPTARG" && pwd) ;;
    *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage
suite=$1
shift
[ $# -gt 0 ] || set -- 'make try' 'make test'
if [ "$(id -u)" -ne 0 ] || ! command -v mmdebstrap >/dev/null; then
    say 'this takes root and mmdebstrap: run tools/setup.sh test as root'
    exit 2
fi

# The mirror that the machine's own apt uses.
mirror() {
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' |
        sed -n 's/^Debian //p' | head -n 1
}

top=$(mktemp -d "${TMPDIR:-/var/tmp}/samego-fresh.XXXXXX")
root=$top/root
clean() {
    if [ -n "$keep" ]; then
        say "kept: $root"
    else
        rm -rf --one-file-system "$top"
    fi
}
trap clean EXIT
trap 'exit 130' INT TERM

say "making $suite"
own=/usr/local/share/ca-certificates
# How this machine reaches its mirror, and whether that may serve what is out of date.
apt_settings() {
    apt-config dump | grep -E '^Acquire::(Check-Valid-Until|https?::Proxy|Retries) ' || true
}
apt_settings >"$top/apt.conf"
authorities=$(ls "$own"/*.crt 2>/dev/null || true)
mmdebstrap --quiet --mode=root --variant=minbase --format=directory \
    --aptopt="$top/apt.conf" --include="git,make${authorities:+,ca-certificates}" \
    "$suite" "$root" "$(mirror)" </dev/null
chmod 755 "$top" "$root"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
[ ! -e /etc/pip.conf ] || cp /etc/pip.conf "$root/etc/pip.conf"
if [ -n "$authorities" ]; then
    cp "$own"/*.crt "$root$own/"
    # Where this machine has its temporary files, the other has no directory.
    env -u TMPDIR chroot "$root" update-ca-certificates >/dev/null 2>&1
fi
git clone --quiet --no-hardlinks . "$root/root/samego"
git -C "$root/root/samego" remote remove origin
say "$(git log -1 --format='at %h %s')"
if [ -n "$cache" ]; then
    mkdir -p "$root/var/cache/samego-tests"
fi

# Run by sh in namespaces of its own. $1: the root, $2: the tests' cache or nothing, $3: the
# command. What is mounted ends with it. The root is pivoted, not changed: in a changed one the
# kernel makes no user namespaces, which every machine can.
enter='set -eu
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
[ -z "$2" ] || mount --bind "$2" "$1/var/cache/samego-tests"
cd "$1"
pivot_root . .
umount -l .
trap "" INT
exec env --chdir=/root/samego sh -c "$3"'

# What reaches the registries, and what every login has.
passed() {
    printf '%s\n' HOME=/root LANG=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    [ -z "$cache" ] || echo SAMEGO_TEST_CACHE=/var/cache/samego-tests
    env | grep -E '^((https?|no|all)_proxy|(HTTPS?|NO|ALL)_PROXY|PIP_(INDEX_URL|EXTRA_INDEX_URL|CERT|PROXY|DEFAULT_TIMEOUT)|GO(PROXY|SUMDB|NOSUMDB)|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE)=' ||
        true
}

for command; do
    say "$command"
    # shellcheck disable=SC2046 # one word each: none of these values holds a blank
    env -i $(passed) unshare --mount --pid --ipc --fork --kill-child sh -c "$enter" \
        fresh "$root" "$cache" "$command" </dev/null && status=0 || status=$?
    say "$command: exit status $status"
    [ "$status" -eq 0 ] || exit "$status"
done
