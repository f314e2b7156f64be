#include <csignal>
#include <cstring>

#include "llvm/ADT/StringExtras.h"
#include "tool/run/tell.h"

namespace deadheat {
namespace {

/// What an assertion says without the line it stands in, so that it is the same in the next build.
std::string withoutPlace(llvm::StringRef text) { return text.rsplit(" failed at ").first.str(); }

}  // namespace

std::string signalName(int signal) {
  const char* name = sigabbrev_np(signal);
  const char* meaning = sigdescr_np(signal);
  return (name ? "SIG" + std::string(name) : std::to_string(signal)) +
         (meaning ? " (" + llvm::StringRef(meaning).lower() + ")" : "");
}

DynamicFinding tellCrash(const RecordedCrash& crash, const Narrator& narrator) {
  const bool asked = crash.signal == SIGABRT;
  const std::string what = !crash.text.empty() ? crash.text
                           : asked             ? "the program aborts"
                                               : "killed by " + signalName(static_cast<int>(crash.signal));
  DynamicFinding out;
  out.what = DynamicFinding::What::Crash;
  Finding& finding = out.finding;
  finding.check = asked ? "assertion" : "crash";
  finding.witness.push_back(narrator.witness(crash.thread, crash.stack,
                                             {WitnessStep::Kind::Other, asked ? "gives up: " + what : "crashes"}, {}));
  finding.message = inFunction(finding.witness[0]) + ": " + what;
  finding.subjects = {crash.text.empty() ? signalName(static_cast<int>(crash.signal)) : withoutPlace(crash.text)};
  finding.verdict.kind = Verdict::Kind::Confirmed;
  finding.verdict.proof = Verdict::Proof::Caught;
  completeDynamic(finding);
  return out;
}

}  // namespace deadheat
