// shared-ptr-race: threads change or read one shared_ptr object while another changes it.
#include "analyzers/checks/check.h"
#include "analyzers/checks/race_pairs.h"
#include "analyzers/checks/witness.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

/// An operation of a pointer that counts its owners, whatever library it is of.
bool isCounted(const AccessFact& fact) {
  if (!fact.facts) return false;
  const llvm::StringRef owner = llvm::StringRef(fact.facts->operation).rsplit("::").first;
  return owner.ends_with("shared_ptr") || owner.ends_with("weak_ptr");
}

bool recognise(const Program& program, const RacePair& pair, Finding& finding) {
  if (!isCounted(pair.a->fact) || !isCounted(pair.b->fact)) return false;
  finding.check = "shared-ptr-race";
  finding.message = "Threads use the same shared_ptr object " + quoted(finding.subjects.front()) +
                    " while one changes it: " + meetingText(program, pair);
  finding.fixHint = "Make it std::atomic<std::shared_ptr<T>>, or copy and assign it under one lock.";
  return true;
}

constexpr std::string_view kAbsorbed[] = {"data-race"};

constexpr CheckInfo kInfo = {
    .id = "shared-ptr-race",
    .title = "Threads use one shared_ptr object while another changes it",
    .reason =
        R"(What several shared_ptrs count together, the owners of the object, is safe to change from any thread. The shared_ptr
object itself is not: it is two plain pointers, and assigning, resetting or swapping it while another thread copies it
races on both. The copy may pair the old object with the new count, and take an owner from an object that is already
deleted: a use after free far from the cause.

Each thread with a copy of its own is fine. One shared_ptr in a field or global that threads copy from while somebody
assigns it is not.)",
    .example = R"(std::shared_ptr<const Config> current;

void reload() { current = std::make_shared<const Config>(readConfig()); }

void serve() {
  std::shared_ptr<const Config> config = current;  // races with reload()
  use(*config);
})",
    .fix =
        R"(C++20 has an atomic one:

  std::atomic<std::shared_ptr<const Config>> current;
  void reload() { current.store(std::make_shared<const Config>(readConfig())); }
  void serve()  { auto config = current.load(); use(*config); }

Before that, std::atomic_load and std::atomic_store of the shared_ptr at every use, or a mutex round the copy and round
the assignment. Hold it for the copy only.)",
    .cwe = "CWE-362",
    .absorbs = kAbsorbed,
};

}  // namespace

extern const Check kSharedPtrRace;
const Check kSharedPtrRace = {.info = kInfo, .recognise = recognise};

}  // namespace deadheat
