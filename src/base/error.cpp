// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.hpp"

#include <cctype>
#include <cstring>
#include <iterator>
#include <utility>

namespace ccci::base {

Error::Error() = default;
Error::Error(const Error&) = default;
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error&) = default;
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

bool Error::operator==(const Error& other) const {
  return code == other.code && fields == other.fields && where == other.where &&
         also == other.also && number == other.number;
}

Error Error::with(std::string_view name, std::string_view value) && {
  fields.push_back({std::string(name), std::string(value)});
  return std::move(*this);
}

Error Error::with(std::string_view name, long long value) && {
  return std::move(*this).with(name, std::to_string(value));
}

Error Error::with_errno(int errno_value) && {
  number = errno_value;
  return std::move(*this).with("cause", describe_errno(errno_value));
}

bool Error::is(std::errc cause) const { return number == static_cast<int>(cause) && number != 0; }

Error Error::at(Position position) && {
  where.push_back(std::move(position));
  return std::move(*this);
}

std::string_view Error::field(std::string_view name) const {
  for (const Field& field : fields) {
    if (field.name == name) return field.value;
  }
  return {};
}

Error fail(std::string_view code, Condition condition) {
  Error error;
  error.code = code;
  error.condition = condition;
  return error;
}

Error together(std::vector<Error> errors) {
  Error first = std::move(errors.front());
  for (auto it = std::next(errors.begin()); it != errors.end(); ++it) {
    std::vector<Error> nested = std::exchange(it->also, {});
    first.also.push_back(std::move(*it));
    std::move(nested.begin(), nested.end(), std::back_inserter(first.also));
  }
  return first;
}

std::string describe_errno(int number) {
  const char* text = strerrordesc_np(number);  // not translated, unlike strerror
  if (text == nullptr) return "error " + std::to_string(number);
  std::string sentence = text;
  // Lower case for use in a sentence ("No space left"), but not for "RPC struct is bad".
  if (sentence.size() > 1 && std::islower(static_cast<unsigned char>(sentence[1])) != 0) {
    sentence[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(sentence[0])));
  }
  return sentence;
}

}  // namespace ccci::base
