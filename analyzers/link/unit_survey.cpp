#include "analyzers/link/unit_survey.h"

#include <algorithm>
#include <tuple>

namespace deadheat {
namespace {

bool isMain(const Function& f) { return f.kind == Function::Kind::Free && f.name == "main"; }

}  // namespace

bool UnitSurvey::isBefore(std::uint32_t a, std::uint32_t b) const {
  return std::tie(mainFiles_[a], a) < std::tie(mainFiles_[b], b);
}

void UnitSurvey::add(std::uint32_t unit, TuFacts&& facts) {
  if (mainFiles_.size() <= unit) mainFiles_.resize(unit + 1);
  mainFiles_[unit] = std::move(facts.mainFile);
  order_.push_back(unit);
  const auto before = [this](std::uint32_t a, std::uint32_t b) { return isBefore(a, b); };
  for (const Function& function : facts.functions) {
    addFunction(function, unit);
    wrappedLocks.look(function);
    spinLocks.look(function);
    taskCalls.look(function);
    threadEntries.look(function, unit, before);
  }
  for (Record& record : facts.records) records.offer(std::move(record), unit, before);
  for (GlobalVariable& global : facts.globals) globals.offer(std::move(global), unit, before);
}

/// A function is one whichever unit defines it: the first that does, or the first that declares it.
void UnitSurvey::addFunction(const Function& function, std::uint32_t unit) {
  if (isMain(function)) {
    mains_[function.id].try_emplace(unit, FunctionIndex::None);
    return;
  }
  auto [slot, fresh] = choices_.try_emplace(function.id, Choice{unit, function.isDeclaration});
  Choice& known = slot->second;
  if (fresh || known.isDeclaration < function.isDeclaration) return;
  if (known.isDeclaration > function.isDeclaration || isBefore(unit, known.unit))
    known = {unit, function.isDeclaration};
}

void UnitSurvey::finish() {
  std::sort(order_.begin(), order_.end(), [this](std::uint32_t a, std::uint32_t b) { return isBefore(a, b); });
  if (threadEntries.needsStarter() && !order_.empty())
    choices_.try_emplace(ThreadEntries::kStarterId, Choice{order_.front(), false});
  struct Entry {
    std::string_view id;
    std::uint32_t rank;  ///< Of mains of one id.
    FunctionIndex* number;
  };
  std::vector<Entry> all;
  all.reserve(choices_.size());
  for (auto& choice : choices_) all.push_back({choice.first(), 0, &choice.second.number});
  for (auto& group : mains_) {
    std::uint32_t rank = 0;
    for (std::uint32_t unit : order_)
      if (auto found = group.second.find(unit); found != group.second.end())
        all.push_back({group.first(), ++rank, &found->second});
  }
  std::sort(all.begin(), all.end(),
            [](const Entry& a, const Entry& b) { return std::tie(a.id, a.rank) < std::tie(b.id, b.rank); });
  for (const Entry& entry : all) {
    *entry.number = static_cast<FunctionIndex>(ids_.size());
    ids_.push_back(entry.id);
  }
}

FunctionIndex UnitSurvey::chosen(const Function& function, std::uint32_t unit) const {
  if (isMain(function)) {
    auto group = mains_.find(function.id);
    if (group == mains_.end()) return FunctionIndex::None;
    auto found = group->second.find(unit);
    return found == group->second.end() ? FunctionIndex::None : found->second;
  }
  auto choice = choices_.find(function.id);
  const bool isIt = choice != choices_.end() && choice->second.unit == unit &&
                    choice->second.isDeclaration == function.isDeclaration;
  return isIt ? choice->second.number : FunctionIndex::None;
}

}  // namespace deadheat
