#include "tool/explore/portfolio.h"

#include "llvm/ADT/StringRef.h"
#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

using protocol::ScheduleStrategy;

constexpr std::uint32_t kDefaultDepth = 3;
constexpr std::uint32_t kMostDepth = 60;

bool parse(llvm::StringRef name, StrategyChoice& out) {
  if (name == "random") return out = {ScheduleStrategy::Random, 0}, true;
  if (name == "pos") return out = {ScheduleStrategy::Pos, 0}, true;
  if (name == "stall") return out = {ScheduleStrategy::Stall, 0}, true;
  if (name == "surw") return out = {ScheduleStrategy::Surw, 0}, true;
  if (!name.consume_front("pct")) return false;
  out = {ScheduleStrategy::Pct, kDefaultDepth};
  return name.empty() || (!name.getAsInteger(10, out.depth) && out.depth >= 1 && out.depth <= kMostDepth);
}

}  // namespace

std::string StrategyChoice::name() const {
  switch (strategy) {
    case ScheduleStrategy::Replay: return "replay";
    case ScheduleStrategy::Random: return "random";
    case ScheduleStrategy::Pct: return "pct" + std::to_string(depth);
    case ScheduleStrategy::Pos: return "pos";
    case ScheduleStrategy::Surw: return "surw";
    case ScheduleStrategy::Stall: return "stall";
    case ScheduleStrategy::Race: return "race";
    case ScheduleStrategy::Deadlock: return "deadlock";
    case ScheduleStrategy::Gap: return "gap";
    case ScheduleStrategy::Scope:
      return "scope";
    case ScheduleStrategy::Block:
      return "block";
  }
  return "unknown";
}

llvm::Expected<Portfolio> Portfolio::named(const std::string& name) {
  Portfolio portfolio;
  if (name == "portfolio") {
    for (const char* member : {"surw", "stall", "pos", "pct3", "stall", "surw", "random", "pct2", "stall", "surw", "pos", "pct10"}) {
      StrategyChoice choice;
      parse(member, choice);
      portfolio.members_.push_back({choice});
    }
    return portfolio;
  }
  StrategyChoice choice;
  if (!parse(name, choice))
    return failure("no such strategy: '", name, "'; there are random, pos, surw, stall, pct (or pct2 to pct60), dfs and portfolio");
  portfolio.members_.push_back({choice});
  return portfolio;
}

const StrategyChoice& Portfolio::next() {
  if (round_.empty())
    for (std::size_t i = members_.size(); i != 0; --i) round_.insert(round_.end(), members_[i - 1].weight, i - 1);
  std::size_t index = round_.back();
  round_.pop_back();
  return members_[index].choice;
}

void Portfolio::found(const std::string& name) {
  for (Member& member : members_)
    if (member.choice.name() == name) return void(member.weight += 1);
}

}  // namespace deadheat
