#!/bin/sh
# Installs the packages of packages.txt that are missing, or says what to install.
#
#   tools/deps.sh STAMP    touches STAMP when everything is there
set -eu

list=$(dirname "$0")/packages.txt
missing=
for package in $(sed 's/#.*//' "$list"); do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $package"
done

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
	$sudo apt-get update -qq
	# shellcheck disable=SC2086 -- one word a package
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends \
		$missing >/dev/null
fi
mkdir -p "$(dirname "$1")"
touch "$1"
