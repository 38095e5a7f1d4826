// SPDX-License-Identifier: Apache-2.0
#include "admin/page.hpp"

#include <stdexcept>
#include <string>

namespace scanhost::admin {
namespace {

std::string_view file(std::string_view path) {
  for (const auto& each : page_files())
    if (each.path == path) return each.text;
  throw std::logic_error("the page lacks " + std::string(path));
}

// Puts `text` in the place of the tag, which must be there.
void replace(std::string& html, std::string_view tag, const std::string& text) {
  const auto at = html.find(tag);
  if (at == std::string::npos) throw std::logic_error("page.html lacks " + std::string(tag));
  html.replace(at, tag.size(), text);
}

std::string compose() {
  std::string html(file("page.html"));
  replace(html, R"(<link rel="stylesheet" href="page.css">)",
          "<style>\n" + std::string(file("page.css")) + "</style>");
  replace(html, R"(<script src="page.js"></script>)",
          "<script>\n" + std::string(file("page.js")) + "</script>");
  return html;
}

}  // namespace

std::string_view page() {
  static const std::string html = compose();
  return html;
}

}  // namespace scanhost::admin
