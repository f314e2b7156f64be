#include "tool/compiler/instrument.h"

#include "tool/compiler/arguments.h"

namespace deadheat {
namespace {

using Words = std::vector<std::string>;

void append(Words& words, std::initializer_list<std::string> more) { words.insert(words.end(), more); }

bool links(CompilerStep step) { return step == CompilerStep::Link || step == CompilerStep::SharedLink; }

Words compileFlags(const CompilerArguments& arguments, const CompilerCall& call, const std::string& runtimeDirectory,
                   const std::optional<TargetPlaces>& targets) {
  Words flags;
  CompilerFamily family = call.family;
  if (!links(arguments.step))
    append(flags, {"-fsanitize=thread"});
  else if (family == CompilerFamily::Clang && arguments.otherSanitizers)
    append(flags, {"-Xclang", "-fsanitize=thread"});
  else if (family == CompilerFamily::Clang)
    append(flags, {"-fsanitize=thread", "-fno-sanitize-link-runtime"});
  else
    append(flags, {"-specs=" + runtimeDirectory + "/" + kGccSpecs});
  if (arguments.step == CompilerStep::Preprocess) return flags;
  if (!call.passPlugin.empty()) append(flags, {"-fpass-plugin=" + call.passPlugin});
  if (targets)
    for (std::string& flag : targetFlags(*targets, call.passPlugin, arguments.writesDependencies))
      flags.push_back(std::move(flag));
  else
    append(flags, {"-fno-omit-frame-pointer"});
  if (!arguments.hasDebugInfo) append(flags, {"-g"});
  if (family == CompilerFamily::Gcc) append(flags, {"-Wno-tsan"});
  return flags;
}

/// The archive comes before everything the user links, so that its malloc and pthread functions win.
Words linkFlags(const CompilerArguments& arguments, const std::string& runtimeDirectory) {
  Words flags{"-Wl,--whole-archive", runtimeDirectory + "/" + kRuntimeArchive, "-Wl,--no-whole-archive",
              "-Wl,--dynamic-list=" + runtimeDirectory + "/" + kRuntimeSymbols};
  if (!arguments.hasBuildId) append(flags, {"-Wl,--build-id"});
  append(flags, {"-ldl", "-lpthread"});
  return flags;
}

bool makesCode(const CompilerArguments& arguments) {
  bool codeStep = arguments.step != CompilerStep::Query && arguments.step != CompilerStep::Dependencies;
  return codeStep && arguments.hasSource && !arguments.optsOut;
}

}  // namespace

llvm::Expected<Words> instrument(const CompilerCall& call, const std::string& runtimeDirectory,
                                 const std::optional<TargetPlaces>& targets) {
  CompilerArguments arguments = readArguments(call.arguments);
  if (!arguments.conflict.empty())
    return llvm::createStringError(arguments.conflict +
                                   " cannot be combined with deadheat's runtime: build without it");
  if (targets && makesCode(arguments)) {
    if (llvm::Error error = checkTargetable(call)) return std::move(error);
    if (arguments.hasNoDebugInfo)
      return llvm::createStringError("a targeted build knows its places from debug information: build without -g0");
  }
  Words command = call.program;
  auto add = [&](Words words) { command.insert(command.end(), words.begin(), words.end()); };
  if (makesCode(arguments)) add(compileFlags(arguments, call, runtimeDirectory, targets));
  if (arguments.step == CompilerStep::Link) add(linkFlags(arguments, runtimeDirectory));
  Words cleaned = withoutHindrances(arguments.words, arguments.step);
  add(cleaned == arguments.words ? call.arguments : cleaned);
  return command;
}

}  // namespace deadheat
