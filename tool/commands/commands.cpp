#include "tool/commands/command.h"

namespace deadheat {

Action declareCheck(CLI::App& app, const Trailing& trailing);
Action declareHunt(CLI::App& app, const Trailing& trailing);
Action declareRun(CLI::App& app, const Trailing& trailing);
Action declareExplore(CLI::App& app, const Trailing& trailing);
Action declareMerge(CLI::App& app, const Trailing& trailing);
Action declareReplay(CLI::App& app, const Trailing& trailing);
Action declareVerifyFix(CLI::App& app, const Trailing& trailing);
Action declareConfirm(CLI::App& app, const Trailing& trailing);
Action declareCc(CLI::App& app, const Trailing& trailing);
Action declareCxx(CLI::App& app, const Trailing& trailing);
Action declareReport(CLI::App& app, const Trailing& trailing);
Action declareExplain(CLI::App& app, const Trailing& trailing);
Action declareListChecks(CLI::App& app, const Trailing& trailing);
Action declareCache(CLI::App& app, const Trailing& trailing);
Action declareSummarize(CLI::App& app, const Trailing& trailing);

namespace {

constexpr CommandRow kCommands[] = {
    {"check", "find hazards in source code: all of compile_commands.json, or of a build it watches", declareCheck},
    {"cc", "compile C so that `run` and `confirm` can watch it; use as CC or compiler launcher", declareCc},
    {"c++", "compile C++ so that `run` and `confirm` can watch it; use as CXX or compiler launcher", declareCxx},
    {"run", "run a program built with `deadheat cc` or `c++` and report what it did wrong", declareRun},
    {"explore", "run a program under many schedules; each failure with the shortest that brings it about", declareExplore},
    {"merge", "several explorations of one program, made by shards or machines, as one", declareMerge},
    {"replay", "run a schedule that `explore` or `hunt` found again, step for step", declareReplay},
    {"verify-fix", "try a schedule that failed, and what is near it, on the program that was mended", declareVerifyFix},
    {"confirm", "steer a program towards each finding of a findings file and set its verdict", declareConfirm},
    {"hunt", "check, confirm and report in one go", declareHunt},
    {"report", "show findings files again, in any format", declareReport},
    {"explain", "what a check finds, why that is a bug and how to mend it", declareExplain},
    {"list-checks", "all checks", declareListChecks},
    {"cache", "the cache of facts: how much there is (`stats`), taking away what is old (`gc`)", declareCache},
    {"summarize", "write the facts of single source files, for build systems and the curious", declareSummarize},
};

}  // namespace

std::span<const CommandRow> allCommands() { return kCommands; }

}  // namespace deadheat
