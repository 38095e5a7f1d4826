// SPDX-License-Identifier: Apache-2.0
//
// The page brings everything with it and lets nothing in as markup.
#include "admin/page.hpp"

#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "admin/commands.hpp"

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
}

// The list of the page's script: `const buttonWords = { "pause": "Pause ...", ... };`
std::set<std::string> buttons() {
  const std::string text(page());
  const auto begin = text.find("const buttonWords = {");
  const auto list = text.substr(begin, text.find("};", begin) - begin);
  const std::regex entry("\"([a-z-]+)\": ");
  std::set<std::string> names;
  for (std::sregex_iterator at(list.begin(), list.end(), entry), end; at != end; ++at) names.insert((*at)[1]);
  return names;
}

TEST(page, has_a_button_for_every_command_that_is_on_it_and_no_other) {
  std::set<std::string> names;
  for (const auto& command : commands())
    if (command.on_page != button::none) names.insert(std::string(command.name));
  EXPECT_EQ(buttons(), names);
}

TEST(page, follows_light_and_dark) {
  EXPECT_THAT(std::string(page()), HasSubstr("prefers-color-scheme: dark"));
}

}  // namespace
}  // namespace scanhost::admin
