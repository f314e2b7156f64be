#include "analyzers/checks/likewise.h"

#include <algorithm>
#include <map>
#include <string>

#include "analyzers/checks/witness.h"

namespace deadheat {
namespace {

using Way = std::vector<std::string>;

std::string placeText(const SourcePoint& point) {
  return point.file + ":" + std::to_string(point.line) + ":" + std::to_string(point.column);
}

bool leads(const WitnessStep& step) {
  return step.kind == WitnessStep::Kind::Call || step.kind == WitnessStep::Kind::Spawn;
}

/// The calls by which each thread comes to what it does; empty if one of them makes none, so that it stands on the spot.
Way callsOf(const Finding& finding, std::size_t most) {
  Way way;
  for (const WitnessThread& thread : finding.witness) {
    way.push_back(thread.name);
    std::size_t calls = 0;
    for (const WitnessStep& step : thread.steps) {
      if (!leads(step) || calls >= most) continue;
      calls += step.kind == WitnessStep::Kind::Call;
      way.push_back(placeText(step.point));
    }
    if (calls == 0) return {};
    if (most > 1) way.push_back(thread.steps.back().function);
  }
  return way;
}

/// Where the thread starts that is given the locals, and whose they are.
Way startsOf(const Finding& finding) {
  Way way = finding.functions;
  for (const WitnessThread& thread : finding.witness) {
    for (const WitnessStep& step : thread.steps)
      if (step.kind == WitnessStep::Kind::Spawn) way.push_back(placeText(step.point));
  }
  return way.size() > finding.functions.size() ? way : Way{};
}

/// What findings of one cause have in common; empty if this one stands for itself.
Way wayOf(const Finding& finding) {
  constexpr std::size_t kAll = 1000;
  Way way;
  if (finding.check == "data-race")
    way = callsOf(finding, kAll);
  else if (finding.check == "lock-destroyed" && finding.witness.size() > 1)
    way = callsOf(finding, 1);
  else if (finding.check == "captured-reference")
    way = startsOf(finding);
  if (way.empty()) return way;
  way.push_back(finding.check);
  way.push_back(std::to_string(static_cast<int>(finding.confidence)));  // A doubt about one is none about the others.
  return way;
}

void add(Finding& teller, const Finding& told, std::vector<std::string>& names) {
  for (const std::string& subject : told.subjects) {
    auto at = std::lower_bound(teller.subjects.begin(), teller.subjects.end(), subject);
    if (at != teller.subjects.end() && *at == subject) continue;
    teller.subjects.insert(at, subject);
    names.push_back(subject);
  }
  for (const auto* sites : {&told.sites, &told.places}) {
    for (const Site& site : *sites) {
      auto isThere = [&](const Site& other) { return other.point == site.point; };
      if (std::ranges::none_of(teller.sites, isThere) && std::ranges::none_of(teller.places, isThere))
        teller.places.push_back(site);
    }
  }
}

void say(Finding& teller, const std::vector<std::string>& names) {
  if (names.empty()) return;
  teller.message += "; likewise " + quoted(names.front());
  if (names.size() == 2) teller.message += " and " + quoted(names.back());
  if (names.size() > 2) teller.message += " and " + std::to_string(names.size() - 1) + " more";
}

}  // namespace

std::vector<Finding> oneForEachWay(std::vector<Finding> findings) {
  std::map<Way, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (Way way = wayOf(findings[i]); !way.empty()) groups[std::move(way)].push_back(i);
  }
  std::vector<bool> told(findings.size());
  for (auto& [way, group] : groups) {
    const std::size_t teller = group.front();
    std::vector<std::string> names;
    for (std::size_t i : group) {
      if (i == teller) continue;
      add(findings[teller], findings[i], names);
      told[i] = true;
    }
    say(findings[teller], names);
  }
  std::vector<Finding> kept;
  for (std::size_t i = 0; i < findings.size(); ++i)
    if (!told[i]) kept.push_back(std::move(findings[i]));
  return kept;
}

}  // namespace deadheat
