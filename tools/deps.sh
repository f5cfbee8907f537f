#!/bin/sh
# Installs the packages of packages.txt that are missing, or says what to install.
#
#   tools/deps.sh STAMP    touches STAMP when everything is there
#
# What apt has to say is shown only if it fails.
set -eu

list=$(dirname "$0")/packages.txt
missing=
for package in $(sed 's/#.*//' "$list"); do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $package"
done
mkdir -p "$(dirname "$1")"

if [ -n "$missing" ]; then
	if [ "$(id -u)" = 0 ]; then
		sudo=
	elif command -v sudo >/dev/null; then
		sudo=sudo
	else
		echo "missing packages; as root: apt-get install$missing" >&2
		exit 1
	fi
	echo "  DEPS   $missing"
	# Someone else's apt may be at work, as on a machine that has just started;
	# env, because sudo passes no variables on.
	apt="$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300"
	log=$(dirname "$1")/deps.log
	# shellcheck disable=SC2086 -- words
	if ! { $apt update && $apt install -y --no-install-recommends $missing; } > "$log" 2>&1; then
		tail -n 30 "$log" >&2
		echo "deps.sh: failed; missing packages:$missing" >&2
		exit 1
	fi
fi
touch "$1"
