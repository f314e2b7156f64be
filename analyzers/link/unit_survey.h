// UnitSurvey: the first of link's two walks over the units. It finds out which unit's definition of each function, class
// and global is the program's, and what has to be known of all functions before the first is looked into.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "analyzers/link/ids.h"
#include "analyzers/link/spin_locks.h"
#include "analyzers/link/task_calls.h"
#include "analyzers/link/thread_entries.h"
#include "analyzers/link/units.h"
#include "analyzers/link/wrapped_locks.h"
#include "llvm/ADT/StringMap.h"

namespace deadheat {

/// A name with what the unit that comes first says of it. Units are in the order of their main files.
template <typename Item>
class FirstOfEach {
 public:
  /// What is known of `item.name`: given by unit `unit` or an earlier one.
  template <typename IsBefore>
  void offer(Item&& item, std::uint32_t unit, IsBefore isBefore) {
    auto [slot, fresh] = index_.try_emplace(item.name, static_cast<std::uint32_t>(items_.size()));
    if (fresh) {
      items_.push_back(std::move(item));
      units_.push_back(unit);
    } else if (isBefore(unit, units_[slot->second])) {
      items_[slot->second] = std::move(item);
      units_[slot->second] = unit;
    }
  }
  std::deque<Item> take() && { return std::move(items_); }

 private:
  llvm::StringMap<std::uint32_t> index_;
  std::deque<Item> items_;
  std::vector<std::uint32_t> units_;
};

/// Add every unit, then finish, then ask.
class UnitSurvey {
 public:
  /// Takes what it needs of `facts`, the unit with that number.
  void add(std::uint32_t unit, TuFacts&& facts);
  /// Orders the units and numbers the functions.
  void finish();

  /// Units in the order of their main files.
  const std::vector<std::uint32_t>& order() const { return order_; }
  /// The number of functions; they are numbered by id.
  std::size_t functions() const { return ids_.size(); }
  std::string_view id(FunctionIndex f) const { return ids_[raw(f)]; }
  /// The number of `function` of `unit`, or None if another unit's stands for it.
  FunctionIndex chosen(const Function& function, std::uint32_t unit) const;

  WrappedLocks wrappedLocks;
  SpinLocks spinLocks;
  ThreadEntries threadEntries;
  TaskCalls taskCalls;
  FirstOfEach<Record> records;
  FirstOfEach<GlobalVariable> globals;

 private:
  struct Choice {
    std::uint32_t unit = 0;
    bool isDeclaration = true;
    FunctionIndex number = FunctionIndex::None;
  };
  using Mains = std::map<std::uint32_t, FunctionIndex>;  ///< By unit.

  bool isBefore(std::uint32_t a, std::uint32_t b) const;
  void addFunction(const Function& function, std::uint32_t unit);

  std::vector<std::string> mainFiles_;  ///< By unit.
  std::vector<std::uint32_t> order_;
  llvm::StringMap<Choice> choices_;
  llvm::StringMap<Mains> mains_;  ///< Every program among the units has a main of its own.
  std::vector<std::string_view> ids_;
};

}  // namespace deadheat
