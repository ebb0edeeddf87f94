// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> deploy_wording() {
  static constexpr std::array rows{
      // Before anything is sent.
      Wording{.code = "deploy.no-hosts",
              .exit = Exit::usage,
              .message = "no host to deploy to: expected hosts of {file}, or --all",
              .hint = "cc-ci deploy --all",
              .notes = {"declared: {hosts}"}},
      Wording{.code = "deploy.home-state",
              .exit = Exit::usage,
              .message = "state directory '{state}': built systems contain this path, and on "
                         "another machine it would be in a home directory",
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
              .message = "{path}: cannot be sent with the project: {cause}",
              .hint = "git rm --cached '{path}'"},
      Wording{.code = "deploy.project-large",
              .exit = Exit::usage,
              .message = "the project is larger than {limit}, the limit of a host",
              .hint = "move the declaration to a directory of its own"},
      Wording{.code = "deploy.changed",
              .message = "{path}: was changed while it was sent",
              .hint = "run cc-ci deploy again"},

      // The connection.
      Wording{.code = "deploy.cut",
              .message = "host '{host}': the connection ended too early",
              .hint = "cc-ci deploy {host} (continues where this deployment stopped)",
              .notes = {"{output}"}},
      Wording{.code = "deploy.undelivered",
              .message = "host '{host}': the system that was built here could not be delivered",
              .notes = {"{output}", "nothing was switched"}},
      Wording{.code = "deploy.unreachable",
              .message = "host '{host}': ssh cannot reach '{destination}'",
              .hint = "ssh {destination} true",
              .notes = {"{output}"}},
      Wording{.code = "deploy.host-key",
              .message = "host '{host}': the ssh host key of '{destination}' is unknown; cc-ci "
                         "never accepts an unknown key by itself",
              .hint = "ssh {destination} true, compare the fingerprint, and deploy again",
              .notes = {"{output}"}},
      Wording{
          .code = "deploy.host-key-changed",
          .message = "host '{host}': the ssh host key of '{destination}' has changed",
          .hint =
              "find out why; if the host was reinstalled, remove the old key with ssh-keygen -R",
          .notes = {"{output}"}},
      Wording{
          .code = "deploy.login",
          .message = "host '{host}': '{destination}' does not accept a login without a password",
          .hint = "ssh-copy-id {destination}",
          .notes = {"{output}"}},
      Wording{.code = "deploy.sudo",
              .message = "host '{host}': the user of '{destination}' may not run cc-ci as root",
              .hint = "on the host, a file in /etc/sudoers.d: USER ALL=(root) NOPASSWD: "
                      "/usr/bin/cc-ci",
              .notes = {"{output}"}},
      Wording{.code = "deploy.absent",
              .message = "host '{host}': cc-ci is not on its PATH",
              .hint = "install the package cc-ci there, in the version of this machine",
              .notes = {"{output}"}},
      Wording{.code = "deploy.old",
              .message = "host '{host}': its cc-ci is too old for deployments",
              .hint = "install the same cc-ci on both machines",
              .notes = {"{output}"}},
      Wording{.code = "deploy.silent",
              .message = "host '{host}': no data for {seconds} seconds, expected {waiting}",
              .hint = "cc-ci deploy {host} (continues where this deployment stopped)",
              .notes = {"nothing was switched"}},
      Wording{.code = "deploy.mute", .message = "the other side did not answer"},
      Wording{.code = "deploy.interrupted",
              .message = "host '{host}': interrupted before anything was switched",
              .hint = "cc-ci deploy {host} (continues where this deployment stopped)"},
      Wording{
          .code = "deploy.left",
          .message = "host '{host}': interrupted during its switch",
          .hint = "cc-ci deploy {host}",
          .notes =
              {"unless it was confirmed, it restores its old generation within {seconds} seconds"}},
      Wording{.code = "deploy.stream", .message = "the connection failed: {cause}"},
      Wording{.code = "deploy.ended", .message = "the connection ended in the middle of a message"},
      Wording{.code = "deploy.quiet",
              .message = "no data for {seconds} seconds: the other side seems to be gone"},
      Wording{.code = "deploy.not-cc-ci",
              .message = "expected cc-ci on the other side, found '{found}'",
              .hint = "install cc-ci on the host; its login shell must not print anything"},
      Wording{.code = "deploy.protocol",
              .message = "expected protocol version {ours}, found {theirs} on the other side",
              .hint = "install the same cc-ci on both machines"},
      Wording{.code = "deploy.frame",
              .message = "the protocol does not allow this message: {found}"},
      Wording{.code = "deploy.message", .message = "message '{message}': cannot be read: {cause}"},
      Wording{.code = "deploy.corrupt",
              .message = "{name}: expected {expected}, found {found}; the file was discarded",
              .hint = "cc-ci store verify, on the sending machine"},

      // On the host.
      Wording{.code = "deploy.remote", .message = "host '{host}' could not build its system"},
      Wording{.code = "deploy.not-root",
              .message = "this command changes the host, so it needs root",
              .hint = "[hosts.NAME] address = \"root@…\", or let the user run sudo without a "
                      "password"},
      Wording{.code = "deploy.state",
              .message = "state directory: expected '{state}' as on the sending machine, found "
                         "'{there}'; built systems contain this path"},
      Wording{.code = "deploy.unknown-host",
              .message = "host '{host}': the declaration that was sent does not contain it"},
      Wording{.code = "deploy.stale",
              .message = "{lock}: does not agree with the declaration that was sent with it",
              .hint = "cc-ci lock"},
      Wording{.code = "deploy.architecture",
              .message =
                  "architecture: expected {locked} as in the lock, found {there} on this machine"},
      Wording{.code = "deploy.differs",
              .message = "host '{host}': the same lock gave another system there",
              .hint = "install the same cc-ci on both machines",
              .notes = {"expected {expected}, digest {expected-digest}, from cc-ci {version}",
                        "found {found}, digest {found-digest}, from cc-ci {version-there}",
                        "nothing was switched"}},

      // The switch.
      Wording{.code = "deploy.start",
              .message = "host '{host}': its switch could not be started",
              .notes = {"{output}", "nothing was switched"}},
      Wording{.code = "deploy.rolled-back",
              .exit = Exit::verdict,
              .message = "host '{host}': restored generation {generation}"},
      Wording{.code = "deploy.failed",
              .message = "host '{host}': its switch failed; active there: generation {generation}"},
      Wording{.code = "deploy.died",
              .message = "host '{host}': its switch ended without a result; active there: "
                         "generation {generation}",
              .hint = "cc-ci deploy {host}"},
      Wording{
          .code = "deploy.unknown",
          .message = "host '{host}': the result of its switch is unknown: {cause}",
          .hint = "cc-ci deploy {host}, when the host can be reached again",
          .notes =
              {"if it is not confirmed within {seconds} seconds, it restores its old generation"}},
      Wording{.code = "deploy.end-state",
              .message = "host '{host}': reports a finished switch: expected '{expected}' to be "
                         "active, found '{found}'",
              .hint = "cc-ci status, on the host"},
      Wording{.code = "deploy.token", .exit = Exit::usage, .message = "switch '{token}': {cause}"},
  };
  return rows;
}

}  // namespace ccci::report
