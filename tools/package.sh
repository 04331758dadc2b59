#!/bin/sh
# Build samego's own packages from what git has at HEAD, and put them in dist/.
#
# usage: tools/package.sh [debian | arch]...
#
# Debian's is built with dpkg-buildpackage, and needs what debian/control asks for; Arch's with
# makepkg, as an ordinary user. Without a name: those whose builder is installed here.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'package: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

if [ $# -eq 0 ]; then
    ! have dpkg-buildpackage || set -- debian
    ! have pacman-conf || [ "$(id -u)" -eq 0 ] || set -- "$@" arch
    if [ $# -eq 0 ]; then
        say 'this needs dpkg-buildpackage (dpkg-dev), or makepkg (pacman) and an ordinary user'
        exit 2
    fi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p dist
for distro in "$@"; do
    git archive --prefix="$distro/samego/" HEAD | tar -x -C "$work"
    case $distro in
    debian)
        (cd "$work/debian/samego" && dpkg-buildpackage -us -uc) >"$work/log" 2>&1 || {
            tail -n 30 "$work/log" >&2
            say "dpkg-buildpackage failed; 'apt-get build-dep ./' installs what it needs (Debian 13)"
            exit 1
        }
        built=$work/debian/samego_*
        ;;
    arch)
        (cd "$work/arch/samego/plugins/arch" && makepkg --force) >"$work/log" 2>&1 || {
            tail -n 30 "$work/log" >&2
            say "makepkg failed; 'makepkg --syncdeps' installs what it needs"
            exit 1
        }
        built=$work/arch/samego/plugins/arch/samego-*.pkg.tar.*
        ;;
    *)
        say "there is no package for $distro: debian, arch"
        exit 2
        ;;
    esac
    for file in $built; do
        [ ! -f "$file" ] || { mv "$file" dist/ && say "dist/${file##*/}"; }
    done
done
