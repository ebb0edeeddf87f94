// SPDX-License-Identifier: GPL-3.0-or-later
// The pages that can show that a route is served.
#pragma once

#include <vector>

#include "ingress/address.hpp"
#include "run/plan.hpp"

namespace ccci::run {

// The first one is the router's own: the declared `path` if this router serves it, else the path of
// its rule. An app may have no page there, but the recipe says itself which page its health check
// asks for.
std::vector<ingress::Address> pages_of(const Deployable& app, const recipe::Route& route,
                                       const recipe::Match& match);

}  // namespace ccci::run
