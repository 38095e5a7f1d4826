# Builds the wrapper's tests with another compiler and runs them: COMPILER, LEVEL, INCLUDE, OUTPUT.
get_filename_component(here "${CMAKE_CURRENT_LIST_FILE}" DIRECTORY)
execute_process(COMMAND "${COMPILER}" -std=c++20 -O${LEVEL} -Wall -Wextra -Wpedantic -Wshadow -Werror -I "${INCLUDE}"
    "${here}/task_test.cpp" "${here}/wrapper_test.cpp" "${here}/per_cycle_test.cpp"
    -lgmock -lgtest -lgtest_main -pthread -o "${OUTPUT}"
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${OUTPUT}" COMMAND_ERROR_IS_FATAL ANY)
