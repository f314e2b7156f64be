// One race as the checks describe it, over a source file that exists: what the format tests render.
#pragma once

#include "tests/support/temporary_folder.h"
#include "tool/report/report.h"

namespace deadheat {

struct SampleReport {
  TemporaryFolder folder;
  std::string header = folder.write("src/counter.h",
                                    "struct Counter {\n"
                                    "  void add() { Guard g(mu); hits++; }\n"
                                    "  /* é */ void reset() { hits = 0; }\n"
                                    "};\n");
  std::string main = folder.write("src/main.cpp", "int main() {\n  std::thread worker(work);\n}\n");
  Report report;

  SampleReport() {
    report.command = "check";
    report.root = folder.path().string();
    report.findings.push_back(race());
  }

  Finding race() const {
    SourcePoint read{header, 2, 29};
    SourcePoint write{header, 3, 27};
    Finding finding;
    finding.check = "data-race";
    finding.message = "'Counter::hits' is written in 'Counter::reset' while 'Counter::add' changes it";
    finding.location = write;
    finding.confidence = Confidence::High;
    finding.confidenceReason = "both name the same object";
    finding.subjects = {"Counter::hits"};
    finding.functions = {"Counter::add", "Counter::reset"};
    finding.fixHint = "hold 'mu' in 'Counter::reset' too";
    finding.sites = {{Site::Kind::Write, write, "Counter::reset", {}}, {Site::Kind::Read, read, "Counter::add", {}}};
    using Kind = WitnessStep::Kind;
    WitnessStep spawn{Kind::Spawn, {main, 2, 15}, "main", "starts thread 'work'", {}, 1};
    WitnessStep reset{Kind::Write, write, "Counter::reset", "writes 'hits'", {}, 4};
    WitnessStep lock{Kind::Acquire, {header, 2, 22}, "Counter::add", "locks 'mu'", {}, 2};
    WitnessStep add{Kind::Read, read, "Counter::add", "reads 'hits'", {"mu"}, 3};
    finding.witness = {{"main", {spawn, reset}}, {"thread 'work'", {lock, add}}};
    return finding;
  }
};

}  // namespace deadheat
