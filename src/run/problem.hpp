// SPDX-License-Identifier: GPL-3.0-or-later
// What an answer says of a route: it is a page of the app, or something is wrong.
#pragma once

#include <string>

#include "base/result.hpp"
#include "ingress/visit.hpp"
#include "recipe/route.hpp"

namespace ccci::run {

struct Problem {
  std::string text = {};  // empty: it is a page of the app
  bool settled = false;   // the app itself answers, and may need a moment
  bool lasting = false;   // waiting changes nothing
  bool no_page = false;   // the app has no page there, or wants another kind of request
  bool not_this = false;  // it is there, and wants another kind of request
  // The task refuses connections, or nobody knows its port: its sockets say more.
  bool refused = false;
};

// `shown` is the address that was asked for. `through`: another proxy routes.
Problem problem_of(const base::Result<ingress::Answer>& answer, const std::string& shown,
                   bool through);

// What can show a router of which a plain request shows nothing. Empty: the request has to be
// answered, and the problem is the app's.
std::string advice_without_page(const Problem& problem, const recipe::Match& match);

}  // namespace ccci::run
