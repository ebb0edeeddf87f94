#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs on a host that `cc-ci deploy` reaches, as root, before anything of cc-ci runs there. It brings the
# sender's program into STATE/programs and then becomes it. bringing.hpp describes the messages.
#
# It is one constant text: what varies comes on standard input, a line each, and is only ever a quoted
# word. It uses what every Debian has: dash, coreutils, findutils, util-linux, tar, gzip.
set -eu
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export LC_ALL
say() { printf '%s\n' "$*"; }
refuse() {
  printf '%s\n' "$*" >&2
  exit 1
}

say 'cc-ci-bring 1'
IFS=
read -r mode && read -r state && read -r machine && read -r libc
read -r shared && read -r own && read -r count
set --
while [ "$count" -gt 0 ]; do
  read -r word
  set -- "$@" "$word"
  count=$((count - 1))
done

case $state in
  /*) programs=$state/programs ;;
  *) refuse "$state: expected an absolute path" ;;
esac

# Nobody else may exchange what becomes root's program, hold its lock, or lead a write or a removal elsewhere.
check_owner() {
  for checked in "$state" "$programs"; do
    if [ ! -e "$checked" ] && [ ! -L "$checked" ]; then continue; fi
    if [ -z "$(find "$checked" -prune -type d -uid "$(id -u)" ! -perm /022)" ]; then
      refuse "$checked: expected a directory, not a link, that only its owner $(id -un) can write to"
    fi
  done
}
# above DIRECTORY...: nobody else may put another directory where one of these lies.
above() {
  wanted=$#
  while [ "$wanted" -gt 0 ]; do
    checked=$1
    shift
    wanted=$((wanted - 1))
    while [ "$checked" != / ]; do
      checked=${checked%/*}
      checked=${checked:-/}
      if [ -e "$checked" ]; then set -- "$@" "$checked"; fi
    done
  done
  checked=$(find "$@" -prune \( ! -uid 0 -o -type d -perm -002 ! -perm -1000 \) | head -n 1)
  if [ -n "$checked" ]; then
    refuse "$checked: expected a directory of root that others cannot write to, because $state is below it"
  fi
}
if [ "$(id -u)" = 0 ]; then above "$state" "$(readlink -m -- "$state")"; fi
# plain FILE: it is absent, or a file of ours that is neither a link nor a pipe.
plain() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then return 0; fi
  [ -n "$(find "$1" -prune -type f -uid "$(id -u)")" ]
}
# remove ENTRY of programs. A mount below is another directory of the host, which rm would empty.
remove() {
  at=$(readlink -f -- "$programs")/${1##*/}
  at=$(printf '%s\n' "$at" | sed 's/\\/\\134/g; s/ /\\040/g; s/\t/\\011/g')
  while IFS=' ' read -r _ _ _ _ point _; do
    case $point in
      "$at" | "$at"/*) refuse "$1: something is mounted there or below, so it is not removed" ;;
    esac
  done </proc/self/mountinfo
  rm -rf -- "$1"
}
check_owner

# use FORM "HASH DIGEST": goes on with this form of the program.
use() {
  form=$1
  list=${2##* }
  place=$programs/${2%% *}
}
# sound DIRECTORY: the program there is whole, byte for byte. b2sum takes half the time of sha256sum.
sound() {
  [ -f "$1/list" ] && [ "$(sha256sum <"$1/list")" = "$list  -" ] &&
    (cd "$1" && exec b2sum --check --strict --quiet list >/dev/null 2>&1)
}
become() {
  say "run $form"
  exec "$place/bin/cc-ci" "$@"
}

# A host that once got this form can run it.
use shared "$shared"
if sound "$place"; then become "$@"; fi

found=$(uname -m)
if [ "$found" != "$machine" ]; then
  say "machine $found"
  exit 0
fi

# The sender's libc must come along if the host's is older. The host's own one is better otherwise: name
# services of the host (LDAP, systemd) are libraries that only work with it.
found=$(getconf GNU_LIBC_VERSION 2>/dev/null) || found=
found=${found##* }
newest=$(printf '%s\n' "$libc" "$found" | sort -V | tail -n 1)
if [ -z "$found" ] || [ "$newest" != "$found" ]; then
  use own "$own"
  if sound "$place"; then become "$@"; fi
fi
if [ "$mode" = plan ]; then
  say "lacks $form"
  exit 0
fi

if [ ! -d "$programs" ]; then
  mkdir -p -- "$programs"
  sync -- "$state" "${state%/*}/"
fi
check_owner
plain "$programs/lock" || refuse "$programs/lock: expected a file of $(id -un), not a link or a pipe"
# Who can open it can hold it.
(umask 077 && : >>"$programs/lock")
chmod 600 -- "$programs/lock"
exec 9>>"$programs/lock"
tries=0
until flock -n 9; do
  say wait
  tries=$((tries + 1))
  if [ "$tries" -gt 300 ]; then
    say busy
    exit 0
  fi
  sleep 2
done
if sound "$place"; then
  exec 9>&-
  become "$@"
fi

say "lacks $form"
read -r sum
read -r size
part=$programs/$sum.part
new=
trap 'if [ -n "$new" ]; then remove "$new"; fi' EXIT
# Nobody else uses these: the lock is held. What a cut connection left of this archive is reused.
for old in "$programs"/.new.* "$programs"/*.part; do
  if [ "$old" != "$part" ] || ! plain "$part"; then remove "$old"; fi
done
: >>"$part"
from=$(stat -c %s -- "$part")
digest=$(sha256sum <"$part")
say "from $from ${digest%% *}"
read -r from
truncate -s "$from" -- "$part"
while [ "$from" -lt "$size" ]; do
  most=$((size - from))
  if [ "$most" -gt 131072 ]; then most=131072; fi
  # A dead connection must not hold the lock for ever.
  timeout 60 head -c "$most" >>"$part" || true
  now=$(stat -c %s -- "$part")
  if [ "$now" -ne $((from + most)) ]; then exit 1; fi
  from=$now
  say "got $from"
done

if [ "$(sha256sum <"$part")" != "$sum  -" ]; then
  rm -f -- "$part"
  say corrupt
  exit 0
fi
new=$(mktemp -d "$programs/.new.XXXXXXXX")
tar --extract --gzip --touch --no-same-owner --file="$part" --directory="$new"
chmod 755 "$new"
if ! sound "$new"; then
  say corrupt
  exit 0
fi
find "$new" -exec sync -- {} +
# A damaged one is in the way. Processes that still run it keep their files.
if [ -e "$place" ]; then mv -T -- "$place" "$programs/.new.damaged"; fi
mv -T -- "$new" "$place"
sync -- "$programs"
remove "$programs/.new.damaged"
rm -f -- "$part"
exec 9>&-
become "$@"
