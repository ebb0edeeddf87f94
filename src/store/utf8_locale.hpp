// SPDX-License-Identifier: GPL-3.0-or-later
// libarchive converts names to the character set of the thread's locale. The same archive must give
// the same names for every user, so the thread uses UTF-8 while it reads an archive.
#pragma once

#include <locale.h>

namespace ccci::store {

class Utf8Locale {
 public:
  Utf8Locale() {
    if (locale_ != nullptr) before_ = uselocale(locale_);
  }
  ~Utf8Locale() {
    if (locale_ == nullptr) return;
    uselocale(before_);
    freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t locale_ = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  locale_t before_ = nullptr;
};

}  // namespace ccci::store
