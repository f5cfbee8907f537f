#!/bin/sh
# Fetches GNU-EFI's RISC-V files into a folder: headers, start-up code, libraries.
#
#   boot/efi/gnu-efi.sh DIR
#
# Debian has them in a package for riscv64 only, from release 13 on. It is taken
# from the mirror this machine's own apt uses, checked against Debian's keys, and
# unpacked in DIR; the apt configuration for it lives in DIR too, so nothing of the
# system changes. Done once; without a network DIR/missing tells why, and removing
# it means another try.
set -eu

dir=$1
tools=$(dirname "$0")/../../tools
mkdir -p "$dir"
exec 9> "$dir/lock" # two programs may be built at once
flock 9
[ -e "$dir/usr/lib/libgnuefi.a" ] && exit 0
[ -e "$dir/missing" ] && exit 0
if ! "$tools/debian-fetch.sh" trixie riscv64 "$dir" gnu-efi; then
	echo "GNU-EFI could not be fetched (gnu-efi for riscv64 from Debian trixie)" > "$dir/missing"
fi
