// SPDX-License-Identifier: Apache-2.0
#include "admin/page.hpp"

#include <fmt/format.h>

#include <string>

#include "base/embedded_file.hpp"

namespace scanhost::admin {
namespace {

// The file between the lines of its element.
std::string element(std::string_view begin, std::string_view path, std::string_view end) {
  return std::string(begin).append(base::text_at(page_files(), path)).append(end);
}

std::string compose() {
  std::string html(base::text_at(page_files(), "page.html"));
  base::fill_in(html, R"(<link rel="stylesheet" href="page.css">)",
                element("<style>\n", "page.css", "</style>"));
  for (const char* script : {"text.js", "session.js", "troubles.js", "overview.js", "charts.js", "explain.js",
                             "view.js", "peers.js", "page.js"})
    base::fill_in(html, fmt::format(R"(<script src="{}"></script>)", script),
                  element("<script>\n", script, "</script>"));
  return html;
}

}  // namespace

std::string_view page() {
  static const std::string html = compose();
  return html;
}

}  // namespace scanhost::admin
