# Builds the wrapper's tests with another compiler and runs them: COMPILER, LAUNCHER, LEVEL, INCLUDE, OUTPUT.
get_filename_component(here "${CMAKE_CURRENT_LIST_FILE}" DIRECTORY)
set(objects)
foreach(source entries_test task_test waits_test when_all_test wrapper_test sweep_test per_cycle_test state_test)
  execute_process(COMMAND ${LAUNCHER} "${COMPILER}" -std=c++20 -O${LEVEL} -Wall -Wextra -Wpedantic -Wshadow -Werror
      -I "${INCLUDE}" -I "${here}/.." -c "${here}/${source}.cpp" -o "${OUTPUT}_${source}.o"
    COMMAND_ERROR_IS_FATAL ANY)
  list(APPEND objects "${OUTPUT}_${source}.o")
endforeach()
execute_process(COMMAND "${COMPILER}" ${objects} -lgmock -lgtest -lgtest_main -pthread -o "${OUTPUT}"
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${OUTPUT}" COMMAND_ERROR_IS_FATAL ANY)
