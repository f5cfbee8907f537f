#!/bin/sh
# Makes one EFI program of the loader and a kernel's flat image.
#
#   boot/efi/build.sh GNU_EFI_DIR LIBC_INCLUDE_DIR KERNEL.bin OUT.efi
#
# Without GNU-EFI it says what is missing and makes nothing. The bare-metal linker
# makes no position-independent programs, the one for Linux does; objcopy's flat
# binary is the PE file, as GNU-EFI's start-up code begins with its headers.
set -eu

gnu_efi=$1
libc_include=$2
kernel=$3
out=$4
here=$(dirname "$0")

"$here/gnu-efi.sh" "$gnu_efi"
if [ -e "$gnu_efi/missing" ]; then
	echo "  no $out: $(cat "$gnu_efi/missing")"
	exit 0
fi
lib=$gnu_efi/usr/lib
work=$(dirname "$out")/obj/efi/$(basename "$out" .efi) # others may be made beside us
mkdir -p "$work"

objects=
for source in firmware.c screen.c loader.c fdt_edit.c string.c payload.S; do
	object=$work/$source.o
	riscv64-unknown-elf-gcc -std=gnu11 -Os -march=rv64gc -mabi=lp64d -mno-relax \
		-fpic -ffreestanding -fno-builtin -fshort-wchar -fno-stack-protector -fvisibility=hidden \
		-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef \
		-I"$here/../.." -isystem "$gnu_efi/usr/include/efi" \
		-isystem "$gnu_efi/usr/include/efi/riscv64" -isystem "$libc_include" \
		-DPAYLOAD="\"$kernel\"" \
		-c -o "$object" "$here/$source"
	objects="$objects $object"
done
# shellcheck disable=SC2086 # a list of files
riscv64-linux-gnu-ld -nostdlib -shared -Bsymbolic -znocombreloc --no-undefined \
	--no-warn-rwx-segments --build-id=none -T "$lib/elf_riscv64_efi.lds" \
	"$lib/crt0-efi-riscv64.o" $objects "$lib/libefi.a" "$lib/libgnuefi.a" -o "$work/loader.so"
riscv64-linux-gnu-objcopy -O binary -j .text -j .reloc -j .data -j .rodata -j .dynamic \
	-j .rela -j .rela.plt -j .dynsym "$work/loader.so" "$out"
