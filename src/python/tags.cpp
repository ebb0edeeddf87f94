// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/tags.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.hpp"

namespace ccci::python {

namespace {

// 11 of "311"; Python 2 and others give nothing.
std::optional<int> minor_of(std::string_view digits) {
  if (!digits.starts_with('3')) return std::nullopt;
  digits.remove_prefix(1);
  int minor = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), minor);
  if (problem != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return minor;
}

bool fits_python(std::string_view python, std::string_view abi, const Target& target) {
  if (python == "py3") return true;
  const std::string_view kind = python.substr(0, 2);
  const auto minor = minor_of(python.substr(std::min<std::size_t>(2, python.size())));
  if (!minor) return false;
  if (kind == "py") return *minor <= target.minor;
  if (kind != "cp") return false;
  // A wheel with the stable interface works with all later versions too.
  return *minor == target.minor || (abi == "abi3" && *minor <= target.minor);
}

bool fits_abi(std::string_view abi, const Target& target) {
  return abi == "none" || abi == "abi3" || abi == "cp3" + std::to_string(target.minor);
}

bool fits_platform(std::string_view platform, const Target& target) {
  const std::string machine = target.architecture == "amd64"   ? "x86_64"
                              : target.architecture == "arm64" ? "aarch64"
                                                               : target.architecture;
  return platform == "any" ||
         (platform.ends_with("_" + machine) &&
          (platform.starts_with("manylinux") || platform.starts_with("linux")));
}

}  // namespace

std::optional<WheelName> read_wheel_name(std::string_view file) {
  constexpr std::string_view ending = ".whl";
  if (!file.ends_with(ending)) return std::nullopt;
  file.remove_suffix(ending.size());
  const std::vector<std::string_view> parts = base::split(file, '-');
  if (parts.size() != 5 && parts.size() != 6) return std::nullopt;
  const std::size_t last = parts.size() - 1;
  WheelName name{std::string(parts[0]), std::string(parts[1]), std::string(parts[last - 2]),
                 std::string(parts[last - 1]), std::string(parts[last])};
  const bool whole =
      std::none_of(parts.begin(), parts.end(), [](std::string_view part) { return part.empty(); });
  return whole ? std::optional(std::move(name)) : std::nullopt;
}

std::optional<Target> target_of(std::string_view version, std::string_view architecture) {
  if (!version.starts_with("3.")) return std::nullopt;
  version.remove_prefix(2);
  int minor = 0;
  const auto [end, problem] =
      std::from_chars(version.data(), version.data() + version.size(), minor);
  if (problem != std::errc() || end == version.data()) return std::nullopt;
  return Target{minor, std::string(architecture)};
}

bool fits(const WheelName& wheel, const Target& target) {
  for (const std::string_view python : base::split(wheel.pythons, '.')) {
    for (const std::string_view abi : base::split(wheel.abis, '.')) {
      if (!fits_python(python, abi, target) || !fits_abi(abi, target)) continue;
      for (const std::string_view platform : base::split(wheel.platforms, '.')) {
        if (fits_platform(platform, target)) return true;
      }
    }
  }
  return false;
}

}  // namespace ccci::python
