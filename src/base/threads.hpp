// SPDX-License-Identifier: GPL-3.0-or-later
// Work on several threads, or on fewer if the system allows no more. A limit of processes (ulimit
// -u, pids.max) counts threads too.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <thread>

namespace ccci::base {

// Starts a thread. Nothing if the system allows no more threads.
std::optional<std::thread> start_thread(std::function<void()> work);

// Calls `work` on `count` threads at once, one of which is the caller's, and on fewer if the system
// allows no more. So `work` must take its tasks from a common list until the list is empty.
void on_threads(std::size_t count, const std::function<void()>& work);

}  // namespace ccci::base
