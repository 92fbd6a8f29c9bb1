# How everything of the house is compiled and tested: for the whole of it, and for the core alone.

# The folder that holds core/: includes and source positions start from here.
cmake_path(SET UNSTUCK_ROOT NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../..")
cmake_path(GET UNSTUCK_ROOT PARENT_PATH UNSTUCK_ROOT) # without the slash at its end

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()
set(UNSTUCK_SANITIZE "" CACHE STRING "address (with undefined), thread, or nothing")
set_property(CACHE UNSTUCK_SANITIZE PROPERTY STRINGS "" address thread)
if(NOT UNSTUCK_SANITIZE MATCHES "^(|address|thread)$")
    message(FATAL_ERROR "UNSTUCK_SANITIZE is '${UNSTUCK_SANITIZE}': it must be address, thread or empty")
endif()

# ---- how everything is compiled ----------------------------------------------------------------------

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# No -DNDEBUG: assertions stay in every build.
set(CMAKE_C_FLAGS_DEBUG "-Og")
set(CMAKE_C_FLAGS_RELEASE "-O2")

set(UNSTUCK_WARNINGS -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef)
if(UNSTUCK_SANITIZE AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    # gcc documents that instrumented code makes this one warn falsely; the plain builds keep it an error.
    list(APPEND UNSTUCK_WARNINGS -Wno-error=maybe-uninitialized)
endif()

# Linux is the only target: all of its libc is there for every file. (Empty, as in a plain #define, so a
# file that says it for itself is not at odds.) Scenarios get what exercise-flags.txt says, no more.
#
# Parked stacks are walked by frame pointer, so no frame may be elided. Source positions are part of
# reports and of result files, so they must not hold the path of this machine.
set(UNSTUCK_PREFIX_MAP "-fmacro-prefix-map=${UNSTUCK_ROOT}/=")
# gdb 13 and Valgrind 3.19 cannot read what clang writes as DWARF 5.
add_compile_options(
    $<IF:$<C_COMPILER_ID:Clang>,-gdwarf-4,-g>
    "$<$<COMPILE_LANGUAGE:C>:-D_GNU_SOURCE=;-fno-omit-frame-pointer;-fno-optimize-sibling-calls;${UNSTUCK_PREFIX_MAP};${UNSTUCK_WARNINGS}>")

# ---- sanitizers --------------------------------------------------------------------------------------

# `instrumented` is linked by everything that a sanitizer may see. The core never links it: it switches
# stacks, and tells the sanitizers so through weak symbols.
add_library(instrumented INTERFACE)
set(UNSTUCK_SANITIZE_FLAGS "")
if(UNSTUCK_SANITIZE STREQUAL "address")
    set(UNSTUCK_SANITIZE_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=undefined)
elseif(UNSTUCK_SANITIZE STREQUAL "thread")
    set(UNSTUCK_SANITIZE_FLAGS -fsanitize=thread)
endif()
target_compile_options(instrumented INTERFACE ${UNSTUCK_SANITIZE_FLAGS})
add_link_options(${UNSTUCK_SANITIZE_FLAGS})

option(UNSTUCK_FUZZ "build the fuzz targets with libFuzzer (cmake --preset fuzz)" OFF)
if(UNSTUCK_FUZZ AND NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "UNSTUCK_FUZZ needs clang, which has libFuzzer: CC=clang-14, in a folder of its own")
endif()
if(UNSTUCK_FUZZ)
    target_compile_options(instrumented INTERFACE -fsanitize=fuzzer-no-link)
endif()

# The race checks need ThreadSanitizer beside an otherwise plain build. It cannot live with ASan, so
# that build takes its race checks from a plain build inside it.
include(CheckCSourceCompiles)
set(CMAKE_REQUIRED_FLAGS -fsanitize=thread)
check_c_source_compiles("int main(void) { return 0; }" UNSTUCK_TSAN_LINKS)
unset(CMAKE_REQUIRED_FLAGS)
if(NOT UNSTUCK_TSAN_LINKS)
    message(NOTICE "unstuck: no ThreadSanitizer runtime: races will be reported as unavailable")
endif()
set(UNSTUCK_TSAN ${UNSTUCK_TSAN_LINKS})
# Our own runtime for instrumented code needs no more than a compiler that instruments.
include(CheckCCompilerFlag)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
check_c_compiler_flag(-fsanitize=thread UNSTUCK_INSTRUMENTS)
unset(CMAKE_TRY_COMPILE_TARGET_TYPE)
set(UNSTUCK_HOOKS ${UNSTUCK_INSTRUMENTS})
# clang tells of no read that a write of the same follows, unless it is asked to.
set(UNSTUCK_INSTRUMENT_FLAGS "")
if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
    set(UNSTUCK_INSTRUMENT_FLAGS -mllvm -tsan-instrument-read-before-write=1)
endif()
if(UNSTUCK_SANITIZE STREQUAL "address")
    set(UNSTUCK_TSAN OFF)
endif()
if(UNSTUCK_SANITIZE)
    set(UNSTUCK_HOOKS OFF)
endif()

# ---- tests and benchmarks ----------------------------------------------------------------------------

# Neither is part of `all`: running the program needs no Criterion.
find_library(UNSTUCK_CRITERION criterion)
add_custom_target(tests)
add_custom_target(bench)
add_custom_target(fuzzers)
add_dependencies(tests fuzzers)
set_property(GLOBAL PROPERTY unstuck_tests "")

# One line of tests/list.txt, the list .ci/run-tests works through: KIND NAME PATH.
function(unstuck_register_test kind name path)
    set_property(GLOBAL APPEND_STRING PROPERTY unstuck_tests "${kind} ${name} ${path}\n")
endfunction()

# The tests beside the sources of the current folder:
#   tests/test_X.c       a Criterion executable, tests/FOLDER_X in the build tree, linked with the libraries given
#   tests/*.sh           a shell test that prints TAP
#   tests/programs/X.c   a helper executable, tests/programs/X, and under ThreadSanitizer tests/programs/X.tsan
function(unstuck_add_tests)
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME folder)

    file(GLOB sources "${CMAKE_CURRENT_SOURCE_DIR}/tests/test_*.c")
    foreach(source IN LISTS sources)
        cmake_path(GET source STEM stem)
        string(REGEX REPLACE "^test_" "${folder}_" name "${stem}")
        unstuck_register_test(criterion ${name} "${CMAKE_BINARY_DIR}/tests/${name}")
        if(UNSTUCK_CRITERION)
            add_executable(${name} EXCLUDE_FROM_ALL "${source}")
            target_link_libraries(${name} PRIVATE ${ARGN} instrumented "${UNSTUCK_CRITERION}")
            # Half of a build is the tests: what they test is optimised, they are not.
            target_compile_options(${name} PRIVATE $<$<C_COMPILER_ID:GNU>:-Og> -g1)
            set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
            add_dependencies(tests ${name})
        endif()
    endforeach()

    file(GLOB scripts "${CMAKE_CURRENT_SOURCE_DIR}/tests/*.sh")
    foreach(script IN LISTS scripts)
        cmake_path(GET script STEM stem)
        string(REGEX REPLACE "^test_" "" stem "${stem}")
        unstuck_register_test(shell ${folder}_${stem}.sh "${script}")
    endforeach()

    file(GLOB programs "${CMAKE_CURRENT_SOURCE_DIR}/tests/programs/*.c")
    foreach(source IN LISTS programs)
        cmake_path(GET source STEM stem)
        unstuck_add_program(${stem} "${source}" instrumented ${ARGN})
        if(UNSTUCK_TSAN)
            unstuck_add_program(${stem}.tsan "${source}" ${ARGN})
            target_compile_options(program-${stem}.tsan PRIVATE -fsanitize=thread)
            target_link_options(program-${stem}.tsan PRIVATE -fsanitize=thread)
        endif()
    endforeach()
endfunction()

# The fuzz targets of the current folder, fuzz/fuzz_X.c: each fuzz/X in the build tree, which looks for new
# inputs where libFuzzer is linked (UNSTUCK_FUZZ), and else reads those that it is given.
function(unstuck_add_fuzzers)
    file(GLOB sources "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/fuzz_*.c")
    foreach(source IN LISTS sources)
        cmake_path(GET source STEM stem)
        string(REGEX REPLACE "^fuzz_" "" name "${stem}")
        set(main "${UNSTUCK_ROOT}/harness/fuzz/replay.c")
        if(UNSTUCK_FUZZ)
            set(main "")
        endif()
        add_executable(fuzz-${name} EXCLUDE_FROM_ALL "${source}" "${UNSTUCK_ROOT}/harness/fuzz/fuzz.c" ${main})
        target_link_libraries(fuzz-${name} PRIVATE ${ARGN} instrumented)
        target_link_options(fuzz-${name} PRIVATE $<$<BOOL:${UNSTUCK_FUZZ}>:-fsanitize=fuzzer>)
        set_target_properties(fuzz-${name} PROPERTIES
            OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
        add_dependencies(fuzzers fuzz-${name})
    endforeach()
endfunction()

function(unstuck_add_program name source)
    add_executable(program-${name} EXCLUDE_FROM_ALL "${source}")
    target_link_libraries(program-${name} PRIVATE ${ARGN})
    set_target_properties(program-${name} PROPERTIES
        OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests/programs")
    add_dependencies(tests program-${name})
endfunction()

# Whole programs for people to read, in examples/ of the build tree. A test runs them.
function(unstuck_add_examples)
    file(GLOB sources "${CMAKE_CURRENT_SOURCE_DIR}/examples/*.c")
    foreach(source IN LISTS sources)
        cmake_path(GET source STEM stem)
        add_executable(example-${stem} EXCLUDE_FROM_ALL "${source}")
        target_link_libraries(example-${stem} PRIVATE ${ARGN} instrumented)
        set_target_properties(example-${stem} PROPERTIES
            OUTPUT_NAME ${stem} RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/examples")
        add_dependencies(tests example-${stem})
    endforeach()
endfunction()

if(NOT UNSTUCK_CRITERION)
    add_custom_target(criterion-missing
        COMMAND ${CMAKE_COMMAND} -E echo "The tests need Criterion (Debian: libcriterion-dev), then cmake again."
        COMMAND ${CMAKE_COMMAND} -E false VERBATIM)
    add_dependencies(tests criterion-missing)
endif()

# To be called last: writes tests/list.txt.
function(unstuck_list_tests)
    get_property(tests GLOBAL PROPERTY unstuck_tests)
    file(WRITE "${CMAKE_BINARY_DIR}/tests/list.txt" "${tests}")
endfunction()
