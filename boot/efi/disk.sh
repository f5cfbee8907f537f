#!/bin/sh
# Makes a bootable disk image: GPT, an EFI system partition, the program in it
# under the name firmware looks for (UEFI 2.10 §3.5.1.1), and other files beside it.
#
#   boot/efi/disk.sh PROGRAM.efi OUT.img [FILE...]
set -eu

program=$1
out=$2
shift 2
[ -e "$program" ] || { echo "  no $out without $program"; exit 0; }
start_kib=1024
fat_kib=$(( $(cat "$program" "$@" | wc -c) / 1024 + 4096 ))
esp=C12A7328-F81F-11D2-BA4B-00A0C93EC93B # partition type, UEFI 2.10 §5.3.3

rm -f "$out"
truncate -s $(( start_kib + fat_kib + 1024 ))K "$out" # the second table is at the end
echo "start=$(( start_kib * 2 )), size=$(( fat_kib * 2 )), type=$esp, name=rivulet" |
	/sbin/sfdisk --quiet --label gpt "$out"
fat=$out@@${start_kib}K
mformat -i "$fat" -T $(( fat_kib * 2 )) -v RIVULET ::
mmd -i "$fat" ::/EFI ::/EFI/BOOT
mcopy -i "$fat" "$program" ::/EFI/BOOT/BOOTRISCV64.EFI
[ $# = 0 ] || mcopy -i "$fat" "$@" ::/
