// Which operations of one run race: they conflict, and nothing else orders them. For searches over schedules, whose operations
// are all there are of a run, locks and waits among them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "runtime/protocol.h"

namespace deadheat {

/// Two threads' operations on the same bytes, of which one may change them.
bool conflict(const protocol::TraceEntry& a, const protocol::TraceEntry& b);

/// Takes the operations of a run one after the other. Order comes from threads, from conflicts, and from what makes a thread
/// able to go on. Taking and giving back a lock do not race: whoever comes to a taken lock waits.
class RaceFinder {
 public:
  /// Numbers of the earlier operations that the next one races with, of each thread the last at most. `entry` is of kind
  /// Switch. Cost: threads, and for more than 128 bytes all earlier operations.
  std::vector<std::size_t> next(const protocol::TraceEntry& entry);

  /// Threads (a bit each) with operations after number `earlier` that come before the last operation and not after that
  /// one: what the last operation needs in order to be there first. Cost: the operations in between.
  std::uint64_t neededFor(std::size_t earlier) const;

 private:
  using Clock = std::vector<std::uint32_t>;  ///< By thread: how many of its operations come before, itself included.
  /// Who used eight bytes last, by thread: operation numbers plus one, 0 for none.
  struct Uses {
    std::vector<std::size_t> last;
    std::vector<std::size_t> lastChange;
    std::vector<std::size_t> lastRelease;  ///< Which are in neither of the others.
  };
  struct Operation {
    protocol::TraceEntry entry;
    Clock clock;
  };

  void takeTurnOf(const protocol::TraceEntry& entry);
  std::vector<std::size_t> conflicting(const protocol::TraceEntry& entry) const;
  void enter(const protocol::TraceEntry& entry, std::size_t number);
  static void join(Clock& into, const Clock& other);
  static std::uint32_t& at(Clock& clock, std::uint32_t thread);
  bool isBefore(std::size_t operation, const Clock& clock) const;

  std::vector<Operation> operations_;
  std::unordered_map<std::uint64_t, Uses> uses_;
  std::vector<std::size_t> large_;  ///< Operations on more bytes than are entered one by one.
  std::vector<Clock> threads_;      ///< Clock of each thread's last operation, and of what enabled its next.
  std::uint64_t ready_ = 0;         ///< Before the last operation.
};

}  // namespace deadheat
