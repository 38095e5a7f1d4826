// SPDX-License-Identifier: Apache-2.0
//
// The page brings everything with it and lets nothing in as markup.
#include "admin/page.hpp"

#include <gmock/gmock.h>

namespace scanhost::admin {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(page, is_one_whole_document) {
  EXPECT_THAT(std::string(page()), StartsWith("<!doctype html>"));
  EXPECT_THAT(std::string(page()), testing::EndsWith("</html>\n"));
}

TEST(page, needs_nothing_from_elsewhere) {
  const std::string text(page());
  for (const char* outside : {"src=", "@import", "url(", "https://", "<link"})
    EXPECT_THAT(text, Not(HasSubstr(outside)));
}

TEST(page, puts_texts_in_as_texts) {
  const std::string text(page());
  for (const char* markup : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("})
    EXPECT_THAT(text, Not(HasSubstr(markup)));
}

TEST(page, marks_what_its_buttons_ask_for) {
  const std::string text(page());
  EXPECT_THAT(text, HasSubstr("headers: { \"X-Scanhost\": \"1\" }"));
  for (const char* command : {"pause", "resume", "run-now", "reload", "rollback"})
    EXPECT_THAT(text, HasSubstr("[\"" + std::string(command) + "\", "));
}

TEST(page, follows_light_and_dark) {
  EXPECT_THAT(std::string(page()), HasSubstr("prefers-color-scheme: dark"));
}

}  // namespace
}  // namespace scanhost::admin
