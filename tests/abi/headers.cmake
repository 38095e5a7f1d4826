# Compiles each header alone, with all warnings as errors: COMPILER, LANGUAGE, STANDARD, INCLUDE, PATTERN
# (h: the C headers; h*: the C++ headers as well).
file(GLOB_RECURSE found RELATIVE "${INCLUDE}" "${INCLUDE}/scanhost/*.${PATTERN}")
list(LENGTH found count)
if(count LESS 10)
  message(FATAL_ERROR "only ${count} headers below ${INCLUDE}")
endif()
foreach(header IN LISTS found)
  execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "#include <${header}>\ntypedef int not_empty;"
    COMMAND "${COMPILER}" -x ${LANGUAGE} -std=${STANDARD} -Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only
      -I "${INCLUDE}" -
    RESULTS_VARIABLE results ERROR_VARIABLE errors)
  if(NOT results STREQUAL "0;0")
    message(SEND_ERROR "${header} does not compile as ${STANDARD}:\n${errors}")
  endif()
endforeach()
