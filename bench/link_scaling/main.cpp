// Links and checks one generated program, from facts archives as the tool reads them, and prints one line of figures.
//
//   deadheat_link_scaling FUNCTIONS
//
// Columns: functions, units, seconds of link, of them to make and read the facts, seconds of checks, peak MB, findings,
// facts dropped by the limits of summaries. Seconds are CPU time.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>

#include "analyzers/checks/check.h"
#include "analyzers/facts/archive.h"
#include "analyzers/link/program.h"
#include "bench/link_scaling/program.h"

namespace deadheat::bench {
namespace {

double seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

long peakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

/// The facts of all units, as read from archives.
std::vector<TuFacts> unitsOf(const GeneratedProgram& program) {
  std::vector<TuFacts> units;
  for (std::uint32_t u = 0; u < program.units(); ++u)
    units.push_back(llvm::cantFail(readFacts(writeFacts(program.unit(u)), "generated")));
  return units;
}

int measure(std::size_t functions) {
  const GeneratedProgram generated(functions);
  double start = seconds();
  std::vector<TuFacts> units = unitsOf(generated);
  const double reading = seconds() - start;
  start = seconds();
  const Program program = link(std::move(units));
  const double linking = seconds() - start;
  std::vector<const Check*> checks;
  for (const Check& check : allChecks())
    if (check.isStatic()) checks.push_back(&check);
  start = seconds();
  const std::size_t findings = runChecks(checks, program).size();
  const double checking = seconds() - start;
  const LinkStatistics& figures = program.statistics();
  std::printf("%zu %u %.2f %.2f %.2f %ld %zu %zu\n", figures.functions, generated.units(), linking, reading, checking,
              peakMegabytes(), findings,
              std::size_t{figures.dropped.accesses} + figures.dropped.acquires + figures.dropped.operations);
  return 0;
}

}  // namespace
}  // namespace deadheat::bench

int main(int count, char** arguments) {
  if (count != 2) return std::fprintf(stderr, "usage: %s FUNCTIONS\n", arguments[0]), 64;
  return deadheat::bench::measure(std::strtoull(arguments[1], nullptr, 10));
}
