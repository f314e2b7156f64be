#include "analyzers/extract/extract.h"

#include <chrono>
#include <mutex>

#include "analyzers/extract/arguments.h"
#include "analyzers/extract/collect.h"
#include "analyzers/extract/parse.h"
#include "clang/Basic/Version.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/thread.h"

namespace deadheat {
namespace {

constexpr unsigned kStackBytes = 64U << 20;

void addError(TuFacts& facts, std::string message) {
  facts.diagnostics.push_back({Diagnostic::Severity::Error, {}, std::move(message)});
}

/// Whether `work` came to its end.
bool runOnLargeStack(ExtractOptions::Crash crash, llvm::function_ref<void()> work) {
  if (crash == ExtractOptions::Crash::Ends) {
    llvm::thread(std::optional<unsigned>(kStackBytes), work).join();
    return true;
  }
  static std::once_flag once;
  std::call_once(once, [] { llvm::CrashRecoveryContext::Enable(); });
  llvm::CrashRecoveryContext recovery;
  return recovery.RunSafelyOnThread(work, kStackBytes);
}

std::string absolutePath(const CompileCommand& command) {
  llvm::SmallString<256> path(command.file);
  llvm::sys::fs::make_absolute(command.directory, path);
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  return std::string(path);
}

}  // namespace

std::string frontEndVersion() { return clang::getClangFullVersion(); }

Extraction extract(const CompileCommand& command, const ModelSet& models, const ExtractOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  Extraction result;
  result.facts.mainFile = absolutePath(command);
  result.facts.files.emplace_back();
  const bool survived = runOnLargeStack(options.crash, [&] { parseAndCollect(command, models, options, result); });
  if (!survived) {
    TuFacts empty;
    empty.mainFile = result.facts.mainFile;
    empty.files.emplace_back();
    result.facts = std::move(empty);
    result.parsed = false;
    addError(result.facts, result.facts.mainFile + ": Clang crashed while it was extracted; the unit is left out");
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace deadheat
