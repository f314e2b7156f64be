// The compiler wrapper as a function from command lines to command lines; nothing is run.
#include <gtest/gtest.h>

#include <algorithm>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "tests/support/temporary_folder.h"
#include "tool/compiler/arguments.h"
#include "tool/compiler/instrument.h"
#include "tool/compiler/targets.h"
#include "tool/compiler/toolchain.h"
#include "tool/report/findings_file.h"

namespace deadheat {
namespace {

using Words = std::vector<std::string>;

/// A machine with clang-19, gcc and the usual links, and nothing in the environment.
Surroundings machine(std::map<std::string, std::string> environment = {},
                     Words programs = {"clang-19", "clang++-19", "gcc", "g++", "cc", "c++"}) {
  return {
      .environment = [environment](const char* name) { return environment.count(name) ? environment.at(name) : ""; },
      .findProgram = [programs](std::string_view name) -> std::optional<std::string> {
        if (std::find(programs.begin(), programs.end(), name) == programs.end()) return std::nullopt;
        return "/usr/bin/" + std::string(name);
      },
      .realPath =
          [](const std::string& path) {
            if (path == "/usr/bin/cc") return std::string("/usr/bin/x86_64-linux-gnu-gcc-12");
            return path == "/usr/bin/c++" ? std::string("/usr/lib/llvm-19/bin/clang") : path;
          },
      .versionText = [](const std::string&) { return std::string("some vendor clang version 17"); }};
}

/// The whole command as one line, runtime in /rt; or the error.
std::string planned(SourceLanguage language, const Words& arguments, const Surroundings& surroundings = machine()) {
  auto call = chooseCompiler(language, arguments, surroundings);
  if (!call) return "error: " + llvm::toString(call.takeError());
  auto command = instrument(*call, "/rt");
  return command ? llvm::join(*command, " ") : "error: " + llvm::toString(command.takeError());
}

std::string cxx(const Words& arguments) { return planned(SourceLanguage::Cxx, arguments); }

const std::string kLink =
    "-Wl,--whole-archive /rt/libdeadheat_rt.a -Wl,--no-whole-archive -Wl,--dynamic-list=/rt/libdeadheat_rt.syms "
    "-Wl,--build-id -ldl -lpthread";

TEST(CompilerWrapper, InstrumentsWhatItCompiles) {
  EXPECT_EQ(cxx({"-c", "a.cpp", "-o", "a.o"}),
            "clang++-19 -fsanitize=thread -fno-omit-frame-pointer -g -c a.cpp -o a.o");
  EXPECT_EQ(cxx({"g++", "-c", "a.cpp"}), "g++ -fsanitize=thread -fno-omit-frame-pointer -g -Wno-tsan -c a.cpp");
}

TEST(CompilerWrapper, LoadsThePassPluginIntoTheClangItIsBuiltFor) {
  auto isClang19 = [](const char* compiler) {
    return chooseCompiler(SourceLanguage::Cxx, {compiler, "-c", "a.cpp"}, machine())->isClang19;
  };
  EXPECT_TRUE(isClang19("clang++-19"));
  EXPECT_TRUE(isClang19("c++")) << "a link to it";
  EXPECT_FALSE(isClang19("clang++-17"));
  EXPECT_FALSE(isClang19("g++"));

  CompilerCall call{{"clang++-19"}, {"-c", "a.cpp"}, CompilerFamily::Clang, true, "/rt/plugin.so"};
  EXPECT_EQ(llvm::join(*instrument(call, "/rt"), " "),
            "clang++-19 -fsanitize=thread -fpass-plugin=/rt/plugin.so -fno-omit-frame-pointer -g -c a.cpp");
  call.arguments = {"-E", "a.cpp"};
  EXPECT_EQ(llvm::join(*instrument(call, "/rt"), " ").find("plugin"), std::string::npos);
}

// ---- Targeted builds -----------------------------------------------------------------------------------------------

/// A findings file with one access.
std::string findingsAt(const TemporaryFolder& folder, const std::string& name, std::uint32_t line, Site::Kind kind) {
  Report report;
  Finding& finding = report.findings.emplace_back();
  finding.sites.push_back({kind, {"/src/a.cpp", line, 3}, "f", {}});
  return folder.write(name, llvm::formatv("{0}", toJson(report)).str());
}

TEST(TargetedBuild, InstrumentsOnlyThePlacesOfFindings) {
  CompilerCall call{{"clang++-19"}, {"-c", "a.cpp", "-MD"}, CompilerFamily::Clang, true, "/rt/plugin.so"};
  TargetPlaces places{"/f.json", "d1"};
  EXPECT_EQ(
      llvm::join(*instrument(call, "/rt", places), " "),
      "clang++-19 -fsanitize=thread -fpass-plugin=/rt/plugin.so -fplugin=/rt/plugin.so "
      "-Xclang -mllvm -Xclang -deadheat-targets=/f.json -Xclang -mllvm -Xclang -deadheat-targets-digest=d1 "
      "-Xclang -mllvm -Xclang -tsan-instrument-func-entry-exit=0 -Xclang -fdepfile-entry=/f.json -g -c a.cpp -MD");
  call.arguments = {"a.o", "-o", "a"};
  EXPECT_EQ(llvm::join(*instrument(call, "/rt", places), " "), "clang++-19 " + kLink + " a.o -o a");
}

TEST(TargetedBuild, NeedsOurPluginAndDebugInformation) {
  auto refusal = [](CompilerCall call) {
    return llvm::toString(instrument(call, "/rt", TargetPlaces{"/f", "d"}).takeError());
  };
  EXPECT_NE(refusal({{"g++"}, {"-c", "a.cpp"}, CompilerFamily::Gcc, false, ""}).find("needs clang 19, not 'g++'"),
            std::string::npos);
  EXPECT_NE(refusal({{"clang++-19"}, {"-c", "a.cpp"}, CompilerFamily::Clang, true, ""}).find("not installed"),
            std::string::npos);
  EXPECT_NE(refusal({{"clang++-19"}, {"-c", "a.cpp", "-g0"}, CompilerFamily::Clang, true, "/p.so"}).find("without -g0"),
            std::string::npos);
  CompilerCall link{{"g++"}, {"a.o"}, CompilerFamily::Gcc, false, ""};
  EXPECT_TRUE(static_cast<bool>(instrument(link, "/rt", TargetPlaces{"/f", "d"}))) << "only compiling minds";
}

TEST(TargetedBuild, TakesTheFileFromTheFirstWordOrTheEnvironment) {
  Surroundings surroundings = machine({{"DEADHEAT_TARGETED", "/e.json"}});
  Words words{"--targeted=/w.json", "g++", "-c"};
  EXPECT_EQ(takeTargetsFile(words, surroundings), "/w.json");
  EXPECT_EQ(words, (Words{"g++", "-c"}));
  EXPECT_EQ(takeTargetsFile(words, surroundings), "/e.json");
  EXPECT_EQ(takeTargetsFile(words, machine()), "");
}

TEST(TargetedBuild, DigestsThePlacesAndNothingElse) {
  TemporaryFolder folder;
  auto digest = [](const std::string& file) { return readTargetPlaces(file)->digest; };
  std::string ten = findingsAt(folder, "ten.json", 10, Site::Kind::Read);
  EXPECT_EQ(digest(ten), digest(findingsAt(folder, "again.json", 10, Site::Kind::Write)));
  EXPECT_NE(digest(ten), digest(findingsAt(folder, "eleven.json", 11, Site::Kind::Read)));
}

TEST(TargetedBuild, SaysWhatIsWrongWithTheFile) {
  TemporaryFolder folder;
  auto error = [](const std::string& file) { return llvm::toString(readTargetPlaces(file).takeError()); };
  EXPECT_NE(error("nowhere.json").find("give an absolute path"), std::string::npos);
  EXPECT_NE(error(folder.write("other.json", "{}")).find("not a findings file"), std::string::npos);
  EXPECT_NE(error(findingsAt(folder, "locks.json", 1, Site::Kind::Acquire)).find("nothing to instrument"),
            std::string::npos);
}

TEST(CompilerWrapper, LinksOurRuntimeAndNeverTheirs) {
  EXPECT_EQ(cxx({"a.o", "-o", "a"}), "clang++-19 " + kLink + " a.o -o a");
  EXPECT_EQ(cxx({"a.o", "-fsanitize=thread", "-o", "a"}), "clang++-19 " + kLink + " a.o -o a");
  EXPECT_EQ(cxx({"a.o", "-fsanitize=undefined,thread"}), "clang++-19 " + kLink + " a.o -fsanitize=undefined");
}

TEST(CompilerWrapper, CompilesAndLinksInOneCommand) {
  EXPECT_EQ(cxx({"a.cpp", "b.o"}),
            "clang++-19 -fsanitize=thread -fno-sanitize-link-runtime -fno-omit-frame-pointer -g " + kLink +
                " a.cpp b.o");
  EXPECT_EQ(cxx({"g++", "a.cpp"}), "g++ -specs=/rt/gcc.specs -fno-omit-frame-pointer -g -Wno-tsan " + kLink + " a.cpp");
}

TEST(CompilerWrapper, LinksTheRuntimeOfAnotherSanitizerInOneCommand) {
  EXPECT_EQ(cxx({"-fsanitize=thread,undefined", "a.cpp"}),
            "clang++-19 -Xclang -fsanitize=thread -fno-omit-frame-pointer -g " + kLink + " -fsanitize=undefined a.cpp");
}

TEST(CompilerWrapper, KeepsTheUsersDebugInformationAndBuildId) {
  EXPECT_EQ(cxx({"-g1", "-c", "a.cpp"}), "clang++-19 -fsanitize=thread -fno-omit-frame-pointer -g1 -c a.cpp");
  EXPECT_EQ(cxx({"-gsplit-dwarf", "-c", "a.cpp"}).find(" -g "), std::string::npos);
  EXPECT_EQ(cxx({"a.o", "-Wl,--build-id=0x12"}).find("-Wl,--build-id "), std::string::npos);
}

TEST(CompilerWrapper, GivesSharedLibrariesNoRuntime) {
  EXPECT_EQ(cxx({"-shared", "a.o", "-o", "a.so"}), "clang++-19 -shared a.o -o a.so");
  EXPECT_EQ(cxx({"-shared", "a.cpp"}),
            "clang++-19 -fsanitize=thread -fno-sanitize-link-runtime -fno-omit-frame-pointer -g -shared a.cpp");
  EXPECT_EQ(cxx({"-shared", "a.o", "-Wl,-z,defs", "-Wl,-O1,--no-undefined,-s"}), "clang++-19 -shared a.o -Wl,-O1,-s");
  EXPECT_EQ(cxx({"-shared", "a.o", "-z", "defs", "-lm"}), "clang++-19 -shared a.o -lm");
}

TEST(CompilerWrapper, LeavesEverythingElseAlone) {
  for (const Words& arguments : std::vector<Words>{{"--version"},
                                                   {"-v"},
                                                   {"-dumpmachine"},
                                                   {"-print-search-dirs"},
                                                   {"-r", "a.o", "b.o", "-o", "c.o"},
                                                   {"-c", "a.s"},
                                                   {"-MM", "a.cpp"},
                                                   {"-fsyntax-only", "a.cpp"},
                                                   {"-fno-sanitize=thread", "-c", "a.cpp"},
                                                   {}})
    EXPECT_EQ(cxx(arguments), arguments.empty() ? "clang++-19" : "clang++-19 " + llvm::join(arguments, " "));
}

TEST(CompilerWrapper, PreprocessesWithTheSameMacros) {
  EXPECT_EQ(cxx({"-E", "a.cpp"}), "clang++-19 -fsanitize=thread -E a.cpp");
}

TEST(CompilerWrapper, KnowsInputsFromOptionValues) {
  EXPECT_EQ(readArguments({"-o", "a.cpp", "-I", "b.cpp", "--version"}).step, CompilerStep::Query);
  EXPECT_TRUE(readArguments({"-x", "c++", "-c", "-"}).hasSource);
  EXPECT_TRUE(readArguments({"-xc", "-c", "conftest"}).hasSource);
  EXPECT_FALSE(readArguments({"-x", "assembler-with-cpp", "-c", "a.c"}).hasSource);
  EXPECT_TRUE(readArguments({"-x", "none", "-c", "a.c"}).hasSource);
  EXPECT_EQ(readArguments({"a.hpp"}).step, CompilerStep::Compile);
}

TEST(CompilerWrapper, LooksIntoResponseFiles) {
  TemporaryFolder folder;
  std::string file = folder.write("objects.rsp", "a.o b.o -o \"my program\"");
  EXPECT_EQ(cxx({"@" + file}), "clang++-19 " + kLink + " @" + file) << "passed on as it was";
}

TEST(CompilerWrapper, SaysWhichFlagsCannotBeCombined) {
  EXPECT_EQ(cxx({"-fsanitize=undefined,address", "-c", "a.cpp"}),
            "error: -fsanitize=address cannot be combined with deadheat's runtime: build without it");
  EXPECT_EQ(cxx({"-static", "a.o"}), "error: -static cannot be combined with deadheat's runtime: build without it");
  EXPECT_EQ(cxx({"-static", "-c", "a.cpp"}).find("error"), std::string::npos) << "only linking minds";
  EXPECT_EQ(cxx({"-fsanitize=address", "--version"}).find("error"), std::string::npos);
}

TEST(CompilerWrapper, TakesTheCompilerFromTheFirstWord) {
  EXPECT_TRUE(planned(SourceLanguage::C, {"/usr/bin/g++-12", "-c", "a.cpp"}).starts_with("/usr/bin/g++-12 "));
  EXPECT_TRUE(
      planned(SourceLanguage::C, {"aarch64-linux-gnu-gcc-12", "--version"}).starts_with("aarch64-linux-gnu-gcc-12 "));
  EXPECT_EQ(cxx({"ccache", "g++", "-c", "a.cpp"}),
            "ccache g++ -fsanitize=thread -fno-omit-frame-pointer -g -Wno-tsan -c a.cpp");
}

TEST(CompilerWrapper, TakesTheCompilerFromTheEnvironmentOrTheMachine) {
  EXPECT_EQ(planned(SourceLanguage::C, {"-v"}, machine({{"DEADHEAT_CC", "ccache gcc"}})), "ccache gcc -v");
  EXPECT_EQ(planned(SourceLanguage::Cxx, {"-v"}, machine({{"DEADHEAT_CC", "gcc"}})), "clang++-19 -v");
  EXPECT_EQ(planned(SourceLanguage::C, {"-v"}, machine({}, {"gcc"})), "gcc -v");
  EXPECT_EQ(planned(SourceLanguage::Cxx, {"-v"}, machine({}, {})),
            "error: no compiler found: install clang-19 or gcc, or set DEADHEAT_CXX");
}

TEST(CompilerWrapper, FindsOutWhatHidesBehindCc) {
  EXPECT_NE(planned(SourceLanguage::C, {"cc", "-c", "a.c"}).find("-Wno-tsan"), std::string::npos);
  EXPECT_EQ(planned(SourceLanguage::C, {"c++", "-c", "a.c"}).find("-Wno-tsan"), std::string::npos);
  EXPECT_EQ(planned(SourceLanguage::C, {"-c", "a.c"}, machine({{"DEADHEAT_CC", "vendorcc"}})).find("-Wno-tsan"),
            std::string::npos);
}

}  // namespace
}  // namespace deadheat
