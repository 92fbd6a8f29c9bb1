# The core alone: its tests for ctest, and what is installed.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# ---- ctest ---------------------------------------------------------------------------------------------

# Shell tests print TAP: what failed and what is unavailable is in there, not in the exit code.
enable_testing()
unstuck_list_tests()
get_property(tests GLOBAL PROPERTY unstuck_tests)
string(REGEX MATCHALL "[^\n]+" tests "${tests}")
foreach(test IN LISTS tests)
    string(REPLACE " " ";" test "${test}")
    list(GET test 0 kind)
    list(GET test 1 name)
    list(GET test 2 path)
    set(temporary "${CMAKE_BINARY_DIR}/tests/tmp/${name}")
    file(MAKE_DIRECTORY "${temporary}")
    if(kind STREQUAL "criterion")
        add_test(NAME ${name} COMMAND "${path}" --jobs 1)
    else()
        add_test(NAME ${name} COMMAND "${path}")
        set_tests_properties(${name} PROPERTIES
            FAIL_REGULAR_EXPRESSION "(^|\n)not ok" SKIP_REGULAR_EXPRESSION "(^|\n)1\\.\\.0 # SKIP")
    endif()
    set_tests_properties(${name} PROPERTIES
        TIMEOUT 600
        ENVIRONMENT "TMPDIR=${temporary};UNSTUCK_SRC=${UNSTUCK_ROOT};UNSTUCK_BUILD=${CMAKE_BINARY_DIR}")
endforeach()

# ---- install -------------------------------------------------------------------------------------------

# All headers but those that only the core's own files include: those say so, or read internal.h.
file(GLOB headers "${CMAKE_CURRENT_SOURCE_DIR}/*.h")
list(FILTER headers EXCLUDE REGEX "/(internal|switch)\\.h$")
foreach(header IN LISTS headers)
    file(STRINGS "${header}" private REGEX "Private to the core|#include \"core/internal\\.h\"")
    if(private)
        list(REMOVE_ITEM headers "${header}")
    endif()
endforeach()

set_target_properties(core PROPERTIES OUTPUT_NAME unstuck-core)
install(TARGETS core EXPORT unstuck-core ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(FILES ${headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/unstuck/core")

set(package "${CMAKE_INSTALL_LIBDIR}/cmake/unstuck-core")
install(EXPORT unstuck-core NAMESPACE unstuck:: DESTINATION "${package}" FILE unstuck-core-targets.cmake)
configure_package_config_file(cmake/unstuck-core-config.cmake.in
    "${CMAKE_BINARY_DIR}/unstuck-core-config.cmake" INSTALL_DESTINATION "${package}")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/unstuck-core-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES
    "${CMAKE_BINARY_DIR}/unstuck-core-config.cmake" "${CMAKE_BINARY_DIR}/unstuck-core-config-version.cmake"
    DESTINATION "${package}")

file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/unstuck-core.pc.in "${CMAKE_BINARY_DIR}/unstuck-core.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/unstuck-core.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

install(FILES unstuck-core.3 DESTINATION "${CMAKE_INSTALL_MANDIR}/man3")
install(FILES gdb/unstuck-gdb.py DESTINATION "${CMAKE_INSTALL_DATADIR}/unstuck-core/gdb")
install(FILES README.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY examples DESTINATION "${CMAKE_INSTALL_DOCDIR}")
