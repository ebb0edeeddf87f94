// SPDX-License-Identifier: GPL-3.0-or-later
// Traefik's middleware `headers`: headers with names of their own, and options for the usual ones.
#include <array>

#include "recipe/route.hpp"

namespace ccci::recipe {

namespace {

constexpr std::string_view prefix = "headers.";
constexpr std::string_view request_prefix = "customrequestheaders.";
constexpr std::string_view response_prefix = "customresponseheaders.";

// An option that is true or false and stands for a whole header.
struct Switch {
  std::string_view option;
  std::string_view name;
  std::string_view value;
};
constexpr std::array switches{Switch{"framedeny", "X-Frame-Options", "DENY"},
                              Switch{"contenttypenosniff", "X-Content-Type-Options", "nosniff"},
                              Switch{"browserxssfilter", "X-XSS-Protection", "1; mode=block"}};

// An option that is the value of a header. They come after the switches, and a header that is set
// twice has the last value.
struct ValueOption {
  std::string_view option;
  std::string_view name;
};
constexpr std::array values{ValueOption{"customframeoptionsvalue", "X-Frame-Options"},
                            ValueOption{"custombrowserxssvalue", "X-XSS-Protection"},
                            ValueOption{"contentsecuritypolicy", "Content-Security-Policy"},
                            ValueOption{"referrerpolicy", "Referrer-Policy"},
                            ValueOption{"permissionspolicy", "Permissions-Policy"}};

// Parts of Strict-Transport-Security, which is one header.
constexpr std::array<std::string_view, 4> sts_options{"stsseconds", "stsincludesubdomains",
                                                      "stspreload", "forcestsheader"};

class HeaderReader {
 public:
  HeaderReader(const std::map<std::string, std::string>& properties,
               std::vector<std::string>& unknown)
      : properties_(properties), unknown_(unknown) {}

  Headers run() {
    for (const Switch& each : switches)
      if (is_on(each.option)) set(each.name, std::string(each.value));
    for (const ValueOption& each : values)
      if (const std::string value = option(each.option); !value.empty()) set(each.name, value);
    strict_transport();
    for (const auto& [key, value] : properties_) other(key, value);
    return std::move(out_);
  }

 private:
  std::string option(std::string_view name) const {
    const auto found = properties_.find(std::string(prefix) + std::string(name));
    return found == properties_.end() ? std::string() : found->second;
  }
  bool is_on(std::string_view name) const {
    const std::string value = option(name);
    return value == "true" || value == "True" || value == "TRUE" || value == "1";
  }

  void set(std::string_view name, std::string value) {
    out_.response.push_back({std::string(name), std::move(value), false});
  }

  void strict_transport() {
    const std::string seconds = option("stsseconds");
    if (seconds.empty() || seconds == "0") return;
    std::string value = "max-age=" + seconds;
    if (is_on("stsincludesubdomains")) value += "; includeSubDomains";
    if (is_on("stspreload")) value += "; preload";
    out_.response.push_back({"Strict-Transport-Security", value, !is_on("forcestsheader")});
  }

  void other(const std::string& key, const std::string& value) {
    if (!key.starts_with(prefix)) return;
    const std::string_view name = std::string_view(key).substr(prefix.size());
    if (name.starts_with(request_prefix)) {
      out_.request.push_back({std::string(name.substr(request_prefix.size())), value, false});
    } else if (name.starts_with(response_prefix)) {
      out_.response.push_back({std::string(name.substr(response_prefix.size())), value, false});
    } else if (!is_known(name)) {
      unknown_.emplace_back(name);
    }
  }

  static bool is_known(std::string_view name) {
    for (const Switch& each : switches)
      if (each.option == name) return true;
    for (const ValueOption& each : values)
      if (each.option == name) return true;
    for (const std::string_view each : sts_options)
      if (each == name) return true;
    return false;
  }

  const std::map<std::string, std::string>& properties_;
  std::vector<std::string>& unknown_;
  Headers out_;
};

}  // namespace

Headers read_headers(const std::map<std::string, std::string>& properties,
                     std::vector<std::string>& unknown) {
  return HeaderReader(properties, unknown).run();
}

}  // namespace ccci::recipe
