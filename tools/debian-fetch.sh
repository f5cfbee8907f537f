#!/bin/sh
# Fetches packages of another Debian release or architecture and unpacks them.
#
#   tools/debian-fetch.sh SUITE ARCH DIR PACKAGE...
#
# For the few files this release does not have. The mirror is the one apt uses on
# this machine; the apt configuration for it, its lists and the packages live in
# DIR/.apt, so the system's own stay as they are. Nothing is installed and no
# package script runs. Fails without a network, quickly.
set -eu

suite=$1
arch=$2
dir=$3
shift 3

keys=/usr/share/keyrings/debian-archive-keyring.gpg
# shellcheck disable=SC1091 # every Debian has it
own_release=$(. /etc/os-release && echo "$VERSION_CODENAME")
# Of the machine's sources, the one that has its own release is the mirror. A list
# may call it by its name or by what it is ("stable").
# shellcheck disable=SC2016 # the fields are apt's
mirror=$(apt-get indextargets --format '$(RELEASE) $(CODENAME) $(COMPONENT) $(REPO_URI)' |
	awk -v own="$own_release" '($1 == own || $2 == own) && $3 == "main" { print $4; exit }')
[ -n "$mirror" ] || { echo "apt names no mirror of $own_release" >&2; exit 1; }

apt=$(mkdir -p "$dir" && cd "$dir" && pwd)/.apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
: > "$apt/status"
echo "deb [signed-by=$keys] $mirror $suite main" > "$apt/sources.list"

run_apt() {
	apt-get -q -q -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State::Lists="$apt/lists" -o Dir::State::status="$apt/status" \
		-o Dir::Cache="$apt/cache" -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
		-o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=1 \
		-o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15 "$@"
}

run_apt update -o APT::Update::Error-Mode=any
(cd "$apt" && run_apt download "$@")
for package in "$apt"/*.deb; do
	dpkg-deb -x "$package" "$dir"
done
rm -rf "$apt"
