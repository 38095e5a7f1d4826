# scanhost_add_plugin(<name> SOURCES <file>... [LIBRARIES <target>...])
#
# A scanner plugin <name>.so. Sets everything that makes it unloadable and replaceable: the version
# script that exports only the entry, hidden visibility, no GNU_UNIQUE symbols, no undefined symbols.

include_guard(GLOBAL)
include(CheckCXXCompilerFlag)

function(scanhost_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 plugin "" "" "SOURCES;LIBRARIES")
  if(NOT plugin_SOURCES)
    message(FATAL_ERROR "scanhost_add_plugin(${name}): SOURCES is empty; name the plugin's source files")
  endif()
  set(map "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/scanhost.map")
  add_library(${name} MODULE ${plugin_SOURCES})
  target_link_libraries(${name} PRIVATE scanhost::sdk ${plugin_LIBRARIES})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so" POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS "${map}")
  if(NOT CMAKE_CXX_STANDARD OR CMAKE_CXX_STANDARD LESS 20)
    set_target_properties(${name} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
  endif()
  target_link_options(${name} PRIVATE "LINKER:--version-script=${map}" "LINKER:-z,noexecstack")
  _scanhost_forbid_undefined(${name})
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("CXX" IN_LIST languages)
    check_cxx_compiler_flag(-fno-gnu-unique SCANHOST_HAS_NO_GNU_UNIQUE)
    if(SCANHOST_HAS_NO_GNU_UNIQUE)
      target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
    endif()
  endif()
endfunction()

# Clang leaves the sanitizer's symbols undefined in shared libraries: there -z defs cannot be.
function(_scanhost_forbid_undefined name)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" OR CMAKE_C_COMPILER_ID MATCHES "Clang")
    get_directory_property(options COMPILE_OPTIONS)
    if("${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS} ${options}" MATCHES "-fsanitize=")
      return()
    endif()
  endif()
  target_link_options(${name} PRIVATE "LINKER:-z,defs")
endfunction()
