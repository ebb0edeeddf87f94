// SPDX-License-Identifier: GPL-3.0-or-later
// interleave ROUNDS LABEL COMMAND… [--- LABEL COMMAND…]…: runs each command once a round, in an
// order that changes from round to round (what ran before decides what is in the processor's
// caches), and prints for each its label, median, 10th and 90th percentile in microseconds,
// tab-separated. A driver of its own: what an interpreter or a shell adds to each start is more
// than what differs.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace {

struct Contender {
  const char* label;
  std::vector<char*> words;
  std::vector<double> times;
};

double run(const Contender& contender, const posix_spawn_file_actions_t& actions) {
  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  int status =
      posix_spawnp(&child, contender.words[0], &actions, nullptr, contender.words.data(), environ);
  if (status == 0) waitpid(child, &status, 0);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  if (status != 0) {
    std::fprintf(stderr, "interleave: '%s' ended with status %d\n", contender.label, status);
    std::exit(1);
  }
  return took.count();
}

double at_share(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) return 2;
  const int rounds = std::atoi(arguments[1]);
  std::vector<Contender> contenders;
  for (int at = 2; at < count; ++at) {
    Contender contender{arguments[at], {}, {}};
    while (++at < count && std::strcmp(arguments[at], "---") != 0) {
      contender.words.push_back(arguments[at]);
    }
    contender.words.push_back(nullptr);
    contenders.push_back(contender);
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&actions, 0, 1);
  posix_spawn_file_actions_adddup2(&actions, 0, 2);
  std::mt19937 order(1);
  std::vector<std::size_t> turns(contenders.size());
  for (std::size_t at = 0; at < turns.size(); ++at) turns[at] = at;
  for (int round = -5; round < rounds; ++round) {
    std::shuffle(turns.begin(), turns.end(), order);
    for (const std::size_t turn : turns) {
      Contender& contender = contenders[turn];
      const double took = run(contender, actions);
      if (round >= 0) contender.times.push_back(took);  // the first five only warm caches
    }
  }
  for (Contender& contender : contenders) {
    std::sort(contender.times.begin(), contender.times.end());
    std::printf("%s\t%.0f\t%.0f\t%.0f\n", contender.label, at_share(contender.times, 0.5),
                at_share(contender.times, 0.1), at_share(contender.times, 0.9));
  }
  return 0;
}
