// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/interruption.hpp"

#include <signal.h>

#include <array>

namespace ccci::command {

namespace {

constexpr std::array caught{SIGINT, SIGTERM, SIGHUP};

volatile sig_atomic_t signalled = 0;
std::array<struct sigaction, caught.size()> earlier;

void remember(int number) { signalled = number; }

}  // namespace

Interruption::Interruption() {
  signalled = 0;
  struct sigaction action = {};
  action.sa_handler = &remember;
  for (std::size_t i = 0; i < caught.size(); ++i) sigaction(caught[i], &action, &earlier[i]);
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < caught.size(); ++i) sigaction(caught[i], &earlier[i], nullptr);
}

bool Interruption::happened() { return signalled != 0; }
int Interruption::signal() { return signalled; }

}  // namespace ccci::command
