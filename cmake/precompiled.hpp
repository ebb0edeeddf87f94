// SPDX-License-Identifier: GPL-3.0-or-later
// The headers that most sources include, parsed once (cmake/compile_time.cmake). Every source still
// includes what it uses. Only headers of others belong here: one of ours would compile everything
// anew after each change.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <tl/expected.hpp>
#include <unordered_map>
#include <utility>
#include <vector>
