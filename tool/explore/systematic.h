// Systematic search: every interleaving with at most so many preemptions, up to the order of operations that commute.
//
// Bounded partial-order reduction, after Coons, Musuvathi and McKinley: Bounded Partial-Order Reduction (OOPSLA 2013),
// on the dynamic reduction of Flanagan and Godefroid (POPL 2005). A run is looked through for pairs of operations of
// two threads that conflict and are ordered by nothing else; each is a reason to let the other thread go first, before
// the first operation and, since that may cost a preemption more than the bound allows, where the first thread got its
// turn.
//
// Ways that lead only to what another way has are not gone (sleep_set.h).
//
// Guarantee: what threads can have seen and done after any interleaving within the bound, they do in some run. Threads
// that spin or yield wait for the others meanwhile, and a time limit that is over before anything else is at an end
// counts as a preemption. A run that ends early (a crash) hides what would have come. Not proved: of 20,000 random
// programs and bounds two lost an outcome, with sleep sets and without.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/protocol.h"
#include "tool/explore/sleep_set.h"

namespace deadheat {

class SystematicSearch {
 public:
  explicit SystematicSearch(unsigned bound) : bound_(bound), pending_(bound + 1) {}

  /// A step at which a run is to do other than the default.
  struct Choice {
    protocol::TraceEntry at;  ///< As an earlier run met it.
    std::uint32_t chosen;
  };
  struct Run {
    std::size_t id;
    std::vector<Choice> choices;
  };

  /// A run to make; those with fewest preemptions first. Nothing: there is none now, though runs that are not back yet may
  /// lead to more.
  std::optional<Run> next();
  /// What run `id` did. Cost: operations times threads.
  void took(std::size_t id, const std::vector<protocol::TraceEntry>& trace);
  /// Run `id` tells nothing: it went another way, or could not be followed to its end.
  void lost(std::size_t id);

  /// All interleavings with at most so many preemptions are done; nothing: not even those with none.
  std::optional<unsigned> boundDone() const;
  /// There are none with more preemptions, either.
  bool exhausted() const { return boundDone() == bound_ && !beyond_; }
  std::size_t runs() const { return started_; }
  std::size_t lostRuns() const { return lost_; }

 private:
  /// A decision on the way of at least one run that is not back yet or not made.
  struct Node {
    std::shared_ptr<Node> parent;
    std::uint32_t chosenThere = 0;  ///< What was chosen at `parent` to come here.
    unsigned cost = 0;              ///< Preemptions before it.
    std::uint64_t taken = 0;        ///< Threads chosen here by a run that was made or is to be made.
    protocol::TraceEntry entry{};   ///< Of the default, where the run that came here first did that.
    SleepSet asleep;                ///< Who need not be tried.
  };
  using NodePtr = std::shared_ptr<Node>;
  struct Item {
    NodePtr node;  ///< Null: the first run.
    std::uint32_t chosen = 0;
  };
  class Trace;

  std::vector<NodePtr> wayTo(const Item& item) const;
  /// The nodes of the run's decisions; empty if it made none or did not come the way it was sent.
  std::vector<NodePtr> follow(const Item& item, const std::vector<protocol::TraceEntry>& entries);
  NodePtr makeNode(const NodePtr& parent, const protocol::TraceEntry* before, const protocol::TraceEntry& decision,
                   const SleepSet& asleep);
  void add(const NodePtr& node, std::uint32_t thread);
  void addAll(const NodePtr& node, std::uint64_t threads);
  /// Thread `thread` should go before operation number `operation` of the run, or what it needs for that (threads, a
  /// bit each).
  void goFirst(const Trace& trace, std::size_t operation, std::uint32_t thread, std::uint64_t needs);

  unsigned bound_;
  std::vector<std::deque<Item>> pending_;  ///< By preemptions.
  bool beyond_ = false;                    ///< Something would have cost more.
  std::map<std::size_t, Item> running_;
  std::size_t started_ = 0;
  std::size_t lost_ = 0;
};

}  // namespace deadheat
