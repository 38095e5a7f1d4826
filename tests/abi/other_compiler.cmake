# Builds the wrapper's tests optimized with another compiler and runs them: COMPILER, LAUNCHER, INCLUDE, OUTPUT. The
# sanitized build has them without optimization, with clang, too.
get_filename_component(here "${CMAKE_CURRENT_LIST_FILE}" DIRECTORY)
# Compiled together, they share what the compiler makes of the headers.
set(together)
foreach(source entries_test task_test waits_test when_all_test wrapper_test sweep_test per_cycle_test state_test)
  string(APPEND together "#include \"${here}/${source}.cpp\"\n")
endforeach()
file(WRITE "${OUTPUT}.cpp" "${together}")
execute_process(COMMAND ${LAUNCHER} "${COMPILER}" -std=c++20 -O2 -Wall -Wextra -Wpedantic -Werror
    -I "${INCLUDE}" -I "${here}/.." -c "${OUTPUT}.cpp" -o "${OUTPUT}.o"
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${COMPILER}" "${OUTPUT}.o" -lgmock -lgtest -lgtest_main -pthread -o "${OUTPUT}"
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${OUTPUT}" COMMAND_ERROR_IS_FATAL ANY)
