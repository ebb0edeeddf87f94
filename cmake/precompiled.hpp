// SPDX-License-Identifier: GPL-3.0-or-later
// The headers that most sources include. They are parsed once (cmake/compile_time.cmake). Every
// source still includes what it uses. Do not add headers of cc-ci: each change in one would compile
// everything again.
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
