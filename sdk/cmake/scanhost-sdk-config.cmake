# find_package(scanhost-sdk): the target scanhost::sdk and the function scanhost_add_plugin.
include("${CMAKE_CURRENT_LIST_DIR}/scanhost-sdk-targets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/scanhost-plugin.cmake")
