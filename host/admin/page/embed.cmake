# Makes page.cpp from page.html, its style and its script, which go inline: the page needs nothing from elsewhere.
#   cmake -D FROM=<folder> -D INTO=<file> -P embed.cmake
# One raw string literal for each line: compilers need not take one of more than 64 KiB.
file(READ "${FROM}/page.html" page)
file(READ "${FROM}/page.css" style)
file(READ "${FROM}/page.js" script)
foreach(tag "<link rel=\"stylesheet\" href=\"page.css\">" "<script src=\"page.js\"></script>")
  string(FIND "${page}" "${tag}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "page.html lacks ${tag}")
  endif()
endforeach()
string(REPLACE "<link rel=\"stylesheet\" href=\"page.css\">" "<style>\n${style}</style>" page "${page}")
string(REPLACE "<script src=\"page.js\"></script>" "<script>\n${script}</script>" page "${page}")
string(REPLACE "\n" "\n)html\"\nR\"html(" page "${page}")
file(WRITE "${INTO}" "// Made by embed.cmake from host/admin/page.
#include \"admin/page.hpp\"

namespace scanhost::admin {

std::string_view page() noexcept {
  return R\"html(${page})html\";
}

}  // namespace scanhost::admin
")
