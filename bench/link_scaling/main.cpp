// Links and checks one generated program, from facts archives as the tool reads them, and prints one line of figures.
//
//   deadheat_link_scaling FUNCTIONS
//
// Columns: functions, units, seconds of link without those to make and write the facts, seconds of checks, peak MB,
// findings, facts dropped by the limits of summaries. Seconds are CPU time.
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

/// The units, made whenever they are asked for and read from archives as the tool does.
class GeneratedUnits : public Units {
 public:
  explicit GeneratedUnits(const GeneratedProgram& program) : program_(program) {}
  std::size_t count() const override { return program_.units(); }
  std::optional<TuFacts> read(std::size_t number) override {
    const double start = seconds();
    const std::string archive = writeFacts(program_.unit(static_cast<std::uint32_t>(number)));
    making += seconds() - start;
    return llvm::cantFail(readFacts(archive, "generated"));
  }

  double making = 0;  ///< Seconds that are not link's.

 private:
  const GeneratedProgram& program_;
};

int measure(std::size_t functions) {
  const GeneratedProgram generated(functions);
  GeneratedUnits units(generated);
  double start = seconds();
  const Program program = link(units);
  const double linking = seconds() - start - units.making;
  std::vector<const Check*> checks;
  for (const Check& check : allChecks())
    if (check.isStatic()) checks.push_back(&check);
  start = seconds();
  const std::size_t findings = runChecks(checks, program).size();
  const double checking = seconds() - start;
  const LinkStatistics& figures = program.statistics();
  std::printf("%zu %u %.2f %.2f %ld %zu %zu\n", figures.functions, generated.units(), linking, checking,
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
