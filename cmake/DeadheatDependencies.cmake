# What the tool and analyzers link: Clang and LLVM 19 as shared libraries, CLI11. The runtime links libc only.
find_package(LLVM 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19/lib/cmake/llvm)
find_package(Clang 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19/lib/cmake/clang)
find_package(CLI11 REQUIRED)

add_library(deadheat_llvm INTERFACE)
target_include_directories(deadheat_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
target_compile_definitions(deadheat_llvm INTERFACE ${LLVM_DEFINITIONS_LIST})
target_link_libraries(deadheat_llvm INTERFACE LLVM)

add_library(deadheat_clang INTERFACE)
target_include_directories(deadheat_clang SYSTEM INTERFACE ${CLANG_INCLUDE_DIRS})
target_link_libraries(deadheat_clang INTERFACE clang-cpp deadheat_llvm)
