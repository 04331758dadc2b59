# Prints what a PKGBUILD declares, each word ended by a NUL byte: a name, how many values, the
# values. makepkg reads a PKGBUILD in the same way: sourced, with CARCH set.
source "$1" >/dev/null 2>&1 </dev/null || exit 1
exec 1>&3 || exit 1
for kind in pkgname pkgver pkgrel epoch \
    {source,sha256sums,sha384sums,sha512sums,b2sums}{,"_$CARCH"} groups backup \
    {depends,optdepends,provides,conflicts,replaces}{,"_$CARCH"}; do
    declare -n values=$kind
    printf '%s\0' "$kind" "${#values[@]}" "${values[@]}"
    unset -n values
done
