#include "tool/confirm/match.h"

#include <algorithm>

#include "analyzers/checks/check.h"
#include "llvm/ADT/StringRef.h"
#include "tool/symbols/source_path.h"

namespace deadheat {
namespace {

/// Frames of user code, from the innermost, in which an operation may be said to be: wrappers count as their callers.
constexpr std::size_t kNearFrames = 3;

bool at(const WitnessThread& thread, const SourcePoint& point) {
  std::size_t looked = 0;
  for (auto step = thread.steps.rbegin(); step != thread.steps.rend() && looked < kNearFrames; ++step, ++looked) {
    if (step->kind == WitnessStep::Kind::Spawn) return false;
    if (step->point.line == point.line && sameSource(step->point.file, point.file)) return true;
  }
  return false;
}

bool atAny(const WitnessThread& thread, const std::vector<Site>& sites) {
  return std::any_of(sites.begin(), sites.end(), [&](const Site& site) { return at(thread, site.point); });
}

/// Name without parameters, template arguments and closing brackets, to compare spellings from two sources.
std::string plainName(llvm::StringRef name) {
  std::string out;
  int depth = 0;
  for (char c : name) {
    if (c == '<' || c == '(') ++depth;
    if (depth == 0 && c != ' ') out += c;
    if (c == '>' || c == ')') --depth;
  }
  return out;
}

/// `hits` of `Stats::hits`, `g_stats.hits` and `g_stats.hits[]`.
std::string lastComponent(const std::string& plain) {
  const llvm::StringRef name = llvm::StringRef(plain).split('[').first;
  const std::size_t end = name.find_last_of(":.");
  return name.substr(end == llvm::StringRef::npos ? 0 : end + 1).str();
}

std::vector<std::string> plainNames(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) out.push_back(plainName(name));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool shareFunction(const Finding& a, const Finding& b) {
  const std::vector<std::string> left = plainNames(a.functions), right = plainNames(b.functions);
  return std::any_of(left.begin(), left.end(),
                     [&](const std::string& name) { return std::binary_search(right.begin(), right.end(), name); });
}

/// The same global, or a member of the same name that one of the same functions touches. Phrases for unnamed memory are
/// nobody's name.
bool sameName(const std::string& subject, const Finding& seen, const std::string& other, const Finding& suspected) {
  if (llvm::StringRef(subject).contains(' ')) return false;
  const std::string left = plainName(subject), right = plainName(other);
  return left == right || (lastComponent(left) == lastComponent(right) && shareFunction(seen, suspected));
}

/// Both name one variable and it is the same.
bool sameVariable(const Finding& seen, const Finding& suspected) {
  return seen.subjects.size() == 1 && suspected.subjects.size() == 1 &&
         sameName(seen.subjects[0], seen, suspected.subjects[0], suspected);
}

bool shareSubject(const Finding& seen, const Finding& suspected) {
  return std::any_of(seen.subjects.begin(), seen.subjects.end(), [&](const std::string& subject) {
    return std::any_of(suspected.subjects.begin(), suspected.subjects.end(),
                       [&](const std::string& other) { return sameName(subject, seen, other, suspected); });
  });
}

bool isRace(const Finding& finding) {
  return finding.sites.size() == 2 && std::all_of(finding.sites.begin(), finding.sites.end(), [](const Site& site) {
           return site.kind == Site::Kind::Read || site.kind == Site::Kind::Write;
         });
}

bool sameAccesses(const Finding& seen, const Finding& suspected) {
  const WitnessThread &a = seen.witness[0], &b = seen.witness[1];
  const SourcePoint &left = suspected.sites[0].point, &right = suspected.sites[1].point;
  return (at(a, left) && at(b, right)) || (at(a, right) && at(b, left));
}

bool isLockHazard(const Finding& finding) {
  return !finding.sites.empty() && std::all_of(finding.sites.begin(), finding.sites.end(),
                                               [](const Site& site) { return site.kind == Site::Kind::Acquire; });
}

bool sameAcquisitions(const Finding& seen, const Finding& suspected) {
  const bool allThere = std::all_of(seen.witness.begin(), seen.witness.end(),
                                    [&](const WitnessThread& thread) { return atAny(thread, suspected.sites); });
  const bool allTaken = std::all_of(suspected.sites.begin(), suspected.sites.end(), [&](const Site& site) {
    return std::any_of(seen.witness.begin(), seen.witness.end(),
                       [&](const WitnessThread& thread) { return at(thread, site.point); });
  });
  return !seen.witness.empty() && allThere && allTaken;
}

bool comesBy(const WitnessThread& thread, const SourcePoint& point) {
  return std::ranges::any_of(thread.steps, [&](const WitnessStep& step) {
    return step.point.line == point.line && sameSource(step.point.file, point.file);
  });
}

/// A variable's end and its use, where the finding says that a thread is given its address.
bool usesWhatWasLent(const Finding& seen, const Finding& suspected) {
  if (seen.check != "captured-reference") return false;
  return std::ranges::any_of(suspected.sites, [&](const Site& site) {
    return site.kind == Site::Kind::Lend &&
           std::ranges::any_of(seen.witness, [&](const WitnessThread& thread) { return comesBy(thread, site.point); });
  });
}

/// The thread that was given the address of its starter's thread_local, and the starter, both at memory without a name.
bool sharesThreadLocal(const Finding& seen, const Finding& suspected) {
  if (suspected.check != "tls-escape" || seen.subjects.size() != 1 || !llvm::StringRef(seen.subjects[0]).contains(' '))
    return false;
  const auto lentBy = [&](const WitnessThread& thread, const WitnessThread& starter) {
    return !starter.steps.empty() && std::ranges::any_of(suspected.sites, [&](const Site& site) {
      return site.kind == Site::Kind::Lend && comesBy(thread, site.point) &&
             plainName(starter.steps.back().function) == plainName(site.function);
    });
  };
  return lentBy(seen.witness[0], seen.witness[1]) || lentBy(seen.witness[1], seen.witness[0]);
}

/// A step of one of the finding's threads, or how it was started.
bool comesByStepOf(const WitnessThread& thread, const Finding& finding) {
  return std::ranges::any_of(finding.witness, [&](const WitnessThread& other) {
    return std::ranges::any_of(other.steps, [&](const WitnessStep& step) { return comesBy(thread, step.point); });
  });
}

/// A promise destroyed without a result, where the finding says that one is left so. A parameter ends in its caller,
/// who is in the finding's witness.
bool leavesThePromise(const Finding& seen, const Finding& suspected) {
  return seen.check == "promise-misuse" && suspected.check == seen.check && seen.witness.size() > 1 &&
         comesByStepOf(seen.witness[1], suspected);
}

/// A promise kept or a future asked that the finding says is done with.
bool misusesTheResult(const Finding& seen, const Finding& suspected) {
  return seen.check == "promise-misuse" && suspected.check == seen.check && seen.witness.size() == 1 &&
         atAny(seen.witness[0], suspected.sites);
}

bool endsInHang(const Finding& finding) {
  const Check* check = findCheck(finding.check);
  return check && check->info.endsInHang;
}

/// Where the finding's own threads wait or take locks.
std::vector<Site> waitsOf(const Finding& finding) {
  std::vector<Site> waits;
  for (const WitnessThread& thread : finding.witness)
    for (const WitnessStep& step : thread.steps)
      if (step.kind == WitnessStep::Kind::Wait || step.kind == WitnessStep::Kind::Acquire)
        waits.push_back({Site::Kind::Acquire, step.point, step.function, {}});
  return waits;
}

/// A thread of the deadlock waits for what the finding is about, or at one of its places, or holds what was taken
/// there.
bool hangsThere(const Finding& seen, const Finding& suspected) {
  if (shareSubject(seen, suspected)) return true;
  const std::vector<Site> waits = waitsOf(suspected);
  const bool heldSinceThere = std::any_of(seen.sites.begin(), seen.sites.end(), [&](const Site& site) {
    return std::any_of(waits.begin(), waits.end(), [&](const Site& wait) {
      return site.heldSince.line == wait.point.line && sameSource(site.heldSince.file, wait.point.file);
    });
  });
  if (heldSinceThere) return true;
  return std::any_of(seen.witness.begin(), seen.witness.end(), [&](const WitnessThread& thread) {
    return at(thread, suspected.location) || atAny(thread, suspected.sites) || atAny(thread, suspected.places) ||
           atAny(thread, waits);
  });
}

bool passes(const WitnessThread& thread, const SourcePoint& point) {
  return std::any_of(thread.steps.begin(), thread.steps.end(), [&](const WitnessStep& step) {
    return step.kind != WitnessStep::Kind::Spawn && step.point.line == point.line &&
           sameSource(step.point.file, point.file);
  });
}

bool passesOne(const WitnessThread& thread, const Finding& finding) {
  return passes(thread, finding.location) || atAny(thread, finding.sites) || atAny(thread, finding.places);
}

/// What the check says that comes of it, where it says. Of a race, on both sides. The end of a scope may have any line,
/// so where the program gives up the function will do.
bool comesOf(const Finding& seen, const Finding& suspected) {
  const Check* check = findCheck(suspected.check);
  if (check == nullptr || std::ranges::count(check->info.shownBy, seen.check) == 0 || seen.witness.empty())
    return false;
  if (seen.check == "assertion" && shareFunction(seen, suspected)) return true;
  const auto there = [&](const WitnessThread& thread) { return passesOne(thread, suspected); };
  return seen.check == "data-race" ? std::ranges::all_of(seen.witness, there)
                                   : std::ranges::any_of(seen.witness, there);
}

bool isOfTasks(const Finding& finding) {
  const Check* check = findCheck(finding.check);
  return check && check->info.ofTasks;
}

/// The thread's deed is at a site of the finding or at a step of its witness.
bool atAnyStep(const WitnessThread& deed, const Finding& suspected) {
  if (atAny(deed, suspected.sites) || atAny(deed, suspected.places)) return true;
  return std::any_of(suspected.witness.begin(), suspected.witness.end(), [&](const WitnessThread& thread) {
    return std::any_of(thread.steps.begin(), thread.steps.end(),
                       [&](const WitnessStep& step) { return at(deed, step.point); });
  });
}

/// Something is used after it was freed, where the finding says that a task goes on with it.
bool usesWhatWasFreed(const Finding& seen, const Finding& suspected) {
  if (seen.witness.size() < 2 || seen.witness[0].steps.empty()) return false;
  const bool freed = seen.witness[0].steps.back().kind == WitnessStep::Kind::Free;
  return freed && atAnyStep(seen.witness[1], suspected);
}

/// What the check itself tells of at one of the finding's places, or its lock given back by whom it does not belong to.
bool misusesTheSame(const Finding& seen, const Finding& suspected) {
  if (seen.witness.empty()) return false;
  if (seen.check == suspected.check) return atAnyStep(seen.witness[0], suspected);
  return seen.check == "lock-misuse" && shareSubject(seen, suspected);
}

}  // namespace

bool showsTheSame(const DynamicFinding& seen, const Finding& suspected) {
  if (comesOf(seen.finding, suspected)) return true;
  switch (seen.what) {
    case DynamicFinding::What::Race:
      if (usesWhatWasLent(seen.finding, suspected)) return true;
      if (isOfTasks(suspected) && usesWhatWasFreed(seen.finding, suspected)) return true;
      if (seen.finding.witness.size() != 2) return false;
      if (sharesThreadLocal(seen.finding, suspected)) return true;
      if (!isRace(suspected)) return false;
      return sameAccesses(seen.finding, suspected) ||
             (sameVariable(seen.finding, suspected) &&
              plainNames(seen.finding.functions) == plainNames(suspected.functions));
    case DynamicFinding::What::Deadlock:
      if (endsInHang(suspected) && hangsThere(seen.finding, suspected)) return true;
      [[fallthrough]];
    case DynamicFinding::What::LockCycle:
      return isLockHazard(suspected) && sameAcquisitions(seen.finding, suspected);
    case DynamicFinding::What::Misuse:
      if (leavesThePromise(seen.finding, suspected) || misusesTheResult(seen.finding, suspected)) return true;
      return isOfTasks(suspected) && misusesTheSame(seen.finding, suspected);
    case DynamicFinding::What::Gap:
    case DynamicFinding::What::Blocked:
    case DynamicFinding::What::Crash:
      break;
  }
  return false;
}

bool partOf(const DynamicFinding& seen, const Finding& suspected) {
  if (showsTheSame(seen, suspected)) return true;
  if (seen.what != DynamicFinding::What::Race || !isRace(suspected)) return false;
  return sameVariable(seen.finding, suspected) ||
         std::all_of(seen.finding.witness.begin(), seen.finding.witness.end(), [&](const WitnessThread& thread) {
           return atAny(thread, suspected.sites) || atAny(thread, suspected.places);
         });
}

}  // namespace deadheat
