// SPDX-License-Identifier: GPL-3.0-or-later
// A JSON value. An object keeps the order in which its members were added, so output has the order
// that the code wrote. Reading never throws: an absent member, an index past the end, and a member
// of a value that is no object read as null.
//
// A list in braces is an object if every item is a pair that begins with a text, otherwise an
// array: Json{{"name", "git"}, {"paths", {"a", "b"}}}. Json::array({...}) is always an array.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

namespace ccci::base {

class Json {
 public:
  struct Member;
  enum class Fault { not_json, too_deep };

  Json(std::nullptr_t = nullptr) noexcept;
  template <std::same_as<bool> T>  // a pointer is no truth value
  Json(T value) : Json(of(value)) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) Json(T value) : Json(of(std::uint64_t{value})) {}
  template <std::signed_integral T>
  Json(T value) : Json(of(std::int64_t{value})) {}
  Json(double value);
  Json(const char* text);
  Json(std::string_view text);
  Json(std::string text);
  template <typename T>
  Json(const std::vector<T>& items) : Json(array()) {
    for (const T& item : items) push_back(Json(item));
  }
  template <typename T>
  Json(const std::map<std::string, T>& members) : Json(object()) {
    for (const auto& [name, value] : members) (*this)[name] = Json(value);
  }
  Json(std::initializer_list<Json> items);
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  static Json array(std::initializer_list<Json> items = {});
  static Json object();

  // `deepest` limits how many brackets are open at once: freeing and printing a value recurse.
  static tl::expected<Json, Fault> parse(std::string_view text, int deepest = 100);
  // On one line, or with `indent` spaces a level. U+FFFD replaces bytes that are no UTF-8.
  std::string dump(int indent = -1) const;

  bool is_null() const;
  bool is_object() const;
  bool is_array() const;
  bool is_string() const;
  const std::string* text() const;  // null if it is no string
  std::string text_or_empty() const;
  std::optional<std::uint64_t> number() const;  // a whole number, not below zero
  std::optional<bool> boolean() const;

  std::size_t size() const;  // of an array or object, otherwise 0
  bool empty() const { return size() == 0; }

  // Arrays; of any other value there are no elements.
  const std::vector<Json>& elements() const;
  const Json* begin() const;
  const Json* end() const;
  const Json& operator[](std::size_t index) const;
  Json& operator[](std::size_t index);  // that exists
  void push_back(Json value);           // makes null an array

  // Objects; of any other value there are no members.
  const std::vector<Member>& items() const;
  const Json* find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  const Json& operator[](std::string_view name) const;
  Json& operator[](std::string_view name);  // adds what is absent; makes null an object
  void update(const Json& other);           // adds or replaces the members of `other`

  // JSON pointers (RFC 6901), e.g. "/hosts/0/name".
  static bool is_pointer(std::string_view text);
  const Json* at_pointer(std::string_view pointer) const;  // null if nothing is there

  // Numbers are equal if their values are; objects if the order of their members is equal too.
  friend bool operator==(const Json& a, const Json& b) { return a.equals(b); }
  friend std::ostream& operator<<(std::ostream& out, const Json& json);

 private:
  struct Writer;
  static Json of(bool value);
  static Json of(std::uint64_t number);
  static Json of(std::int64_t number);
  bool equals(const Json& other) const;

  // Whole numbers below zero are int64_t, all others uint64_t.
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string,
               std::vector<Json>, std::vector<Member>>
      value_;
};

struct Json::Member {
  std::string name;
  Json value;

  bool operator==(const Member&) const = default;
};

}  // namespace ccci::base
