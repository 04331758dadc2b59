# shellcheck shell=bash
#
#   samego.sh - compare a Go toolchain with upstream's before it is packed
#
#   makepkg's lint_package.sh reads every file beside this one. 'samego hook install makepkg'
#   puts this one there; 'samego hook remove makepkg' takes it away.

[[ -n "$LIBMAKEPKG_LINT_PACKAGE_SAMEGO_SH" ]] && return
LIBMAKEPKG_LINT_PACKAGE_SAMEGO_SH=1

# The variable's name is the second up to pacman 6.0.2, and the first since 6.1.
source "${MAKEPKG_LIBRARY:-${LIBRARY:-/usr/share/makepkg}}/util/message.sh"

lint_package_functions+=('lint_samego')

lint_samego() {
	[[ $pkgname == go ]] || return 0

	local told line ret=0
	msg2 "Comparing %s with upstream's..." "$pkgname"
	if [[ -f $pkgdir/usr/lib/go/VERSION ]]; then
		# What samego says decides here whether the build goes on, so that it can be told
		# in makepkg's own words: without SAMEGO_ENFORCE nothing stops one.
		told=$(SAMEGO_ENFORCE=${SAMEGO_ENFORCE:-explained} SAMEGO_ARCH_VERSION=$(get_full_version) \
			@SAMEGO@ hook run makepkg "$pkgdir" 2>&1) || ret=$?
	else
		# samego passes over what is no toolchain, but this package should be one.
		told="samego: not decided: the package $pkgname has no usr/lib/go/VERSION"
		ret=2
	fi
	while IFS= read -r line; do
		if (( ! ret )); then
			msg2 '%s' "$line"
		elif [[ -z $SAMEGO_ENFORCE ]]; then
			warning '%s' "$line"
		else
			error '%s' "$line"
		fi
	done <<< "$told"

	[[ -z $SAMEGO_ENFORCE ]] || return $ret
}
