#include "tool/confirm/match.h"

#include <algorithm>

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

/// Both name one variable and it is the same: the same global, or a member of the same name that one of the same
/// functions touches. Phrases for unnamed memory are nobody's name.
bool sameVariable(const Finding& seen, const Finding& suspected) {
  if (seen.subjects.size() != 1 || suspected.subjects.size() != 1 || llvm::StringRef(seen.subjects[0]).contains(' '))
    return false;
  const std::string left = plainName(seen.subjects[0]), right = plainName(suspected.subjects[0]);
  return left == right || (lastComponent(left) == lastComponent(right) && shareFunction(seen, suspected));
}

bool isRace(const Finding& finding) {
  return finding.sites.size() == 2 && std::none_of(finding.sites.begin(), finding.sites.end(), [](const Site& site) {
           return site.kind == Site::Kind::Acquire;
         });
}

bool sameAccesses(const Finding& seen, const Finding& suspected) {
  const WitnessThread &a = seen.witness[0], &b = seen.witness[1];
  const SourcePoint &left = suspected.sites[0].point, &right = suspected.sites[1].point;
  return (at(a, left) && at(b, right)) || (at(a, right) && at(b, left));
}

bool isLockHazard(const Finding& finding) {
  return !finding.sites.empty() && std::all_of(finding.sites.begin(), finding.sites.end(), [](const Site& site) {
    return site.kind == Site::Kind::Acquire;
  });
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

}  // namespace

bool showsTheSame(const DynamicFinding& seen, const Finding& suspected) {
  switch (seen.what) {
    case DynamicFinding::What::Race:
      if (!isRace(suspected) || seen.finding.witness.size() != 2) return false;
      return sameAccesses(seen.finding, suspected) ||
             (sameVariable(seen.finding, suspected) &&
              plainNames(seen.finding.functions) == plainNames(suspected.functions));
    case DynamicFinding::What::LockCycle:
    case DynamicFinding::What::Deadlock:
      return isLockHazard(suspected) && sameAcquisitions(seen.finding, suspected);
    case DynamicFinding::What::Misuse: break;
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
