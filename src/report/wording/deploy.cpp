// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> deploy_wording() {
  static constexpr std::array rows{
      // Before anything is sent.
      Wording{.code = "deploy.no-hosts",
              .exit = Exit::usage,
              .message = "no host to deploy to: expected names of {file}, or --all",
              .hint = "cc-ci deploy --all",
              .notes = {"declared: {hosts}"}},
      Wording{.code = "deploy.home-state",
              .exit = Exit::usage,
              .message = "state directory '{state}': systems contain its path, and on another "
                         "machine it would lie in somebody's home",
              .hint = "sudo cc-ci deploy, or cc-ci --state /var/lib/cc-ci deploy"},
      Wording{.code = "deploy.destination",
              .exit = Exit::usage,
              .message = "ssh destination '{destination}': {cause}",
              .hint = "[hosts.NAME] address = \"root@ci.example.org\""},
      Wording{.code = "deploy.ssh",
              .message = "ssh destination '{destination}': ssh -G: exit status {status}",
              .notes = {"{output}"}},
      Wording{.code = "deploy.project-entry",
              .exit = Exit::usage,
              .message = "{path}: cannot go to another machine with the project: {cause}",
              .hint = "git rm --cached '{path}'"},
      Wording{.code = "deploy.project-large",
              .exit = Exit::usage,
              .message = "the project is larger than the {limit} that a host takes",
              .hint = "keep the declaration in a directory of its own"},
      Wording{.code = "deploy.changed",
              .message = "{path}: changed while it was on its way",
              .hint = "cc-ci deploy again"},

      // The connection.
      Wording{.code = "deploy.cut",
              .message = "host '{host}': it could not be spoken with to the end",
              .hint = "cc-ci deploy {host} goes on where this stopped",
              .notes = {"{output}"}},
      Wording{.code = "deploy.undelivered",
              .message = "host '{host}': what is built here could not be delivered",
              .notes = {"{output}", "nothing was switched"}},
      Wording{.code = "deploy.unreachable",
              .message = "host '{host}': ssh cannot reach '{destination}'",
              .hint = "ssh {destination} true",
              .notes = {"{output}"}},
      Wording{.code = "deploy.host-key",
              .message =
                  "host '{host}': the key of '{destination}' is not known here, and who it is "
                  "is never taken on trust",
              .hint = "ssh {destination} true, compare the fingerprint, and deploy again",
              .notes = {"{output}"}},
      Wording{
          .code = "deploy.host-key-changed",
          .message = "host '{host}': the key of '{destination}' is another one than it was",
          .hint = "find out why; where the host was made anew, ssh-keygen -R forgets the old key",
          .notes = {"{output}"}},
      Wording{
          .code = "deploy.login",
          .message = "host '{host}': '{destination}' does not let this user in without a password",
          .hint = "ssh-copy-id {destination}",
          .notes = {"{output}"}},
      Wording{.code = "deploy.sudo",
              .message = "host '{host}': the user of '{destination}' may not run cc-ci as root",
              .hint = "on the host, a file in /etc/sudoers.d: USER ALL=(root) NOPASSWD: "
                      "/usr/bin/cc-ci",
              .notes = {"{output}"}},
      Wording{.code = "deploy.absent",
              .message = "host '{host}': it has no cc-ci in its PATH",
              .hint = "install the package cc-ci there, of the version that this machine has",
              .notes = {"{output}"}},
      Wording{.code = "deploy.old",
              .message = "host '{host}': its cc-ci is too old to be deployed to",
              .hint = "install the same cc-ci on both machines",
              .notes = {"{output}"}},
      Wording{.code = "deploy.silent",
              .message = "host '{host}': nothing came for {seconds} seconds, expected {waiting}",
              .hint = "cc-ci deploy {host} goes on where this stopped",
              .notes = {"nothing was switched"}},
      Wording{.code = "deploy.mute", .message = "nothing answered"},
      Wording{.code = "deploy.interrupted",
              .message = "host '{host}': interrupted before anything was switched",
              .hint = "cc-ci deploy {host} goes on where this stopped"},
      Wording{.code = "deploy.left",
              .message = "host '{host}': left in the middle of its switch",
              .hint = "cc-ci deploy {host}",
              .notes = {"where it was not confirmed within {seconds} seconds, it goes back by "
                        "itself"}},
      Wording{.code = "deploy.stream", .message = "the connection failed: {cause}"},
      Wording{.code = "deploy.ended", .message = "the connection ended in the middle"},
      Wording{.code = "deploy.quiet",
              .message = "nothing came for {seconds} seconds: the other side is taken for gone"},
      Wording{.code = "deploy.not-cc-ci",
              .message = "expected cc-ci at the other end, found '{found}'",
              .hint = "install cc-ci on the host; its shell must print nothing by itself"},
      Wording{.code = "deploy.protocol",
              .message = "this cc-ci speaks version {ours} of the protocol, the other one {theirs}",
              .hint = "install the same cc-ci on both machines"},
      Wording{.code = "deploy.frame", .message = "not what the protocol allows: {found}"},
      Wording{.code = "deploy.message", .message = "message '{message}': cannot be read: {cause}"},
      Wording{.code = "deploy.corrupt",
              .message = "{name}: expected {expected}, found {found}; it was not kept",
              .hint = "cc-ci store verify on the machine that sends"},

      // On the host.
      Wording{.code = "deploy.remote", .message = "host '{host}' could not build its system"},
      Wording{.code = "deploy.not-root",
              .message = "this changes the host: it must be run by root",
              .hint = "[hosts.NAME] address = \"root@…\", or let the user run sudo without a "
                      "password"},
      Wording{.code = "deploy.state",
              .message =
                  "the sender's state directory is '{state}', the one here '{there}': systems "
                  "contain its path"},
      Wording{.code = "deploy.unknown-host",
              .message = "host '{host}' is not declared in what was sent"},
      Wording{.code = "deploy.stale",
              .message = "{lock} does not answer the declaration that came with it",
              .hint = "cc-ci lock"},
      Wording{.code = "deploy.architecture",
              .message = "the lock is for {locked}, and this machine is {there}"},
      Wording{.code = "deploy.differs",
              .message = "host '{host}': the same lock did not give the same bits",
              .hint = "install the same cc-ci on both machines",
              .notes = {"expected {expected}, digest {expected-digest}, from cc-ci {version}",
                        "found there {found}, digest {found-digest}, from cc-ci {version-there}",
                        "nothing was switched"}},

      // The switch.
      Wording{.code = "deploy.start",
              .message = "host '{host}': its switch could not be started",
              .notes = {"{output}", "nothing was switched"}},
      Wording{.code = "deploy.rolled-back",
              .exit = Exit::verdict,
              .message = "host '{host}': went back to generation {generation}"},
      Wording{.code = "deploy.failed",
              .message = "host '{host}': its switch failed; active there: generation {generation}"},
      Wording{.code = "deploy.died",
              .message = "host '{host}': its switch was ended from outside; active there: "
                         "generation {generation}",
              .hint = "cc-ci deploy {host}"},
      Wording{.code = "deploy.unknown",
              .message = "host '{host}': what became of its switch is not known: {cause}",
              .hint = "cc-ci deploy {host}, once it can be reached",
              .notes = {"not confirmed for {seconds} seconds, it goes back by itself"}},
      Wording{.code = "deploy.end-state",
              .message = "host '{host}': says that it switched, but active is '{found}' and not "
                         "'{expected}'",
              .hint = "cc-ci status on the host"},
      Wording{.code = "deploy.token", .exit = Exit::usage, .message = "switch '{token}': {cause}"},
  };
  return rows;
}

}  // namespace ccci::report
