// Facts as text for people and tests: one line an event. Not meant to be read back; archive.h does that.
//
// A path is its root and its steps, left to right: `this.shards[i].mu`, `p*.next*.value` (`*` is a dereference).
// Locals and temporaries start with `$`, parameters with `%`, allocations with `new`, call results with `result`.
#pragma once

#include <string>

#include "analyzers/facts/tu_facts.h"

namespace deadheat {

struct DumpOptions {
  bool places = true;  ///< Line and column of events and in the names of temporaries.
  bool branches = true;  ///< What branches test.
};

std::string dump(const Path& path, const DumpOptions& options = {});
std::string dump(const Value& value, const DumpOptions& options = {});
/// One line, without line end: `write g_hits`, `acquire $g.$lock* guard`, `call transfer(&g_a, %1)`.
std::string dump(const Event& event, const DumpOptions& options = {});
/// `if n > 0 tests $n`.
std::string dump(const Branch& branch, const DumpOptions& options = {});
/// One line: `share i from 0 to n-1 (omp for)`.
std::string dump(const Region& region);
/// `guarded by this.mu`.
std::string dump(const Guard& guard, const DumpOptions& options = {});
/// `requires this.mu shared`.
std::string dump(const Contract& contract, const DumpOptions& options = {});
/// A head line, then a line for each event, indented; `block N -> M` lines where there is more than one block.
std::string dump(const Function& function, const DumpOptions& options = {});
std::string dump(const TuFacts& facts, const DumpOptions& options = {});

}  // namespace deadheat
