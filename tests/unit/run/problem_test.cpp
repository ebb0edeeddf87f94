// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/problem.hpp"

#include <gmock/gmock.h>

namespace ccci::run {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Problem of_status(unsigned status) {
  ingress::Answer answer;
  answer.status = status;
  answer.address.host = "demo.cc-ci.test";
  return problem_of(answer, "https://demo.cc-ci.test/", false);
}

Problem of_origin(ingress::Origin origin) {
  ingress::Answer answer;
  answer.origin = origin;
  answer.status = ingress::row_of(origin).status;
  return problem_of(answer, "https://demo.cc-ci.test/", false);
}

TEST(ProblemTest, whoever_wants_a_user_a_method_or_a_websocket_is_the_app) {
  for (const unsigned status : {200U, 204U, 302U, 401U, 403U, 405U, 426U})
    EXPECT_THAT(of_status(status).text, IsEmpty()) << status;
  for (const unsigned status : {400U, 404U, 410U, 415U, 500U, 502U})
    EXPECT_THAT(of_status(status).text, HasSubstr("answers with status")) << status;
}

TEST(ProblemTest, tells_no_page_from_another_kind_of_request) {
  EXPECT_TRUE(of_status(400).no_page);
  EXPECT_TRUE(of_status(400).not_this);
  for (const unsigned status : {404U, 410U}) {
    EXPECT_TRUE(of_status(status).no_page) << status;
    EXPECT_FALSE(of_status(status).not_this) << status;
  }
  EXPECT_FALSE(of_status(500).no_page);
}

TEST(ProblemTest, says_what_can_show_the_router) {
  const recipe::Match whole{"demo.cc-ci.test", "", false};
  const recipe::Match prefix{"demo.cc-ci.test", "/api", false};
  const recipe::Match exact{"demo.cc-ci.test", "/websocket", true};
  EXPECT_THAT(advice_without_page(of_status(400), exact), HasSubstr("the recipe's own tests"));
  EXPECT_THAT(advice_without_page(of_status(404), exact), IsEmpty());
  EXPECT_THAT(advice_without_page(of_status(404), prefix),
              HasSubstr("declare `path`, a page below /api"));
  EXPECT_THAT(advice_without_page(of_status(400), whole), IsEmpty());
  EXPECT_THAT(advice_without_page(of_status(500), exact), IsEmpty());
  EXPECT_THAT(advice_without_page(of_status(500), prefix), IsEmpty());
}

TEST(ProblemTest, of_the_ingress_has_a_remedy) {
  EXPECT_THAT(of_origin(ingress::Origin::bad_answer).text,
              HasSubstr("loadbalancer.server.scheme=https"));
  EXPECT_FALSE(of_origin(ingress::Origin::bad_answer).lasting);
  EXPECT_TRUE(of_origin(ingress::Origin::no_address).lasting);
  EXPECT_TRUE(of_origin(ingress::Origin::no_connection).refused);
}

TEST(ProblemTest, a_circle_without_a_cookie_does_not_end) {
  ingress::Answer answer;
  answer.status = 302;
  answer.leads_to = "https://demo.cc-ci.test/";
  answer.redirects.resize(10);
  EXPECT_THAT(problem_of(answer, "https://demo.cc-ci.test/", false).text, HasSubstr("in a circle"));
  answer.headers = {{"Set-Cookie", "seen=1"}};
  EXPECT_THAT(problem_of(answer, "https://demo.cc-ci.test/", false).text, IsEmpty());
}

TEST(ProblemTest, a_page_of_traefik_is_none_of_the_app) {
  ingress::Answer answer;
  answer.status = 404;
  answer.body = "404 page not found\n";
  EXPECT_THAT(problem_of(answer, "x", true).text, HasSubstr("Traefik has no router"));
  EXPECT_TRUE(problem_of(answer, "x", false).no_page);
}

}  // namespace
}  // namespace ccci::run
