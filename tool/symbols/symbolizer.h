// Program counters and data addresses of a recording to functions, files, lines and variables, inlined calls included.
//
// In-process over LLVM's symbolizer, cached by module and offset; one Symbolizer serves all recordings of a program.
// Not for use from several threads at once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analyzers/findings/finding.h"
#include "tool/symbols/member_names.h"
#include "tool/symbols/recording.h"
#include "tool/symbols/variable_types.h"

namespace llvm::symbolize {
class LLVMSymbolizer;
}

namespace deadheat {

/// One frame of a stack as people read it.
struct Frame {
  std::string function;  ///< Qualified, without parameters: `Bank::transfer`; `Pool::start()::lambda`; may be empty.
  SourcePoint point;     ///< Empty file when there is no debug information.
  std::string module;    ///< Base name of the program or library.
  bool user = false;     ///< In an instrumented module, with a source file that is no system header.
  auto operator<=>(const Frame&) const = default;

  /// `file:line` or, without debug information, the function or module and offset.
  std::string where() const;
};

class Symbolizer {
 public:
  Symbolizer();
  ~Symbolizer();

  /// All frames of a stack, innermost first, inlined ones expanded. Unknown modules give frames without a source.
  std::vector<Frame> frames(const Recording& recording, const RecordedStack& stack);

  /// Only those in the user's own sources.
  std::vector<Frame> userFrames(const Recording& recording, const RecordedStack& stack);

  /// Frames of one code address, e.g. a thread's entry.
  std::vector<Frame> framesAt(const Recording& recording, std::uint64_t address);

  /// The global variable, or the part of one, at a run-time address: `bank::balance`, `g_stats.hits`, `table+8` where
  /// its type is not known. Empty when there is none.
  std::string variableAt(const Recording& recording, std::uint64_t address);

  /// The class member that unnamed memory is, by the places that use it; see MemberNames. Empty when that is not clear.
  std::string memberUsed(const Recording& recording, const std::vector<RecordedStack>& users, std::uint64_t size,
                         std::optional<BlockPart> part);

 private:
  struct Module {
    bool usable = false;  ///< The file is there and has the recorded build id.
  };
  const Module& module(const RecordedModule& recorded);
  const std::vector<Frame>& lookUp(const RecordedModule& module, std::uint64_t offset);

  std::unique_ptr<llvm::symbolize::LLVMSymbolizer> llvm_;
  VariableTypes types_;
  MemberNames members_;
  std::map<std::string, Module> modules_;
  std::map<std::pair<std::string, std::uint64_t>, std::vector<Frame>> cache_;
};

/// The qualified name of a mangled (or plain) function symbol, without parameters and return type.
std::string readableFunction(const std::string& mangled);

/// The qualified name of a mangled (or plain) variable; static locals as `function()::name`.
std::string readableVariable(const std::string& mangled);

}  // namespace deadheat
