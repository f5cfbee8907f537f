#!/bin/sh
# Builds newlib for one RISC-V variant from Debian's newlib-source package.
#
#   libc/newlib.sh OUT MARCH MABI        e.g. build/newlib/rv64 rv64gc lp64d
#
# OUT receives include/ and lib/{libc,libm}.a, and a stamp with the hash of all
# that decides the result; when the stamp is current nothing is done. Calls may
# overlap: the second waits for the first. The commands are in OUT/log.
#
# What differs from newlib's defaults, and why:
# - no system calls of its own, and the reentrant ones (_write_r...) are ours
#   (libc/reent.c), so nothing needs a global `int errno`;
# - locks come from us (libc/lock.c); the standard streams are one set for all
#   threads, as POSIX has them, not one set a thread;
# - stdio does not police mixing wide and narrow output, which costs 700 bytes;
# - long long and the C99 formats (%zu, %hhd, %a) work in printf and scanf;
# - size decides (-Os -msave-restore), except in math functions, which are hot. Of the string
#   functions those that move memory are ours (libc/memcpy.c); strings are short,
#   and an emulator translates a loop over bytes sooner than one over words;
# - the small malloc: one free list, so slower when thousands of chunks are free,
#   and 6 KiB less in every image;
# - medany, because the image is linked near the top of the address space.
set -eu
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL # of the make that calls us

out=$1 march=$2 mabi=$3
here=$(cd "$(dirname "$0")" && pwd)
cross=${CROSS:-riscv64-unknown-elf-}
tarball=$(ls /usr/src/newlib/newlib-*.tar.xz 2>/dev/null | tail -n 1)
if [ -z "$tarball" ]; then
	echo "newlib.sh: install the package newlib-source" >&2
	exit 1
fi

# The overrides that newlib's own objects are compiled with; other headers of
# ours only add declarations.
abi_headers="machine/_types.h sys/config.h sys/features.h sys/_pthreadtypes.h"

hash=$( (
	echo "$march $mabi $tarball $("${cross}gcc" -dumpfullversion)"
	cat "$here/newlib.sh"
	cd "$here/include" && cat $abi_headers
) | sha256sum | cut -d ' ' -f 1)

mkdir -p "$out"
exec 9> "$out/lock"
flock 9
if [ "$(cat "$out/stamp" 2>/dev/null)" = "$hash" ]; then
	exit 0
fi
echo "  NEWLIB  $out ($march, $mabi)"
rm -rf "$out/scratch" "$out/include" "$out/lib" "$out/stamp"
mkdir -p "$out/scratch/build"
out=$(cd "$out" && pwd)

tar -C "$out/scratch" --strip-components=1 --exclude='*/libgloss' --exclude='*/texinfo' \
	--exclude='*/newlib/testsuite/*/*' -xf "$tarball"

# POSIX has getopt start at optind 1, and programs set it to 1 to start again.
sed -i 's/^int optind = 0/int optind = 1/; s/^static int optwhere = 0/static int optwhere = 1/' \
	"$out/scratch/newlib/libc/stdlib/getopt.c"

# The small malloc aligns to 8 bytes; the ABI's max_align_t wants 16. Its realloc
# copies the new size from the old place, beyond what there is; calloc and memalign
# give a small piece when the size overflows.
sed -i -e 's/^#define MALLOC_ALIGN (8U)/#define MALLOC_ALIGN (16U)/' \
	-e 's/memcpy(mem, ptr, size)/memcpy(mem, ptr, nano_malloc_usable_size(RCALL ptr))/' \
	-e 's,nano_malloc(RCALL n \* elem),nano_malloc(RCALL elem \&\& n > -1UL / elem ? -1UL : n * elem),' \
	-e 's/^    if ((align & (align-1)) != 0) return NULL;/&\n    if (s >= MAX_ALLOC_SIZE) return NULL;/' \
	"$out/scratch/newlib/libc/stdlib/nano-mallocr.c"

flags="-march=$march -mabi=$mabi -mcmodel=medany -ffunction-sections -fdata-sections"
flags="$flags -fno-common -DREENTRANT_SYSCALLS_PROVIDED -DBUILDING_NEWLIB"
# exit() flushes what was written, as glibc does, and leaves alone a stream that
# another thread is blocked reading from.
flags="$flags -D_STDIO_BSD_SEMANTICS"
log=$out/scratch/log

build() {
	cd "$out/scratch/build"
	# Include directories ride on CC, because ours must precede newlib's.
	cc="${cross}gcc -I$here/include -I$PWD/targ-include -I$out/scratch/newlib/libc/include"
	CONFIG_SHELL=/bin/sh ../newlib/configure --host=riscv64-unknown-elf --prefix=/ -C \
		--disable-multilib --disable-shared --disable-dependency-tracking \
		--disable-newlib-supplied-syscalls \
		--enable-newlib-retargetable-locking \
		--enable-newlib-global-stdio-streams \
		--enable-newlib-global-atexit \
		--enable-newlib-io-long-long \
		--enable-newlib-io-c99-formats \
		--enable-newlib-nano-malloc \
		--disable-newlib-wide-orient \
		CC="$cc" AR="${cross}ar" RANLIB="${cross}ranlib" \
		CFLAGS="-Os $flags" CCASFLAGS="$flags"
	make newlib.h _newlib_version.h stmp-targ-include
	for hot in libm/common libm/math libm/machine/riscv; do
		make -j2 -C $hot CFLAGS="-O2 $flags"
	done
	make -j2 CFLAGS="-Os -msave-restore $flags"
	mkdir ../../lib ../../include
	cp libc.a libm.a ../../lib
	cd ../../include
	cp -r ../scratch/newlib/libc/include/. ../scratch/newlib/libc/machine/riscv/sys \
		../scratch/build/newlib.h ../scratch/build/_newlib_version.h .
	# gcc's own <stdatomic.h> is right for C11; C11 threads are not here.
	rm stdatomic.h threads.h
}

# In the background, because `set -e` is off inside a condition.
build > "$log" 2>&1 &
if ! wait $!; then
	tail -n 30 "$log" >&2
	echo "newlib.sh: failed; all of it is in $log" >&2
	exit 1
fi
mv "$log" "$out/log"
rm -rf "$out/scratch"
echo "$hash" > "$out/stamp"
