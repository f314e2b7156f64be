#include "analyzers/extract/parse.h"

#include <algorithm>

#include "analyzers/extract/arguments.h"
#include "analyzers/extract/collect.h"
#include "analyzers/extract/openmp_header.h"
#include "analyzers/extract/source_files.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendActions.h"
#include "clang/Frontend/Utils.h"
#include "clang/Lex/LexDiagnostic.h"
#include "clang/Lex/PreprocessorOptions.h"
#include "clang/Sema/Sema.h"
#include "clang/Sema/SemaConsumer.h"

namespace deadheat {
namespace {

/// Turns errors into Diagnostics. Warnings are off.
class DiagnosticKeeper : public clang::DiagnosticConsumer {
 public:
  explicit DiagnosticKeeper(TuFacts& facts) : facts_(facts) {}

  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) override {
    clang::DiagnosticConsumer::HandleDiagnostic(level, info);
    if (level < clang::DiagnosticsEngine::Error || kept_ >= kMostKept) return;
    ++kept_;
    llvm::SmallString<256> text;
    info.FormatDiagnostic(text);
    if (!info.getLocation().isValid())
      quoted_.push_back(llvm::StringRef(text).split('\'').second.split('\'').first.str());
    std::string message;
    if (info.hasSourceManager() && info.getLocation().isValid()) {
      const clang::PresumedLoc place = info.getSourceManager().getPresumedLoc(info.getLocation());
      if (place.isValid())
        message = std::string(place.getFilename()) + ":" + std::to_string(place.getLine()) + ":" +
                  std::to_string(place.getColumn()) + ": ";
    }
    if (info.getID() == clang::diag::err_pp_file_not_found)
      message += "header '" + info.getArgStdStr(0) + "' not found (generated header? build the project once first)";
    else
      message += text.str();
    facts_.diagnostics.push_back({Diagnostic::Severity::Error, {}, std::move(message)});
  }

  /// The first quoted word of each error that stands nowhere in the source: a flag or its value.
  const std::vector<std::string>& quoted() const { return quoted_; }

 private:
  static constexpr unsigned kMostKept = 20;
  std::vector<std::string> quoted_;
  TuFacts& facts_;
  unsigned kept_ = 0;
};

/// Skips bodies in system headers and collects facts at the end.
class FactsConsumer : public clang::SemaConsumer {
 public:
  FactsConsumer(const ModelSet& models, TuFacts& facts) : models_(models), facts_(facts) {}

  void InitializeSema(clang::Sema& sema) override { sema_ = &sema; }
  void ForgetSema() override { sema_ = nullptr; }
  bool shouldSkipFunctionBody(clang::Decl* decl) override {
    const clang::SourceManager& sources = decl->getASTContext().getSourceManager();
    return sources.isInSystemHeader(sources.getExpansionLoc(decl->getLocation()));
  }
  /// The unit has been parsed by now. What is made of its templates from here on is what it never asked for itself, and
  /// whether that compiles is no matter of the unit's.
  void HandleTranslationUnit(clang::ASTContext& ast) override {
    clang::DiagnosticsEngine& diagnostics = ast.getDiagnostics();
    diagnostics.setSuppressAllDiagnostics(true);
    collectFacts(*sema_, ast, models_, facts_);
    diagnostics.setSuppressAllDiagnostics(false);
  }

 private:
  const ModelSet& models_;
  TuFacts& facts_;
  clang::Sema* sema_ = nullptr;
};

class FactsAction : public clang::ASTFrontendAction {
 public:
  FactsAction(const ModelSet& models, TuFacts& facts) : models_(models), facts_(facts) {}
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance&, llvm::StringRef) override {
    return std::make_unique<FactsConsumer>(models_, facts_);
  }

 private:
  const ModelSet& models_;
  TuFacts& facts_;
};

bool usesOpenMp(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const std::string& argument) { return llvm::StringRef(argument).starts_with("-fopenmp"); });
}

/// `files` with an omp.h of last resort, which is part of the tool and so no input of the unit.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> withOpenMp(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  memory->addFile(kOpenMpHeader, 0, llvm::MemoryBuffer::getMemBuffer(kOpenMpText, kOpenMpHeader));
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(std::move(files));
  overlay->pushOverlay(memory);
  return overlay;
}

/// The disk with the virtual files on top.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> diskOf(const ExtractOptions& options) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk(llvm::vfs::createPhysicalFileSystem().release());
  if (options.virtualFiles.empty()) return disk;
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const auto& [path, text] : options.virtualFiles)
    memory->addFile(path, 0, llvm::MemoryBuffer::getMemBufferCopy(text, path));
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(disk);
  overlay->pushOverlay(memory);
  return overlay;
}

