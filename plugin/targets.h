// Places of findings that a targeted build instruments; everything else it leaves as it is (docs/targeted-builds.md).
//
// They are read from the findings file that the option `-deadheat-targets=FILE` names: file and line of every access of
// every finding. Not the column, since what one expression does carries several in debug information, and optimisation
// merges them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Function.h"
#include "llvm/Support/JSON.h"

namespace deadheat::pass {

class Targets {
 public:
  /// Those of the file the option names, read once; null where it is not given. A file that cannot be used ends the
  /// compilation with a line that says why.
  static Targets* ofThisBuild();

  explicit Targets(const llvm::json::Value& findings);

  /// The instruction stands at one of the places, or was inlined by a call that does.
  bool has(const llvm::Instruction& instruction);
  /// Any instruction of the function does.
  bool touch(const llvm::Function& function);

 private:
  using Lines = std::set<unsigned>;

  void add(const llvm::json::Object& finding, llvm::StringRef member);
  const Lines& linesOf(const llvm::DIFile* file);

  llvm::StringMap<Lines> lines_;                        ///< By file, as the finding spells it.
  llvm::DenseMap<const llvm::DIFile*, Lines> ofFiles_;  ///< What was looked up.
};

/// Whether two paths mean the same source file, by tool/symbols/source_path.h's rule: equal, or the last two components
/// agree, or one is all suffix of the other. Directories may differ by a mapped prefix or another machine.
bool sameSource(llvm::StringRef a, llvm::StringRef b);

}  // namespace deadheat::pass
