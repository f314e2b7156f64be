#include "analyzers/checks/access_places.h"

namespace deadheat {
namespace {

struct Place {
  PathId path = PathId::Unknown;
  bool writes = false;
  std::uint32_t locks = 0;  ///< Shape of the lockset.
  bool operator==(const Place&) const = default;
};

Place placeOf(const StepView& step, const Tables& tables) {
  const auto* access = std::get_if<Access>(step.step->what);
  if (!access) return {};
  return {step.path, access->kind != AccessKind::Read, tables.locksets.shape(step.held)};
}

template <typename Visit>
void eachStep(const FunctionView& view, Visit visit) {
  for (const BlockView& block : view.blocks) {
    for (const StepView& step : block.steps) visit(step);
  }
}

}  // namespace

Site AccessPlaces::site(const AccessFact& fact) const {
  return {fact.writes() ? Site::Kind::Write : Site::Kind::Read,
          program_.point(fact.location),
          program_.functionName(fact.function),
          {}};
}

std::vector<Site> AccessPlaces::of(const AccessFact& fact) {
  std::vector<Site> out{site(fact)};
  if (fact.places <= 1 || fact.function == FunctionIndex::None) return out;
  const FunctionView& function = view(fact.function);
  Place known;
  eachStep(function, [&](const StepView& step) {
    const Place place = placeOf(step, program_.tables());
    if (step.step->location == fact.location && place.path != PathId::Unknown && place.writes == fact.writes() &&
        known.path == PathId::Unknown) {
      known = place;
    }
  });
  if (known.path == PathId::Unknown) return out;
  eachStep(function, [&](const StepView& step) {
    if (!(placeOf(step, program_.tables()) == known)) return;
    Site other = out.front();
    other.point = program_.point(step.step->location);
    if (other.point != out.front().point) out.push_back(std::move(other));
  });
  return out;
}

const FunctionView& AccessPlaces::view(FunctionIndex f) {
  auto found = views_.find(f);
  if (found == views_.end()) found = views_.emplace(f, program_.view(f)).first;
  return found->second;
}

}  // namespace deadheat