void configure(clang::CompilerInvocation& invocation) {
  invocation.getFrontendOpts().SkipFunctionBodies = true;
  invocation.getFrontendOpts().DisableFree = false;
  invocation.getFrontendOpts().ProgramAction = clang::frontend::ParseSyntaxOnly;
  invocation.getFrontendOpts().Plugins.clear();
  invocation.getPreprocessorOpts().DisablePCHOrModuleValidation = clang::DisableValidationForModuleKind::All;
  invocation.getLangOpts().CommentOpts.ParseAllComments = false;
  invocation.getLangOpts().SpellChecking = false;
  invocation.getDiagnosticOpts().IgnoreWarnings = true;
  // Whatever compilers can be told to accept is accepted: other ones do so without being told.
  invocation.getDiagnosticOpts().Warnings = {"no-everything"};
  invocation.getDiagnosticOpts().ShowCarets = false;
  invocation.getDependencyOutputOpts() = clang::DependencyOutputOptions();
}

/// One run of the front end. The words that errors about the command line quote.
std::vector<std::string> run(const std::vector<std::string>& adjusted,
                             llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, const ModelSet& models,
                             Extraction& result) {
  DiagnosticKeeper keeper(result.facts);
  std::vector<const char*> arguments;
  for (const std::string& argument : adjusted) arguments.push_back(argument.c_str());
  clang::CreateInvocationOptions invocationOptions;
  invocationOptions.Diags = clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions, &keeper, false);
  invocationOptions.VFS = files;
  std::shared_ptr<clang::CompilerInvocation> invocation = clang::createInvocation(arguments, invocationOptions);
  if (!keeper.quoted().empty()) return keeper.quoted();
  if (!invocation || invocation->getFrontendOpts().Inputs.empty()) {
    result.facts.diagnostics.push_back(
        {Diagnostic::Severity::Error, {}, result.facts.mainFile + ": the compile command names no source file"});
    return {};
  }
  configure(*invocation);
  clang::CompilerInstance compiler;
  compiler.setInvocation(invocation);
  compiler.setFileManager(new clang::FileManager(invocation->getFileSystemOpts(), files));
  compiler.createDiagnostics(&keeper, /*ShouldOwnClient=*/false);
  FactsAction action(models, result.facts);
  const bool ran = compiler.ExecuteAction(action);
  result.parsed = ran && !compiler.getDiagnostics().hasErrorOccurred();
  return result.parsed ? std::vector<std::string>() : keeper.quoted();
}

/// Moves the flag that an error quotes from `arguments` to `dropped`: the flag itself or one with that value.
bool dropFlag(AdjustedArguments& adjusted, const std::string& word) {
  for (auto each = adjusted.arguments.begin(); each != adjusted.arguments.end(); ++each) {
    const llvm::StringRef argument = *each;
    if (word.empty() || !argument.starts_with("-") || argument.starts_with("-resource-dir")) continue;
    if (argument != word && !argument.ends_with("=" + word)) continue;
    adjusted.dropped.push_back(*each);
    adjusted.arguments.erase(each);
    return true;
  }
  return false;
}

}  // namespace

void parseAndCollect(const CompileCommand& command, const ModelSet& models, const ExtractOptions& options,
                     Extraction& result) {
  auto fail = [&](std::string message) {
    result.facts.diagnostics.push_back({Diagnostic::Severity::Error, {}, std::move(message)});
  };
  llvm::Expected<std::string> resources = findResourceDirectory(options.resourceDirectory);
  if (!resources) return fail(llvm::toString(resources.takeError()));
  SourceFiles own(diskOf(options));
  SourceFiles& shared = options.files ? *options.files : own;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files = shared.view(command.directory, result.inputs);
  AdjustedArguments adjusted = adjustArguments(command, *resources, *files);
  if (usesOpenMp(adjusted.arguments)) {
    adjusted.arguments.insert(adjusted.arguments.end(), {"-idirafter", kOpenMpFolder});
    files = withOpenMp(files);
  }
  // Flags that Clang knows but not for this target show only when it is asked: each round drops those.
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds; ++round) {
    bool dropped = false;
    for (const std::string& word : run(adjusted.arguments, files, models, result))
      dropped = dropFlag(adjusted, word) || dropped;
    if (!dropped) break;
    result.facts.diagnostics.clear();
  }
  result.droppedFlags = adjusted.dropped;
}

}  // namespace deadheat
