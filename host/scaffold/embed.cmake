# Makes templates.cpp from the files of sdk/templates:
#   cmake -D FROM=<folder> -D INTO=<file> -P embed.cmake
# Raw string literals in pieces, since compilers need not accept one of more than 64 KiB.
file(GLOB_RECURSE files RELATIVE "${FROM}" "${FROM}/*")
list(SORT files)
set(text "// Made by embed.cmake from sdk/templates.\n#include \"scaffold/scaffold.hpp\"\n\n"
  "namespace scanhost::scaffold {\nnamespace {\n\nconstexpr source all[] = {\n")
string(JOIN "" text ${text})
foreach(path IN LISTS files)
  get_filename_component(language "${path}" DIRECTORY)
  get_filename_component(name "${path}" NAME)
  file(READ "${FROM}/${path}" content)
  string(APPEND text "{\"${language}\", \"${name}\", R\"template(${content})template\"},\n")
endforeach()
string(APPEND text "};\n\n}  // namespace\n\nstd::span<const source> templates() noexcept { return all; }\n\n"
  "}  // namespace scanhost::scaffold\n")
file(WRITE "${INTO}" "${text}")
