// SPDX-License-Identifier: GPL-3.0-or-later
// Preloaded into maintainer scripts (seal/sealed_run.hpp). It needs no library, so it can be
// loaded in a root of any release. CMake compiles it and embeds the result into cc-ci.
#include "system_call.h"

typedef long seconds_type;
struct timespec_like {
  seconds_type seconds;
  long nanoseconds;
};
struct timeval_like {
  seconds_type seconds;
  long microseconds;
};

extern char **environ;

static seconds_type now(void) {
  static const char name[] = "CC_CI_CLOCK=";
  seconds_type value = 315619200;  // as store::normal_time
  if (environ == 0) return value;
  for (char **at = environ; *at != 0; ++at) {
    const char *left = *at;
    const char *right = name;
    while (*right != 0 && *left == *right) ++left, ++right;
    if (*right != 0) continue;
    value = 0;
    for (; *left >= '0' && *left <= '9'; ++left) value = value * 10 + (*left - '0');
    break;
  }
  return value;
}

// Clocks that measure how long something takes must go on, or waiting loops would never end.
#define CLOCK_REALTIME_NUMBER 0
#define CLOCK_REALTIME_COARSE_NUMBER 5

int clock_gettime(int clock, struct timespec_like *out) {
  if (clock != CLOCK_REALTIME_NUMBER && clock != CLOCK_REALTIME_COARSE_NUMBER) {
    return system_call6(CLOCK_GETTIME_CALL, clock, (long)out, 0, 0, 0, 0) == 0 ? 0 : -1;
  }
  out->seconds = now();
  out->nanoseconds = 0;
  return 0;
}

int gettimeofday(struct timeval_like *out, void *zone) {
  (void)zone;
  if (out != 0) {
    out->seconds = now();
    out->microseconds = 0;
  }
  return 0;
}

seconds_type time(seconds_type *out) {
  const seconds_type value = now();
  if (out != 0) *out = value;
  return value;
}

// What the scripts write is synced once, when it is published.
int fsync(int file) {
  (void)file;
  return 0;
}
int fdatasync(int file) {
  (void)file;
  return 0;
}
int syncfs(int file) {
  (void)file;
  return 0;
}
void sync(void) {}
