// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/visit.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ccci::ingress {

namespace {

using Clock = std::chrono::steady_clock;

bool same_header(std::string_view a, std::string_view b) {
  const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return low(x) == low(y); });
}

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

base::Error unanswered(const Visit& wanted, const Address& address, const base::Error& cause) {
  if (cause.is(base::Condition::silent)) {
    return base::fail("ingress.silent", base::Condition::silent)
        .with("address", address.text())
        .with("limit", base::human_seconds(std::chrono::duration<double>(wanted.deadline).count()));
  }
  std::string problem(cause.field("problem"));
  if (problem.empty()) problem = cause.field("cause");
  return base::fail("ingress.broken", base::Condition::disconnected)
      .with("address", address.text())
      .with("problem", problem);
}

base::Result<Answer> one(const Doors& doors, const Visit& wanted, const Address& address,
                         std::chrono::milliseconds left) {
  Answer answer;
  answer.address = address;
  engine::Request request;
  request.method = wanted.method;
  request.target = address.path;
  request.host = address.host;
  request.headers = wanted.headers;
  request.deadline = left;
  request.may_be_cut = true;  // a page that never ends is a page
  request.sink = [&](std::string_view piece) -> base::Result<bool> {
    const std::size_t room = wanted.largest - answer.body.size();
    answer.body += piece.substr(0, room);
    answer.truncated = piece.size() > room;
    return !answer.truncated;
  };
  auto response = engine::exchange(address.secure ? doors.secure : doors.plain, request);
  if (!response) return base::unexpected(unanswered(wanted, address, response.error()));
  answer.status = response->status;
  answer.headers = std::move(response->headers);
  if (answer.body.empty()) answer.body = response->body.substr(0, wanted.largest);
  answer.truncated = answer.truncated || response->cut || response->body.size() > wanted.largest;
  answer.origin = origin_of(answer.header(origin_header));
  return answer;
}

}  // namespace

std::string_view Answer::header(std::string_view name) const {
  for (const engine::Header& each : headers)
    if (same_header(each.name, name)) return each.value;
  return {};
}

base::Result<Answer> visit(const Doors& doors, const Visit& wanted) {
  const auto begin = Clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  };
  std::vector<Address> before;
  Address address = wanted.address;
  for (;;) {
    CCCI_TRY(Answer answer,
             one(doors, wanted, address,
                 std::max(wanted.deadline - elapsed(), std::chrono::milliseconds(1))));
    answer.redirects = before;
    answer.time = elapsed();
    if (!is_redirect(answer.status)) return answer;
    const std::string_view link = answer.header("Location");
    const std::optional<Address> next = follow(address, link);
    // Only the usual ports lead to the ingress.
    const bool ours =
        next && next->host.find(':') == std::string::npos && doors.names.contains(next->name());
    if (!ours || static_cast<int>(before.size()) >= wanted.most_redirects) {
      answer.leads_to = next ? next->text() : std::string(link);
      return answer;
    }
    before.push_back(address);
    address = *next;
  }
}

}  // namespace ccci::ingress
