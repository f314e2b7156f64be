// `deadheat cc` and `deadheat c++`: here only for help; command_line.cpp hands their words to the wrapper unparsed.
#include "tool/commands/command.h"
#include "tool/compiler/wrapper.h"

namespace deadheat {
namespace {

constexpr char kFooter[] = R"(
Usage:
  CC="deadheat cc" CXX="deadheat c++" ./configure      or the names deadheat-cc and deadheat-c++, for one word
  cmake -DCMAKE_C_COMPILER_LAUNCHER="deadheat;cc" -DCMAKE_CXX_COMPILER_LAUNCHER="deadheat;c++" …
        -DCMAKE_C_LINKER_LAUNCHER="deadheat;cc" -DCMAKE_CXX_LINKER_LAUNCHER="deadheat;c++"
  deadheat c++ g++-12 -c file.cpp                      the first word may be the compiler, or ccache and the compiler

Before all that, --targeted=FILE, or DEADHEAT_TARGETED=FILE in the environment: only accesses at the places of the
findings in FILE are instrumented (clang 19 only), see docs/targeted-builds.md.

Without a compiler as first word: DEADHEAT_CC or DEADHEAT_CXX, else clang 19, else gcc. Output and exit code are the
compiler's. Not possible with -static, -fsanitize=address, memory or leak.)";

Action declare(CLI::App& app, SourceLanguage language) {
  app.footer(kFooter);
  app.prefix_command();
  return [&app, language] { return runCompiler(language, app.remaining()); };
}

}  // namespace

Action declareCc(CLI::App& app, const Trailing&) { return declare(app, SourceLanguage::C); }
Action declareCxx(CLI::App& app, const Trailing&) { return declare(app, SourceLanguage::Cxx); }

}  // namespace deadheat
