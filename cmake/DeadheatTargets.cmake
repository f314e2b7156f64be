# One way to declare a library, executable or test program, so that warnings, sanitizers and file discovery agree.

option(DEADHEAT_SANITIZE "Build tool and analyzers with address and undefined-behaviour sanitizers" OFF)

add_library(deadheat_flags INTERFACE)
target_include_directories(deadheat_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(deadheat_flags INTERFACE -Wall -Wextra -Wno-unused-parameter)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(deadheat_flags INTERFACE -Wthread-safety -Werror=thread-safety)
endif()

add_library(deadheat_sanitize INTERFACE)
if(DEADHEAT_SANITIZE)
  target_compile_options(deadheat_sanitize INTERFACE -fsanitize=address,undefined -fno-sanitize=vptr
                                                     -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(deadheat_sanitize INTERFACE -fsanitize=address,undefined)
endif()

# deadheat_library(NAME [LIBS...]): a static library of every .cpp below the current folder.
function(deadheat_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  if(NOT sources)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE deadheat_flags deadheat_sanitize ${ARGN})
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC deadheat_flags deadheat_sanitize ${ARGN})
endfunction()

# deadheat_test(NAME [LIBS...]): one GoogleTest program of every *_test.cpp below the current folder.
function(deadheat_test name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp")
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE deadheat_test_support GTest::gtest_main deadheat_flags deadheat_sanitize
                                        ${ARGN})
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300 ENVIRONMENT
                       "DEADHEAT_CACHE=${CMAKE_BINARY_DIR}/cache")
endfunction()
