#!/bin/sh
# Gathers the Linux UAPI and DRM headers for the RISC-V build in one directory.
#
#   libc/uapi.sh OUT                     e.g. build/uapi
#
# Compile with -isystem OUT -isystem OUT/drm. The headers are the ones of
# Debian's linux-libc-dev and libdrm-dev, linked to, not copied; <asm/*.h> are
# made here as RISC-V has them: the generic ones, except for the size of long.
set -eu

out=$1
linux=/usr/include/linux
generic=/usr/include/asm-generic
drm=/usr/include/libdrm

for need in $linux/virtio_gpu.h:linux-libc-dev $drm/drm_mode.h:libdrm-dev; do
	if [ ! -e "${need%:*}" ]; then
		echo "uapi.sh: install the package ${need#*:}" >&2
		exit 1
	fi
done

mkdir -p "$out/asm"
ln -sfn $linux "$out/linux"
ln -sfn $generic "$out/asm-generic"
ln -sfn $drm "$out/drm"
ln -sfn $drm "$out/libdrm"

for header in "$out"/asm-generic/*.h; do
	name=$(basename "$header")
	echo "#include <asm-generic/$name>" > "$out/asm/$name"
done

cat > "$out/asm/bitsperlong.h" <<'EOF'
#ifndef __BITS_PER_LONG
#define __BITS_PER_LONG (__SIZEOF_LONG__ * 8)
#endif
#include <asm-generic/bitsperlong.h>
EOF
cat > "$out/asm/byteorder.h" <<'EOF'
#include <linux/byteorder/little_endian.h>
EOF

touch "$out/stamp"
