// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/probe.hpp"

namespace ccci::witness {

namespace {

// Until the test has run, the probe must not need tools on PATH, because it has to find out what a
// job lacks. Records are NAME=VALUE and end with a NUL byte, because values may contain newlines.
constexpr std::string_view text = R"sh(#!/bin/sh
# Written by cc-ci witness: runs one test as this job and notes what the job sees.
dir=${0%/*}
say() { printf '%s=%s\0' "$1" "$2"; }

# Prints the file that PATH gives for a name. Not `command -v`: that answers with builtins.
look() {
  rest=$PATH:
  while [ -n "$rest" ]; do
    place=${rest%%:*}
    rest=${rest#*:}
    if [ -f "${place:-.}/$1" ] && [ -x "${place:-.}/$1" ]; then
      printf '%s' "${place:-.}/$1"
      return
    fi
  done
}

# The first line of what a tool says; nothing where it takes longer than a version ever does. The
# language of a job must not change it: some tools print (c) or a copyright sign.
version() {
  status=$({ {
    LC_ALL=C LANGUAGE='' timeout -k 1 10 "$1" --version 2>&1 </dev/null
    echo "$?" >&3
  } | head -c 65536 >"$dir/answer/version"; } 3>&1)
  line=
  IFS= read -r line <"$dir/answer/version" || :
  case $status in
    0) printf '%s' "$line" ;;
    124 | 137) ;;
    *) printf 'status %s: %s' "$status" "$line" ;;
  esac
}

lines_of() {
  while IFS= read -r line || [ -n "$line" ]; do printf '%s\n' "$line"; done <"$1"
}

# What a job gets besides its commands. /usr/bin is the environment's inside, and the host's outside.
view() {
  while IFS= read -r line; do
    case $line in
      Uid:* | Gid:* | Groups:*) say "$1.view.${line%%:*}" "${line#*:}" ;;
    esac
  done </proc/self/status
  say "$1.view.umask" "$(umask)"
  say "$1.view.limits" "$(lines_of /proc/self/limits)"
  say "$1.view.mounts" "$(lines_of /proc/self/mountinfo)"
  for file in /etc/ld.so.cache /etc/ld.so.preload /etc/profile /etc/gitconfig /etc/ssh/ssh_config; do
    if [ ! -s "$file" ]; then
      say "$1.view.file.$file" none
    elif [ -x /usr/bin/cksum ]; then
      say "$1.view.file.$file" "$(/usr/bin/cksum <"$file")"
    fi
  done
  [ ! -x /usr/bin/stat ] || say "$1.view.owner./etc/passwd" "$(/usr/bin/stat -Lc %u /etc/passwd)"
  for name in HOME USER LOGNAME SHELL LANG; do
    eval "value=\${$name-} set=\${$name+set}"
    [ -z "$set" ] || say "$1.view.variable.$name" "$value"
  done
  export -p | while IFS= read -r line; do
    case $line in
      export\ [A-Za-z_]*)
        line=${line#export }
        say "$1.view.exported.${line%%=*}" ''
        ;;
    esac
  done
}

inside() {
  say inside.environment "${CC_CI_ENVIRONMENT-}"
  marker=
  [ ! -r /usr/lib/cc-ci/environment ] || IFS= read -r marker </usr/lib/cc-ci/environment
  say inside.marker "$marker"
  say inside.PATH "$PATH"
  while IFS= read -r name; do
    say "inside.command.$name" "$(look "$name")"
  done <"$dir/commands"
  while IFS= read -r name; do
    say "inside.version.$name" "$(version "$name")"
  done <"$dir/tools"
  while IFS= read -r name; do
    eval "value=\${$name-} set=\${$name+set}"
    [ -z "$set" ] || say "inside.variable.$name" "$value"
  done <"$dir/variables"
  view inside
}

if [ "${1-}" = --inside ]; then
  inside
  exit
fi

# Whether the witness was killed, so that nobody waits for an answer. Where the processes of others
# are hidden nothing tells.
deserted() {
  pid=0 start=
  [ ! -r "$dir/asker" ] || read -r pid start <"$dir/asker"
  [ -n "$start" ] && [ -r /proc/1/stat ] || return 1
  seen=
  { IFS= read -r seen <"/proc/$pid/stat"; } 2>/dev/null || return 0
  set -f
  set -- ${seen##*) }
  set +f
  [ "${20-}" != "$start" ]
}

expires=0
[ ! -r "$dir/expires" ] || IFS= read -r expires <"$dir/expires"
# Only what stands before a command of its own has something else to do.
if [ "$(date +%s)" -ge "$expires" ] || { [ $# -gt 0 ] && deserted; } ||
  ! mkdir "$dir/answer" 2>/dev/null; then
  [ $# -eq 0 ] || exec "$@"
  echo "cc-ci witness: nothing is asked of this path now" >&2
  exit 1
fi

echo "$$" >"$dir/answer/process"
{
  say outside.environment "${CC_CI_ENVIRONMENT-}"
  say outside.PATH "$PATH"
  while IFS= read -r name; do
    say "outside.command.$name" "$(look "$name")"
  done <"$dir/tools"
  view outside
} >"$dir/answer/outside" 2>"$dir/answer/complaints"

IFS= read -r entrypoint <"$dir/inside"
set --
while IFS= read -r word; do set -- "$@" "$word"; done <"$dir/test"
IFS= read -r directory <"$dir/directory"
(cd -- "$directory" && exec "$@") </dev/null >"$dir/answer/output" 2>&1
status=$?
say status "$status" >"$dir/answer/status"
"$entrypoint" sh "$dir/probe" --inside >"$dir/answer/inside" 2>>"$dir/answer/complaints" </dev/null
: >"$dir/answer/done"
exit "$status"
)sh";

}  // namespace

std::string_view probe_text() { return text; }

}  // namespace ccci::witness
