#!/bin/sh
# Prints the linker flags for the printf that an app's objects need.
#
#   tools/printf_flags.sh CROSS OBJECT...
#
# newlib's printf without floating point is 9 KiB smaller. An app none of whose
# constants looks like a format with %a, %e, %f or %g gets it; one that composes
# such a format at run time does not and should name it in a string.
set -eu
readelf=$1readelf
shift

for object in "$@"; do
	sections=$("$readelf" -SW "$object" | grep -oE '\.s?rodata[^ ]*' | sort -u | sed 's/^/-p /')
	# shellcheck disable=SC2086 -- one option a section
	[ -z "$sections" ] || "$readelf" $sections "$object"
done | grep -qE "%[-+ #0-9.*hlLjzt'%]*[aAeEfFgG]" ||
	echo -Wl,--defsym=_svfprintf_r=_svfiprintf_r
