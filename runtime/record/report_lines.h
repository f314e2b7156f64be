// What the texts of all reports are made of: a page to write on, and the parts of a record one after the other.
#pragma once

#include "runtime/core.h"
#include "runtime/platform/text.h"
#include "runtime/protocol.h"
#include "runtime/record/recording_file.h"

namespace deadheat::rt {

/// Takes the structs of a record one after the other.
class RecordReader {
 public:
  explicit RecordReader(const protocol::RecordHeader& record)
      : at_(reinterpret_cast<const char*>(&record)), end_(at_ + record.size) {}

  template <class T>
  const T& take() {
    static constexpr T kNothing{};
    if (static_cast<std::size_t>(end_ - at_) < sizeof(T)) return at_ = end_, kNothing;
    const T* value = reinterpret_cast<const T*>(at_);
    at_ += sizeof(T);
    return *value;
  }
  /// Counters of a stack; `size` of them.
  const std::uint64_t* takeStack(std::uint32_t& size) {
    size = take<protocol::StackHeader>().size;
    return takeCounters(size);
  }
  const std::uint64_t* takeCounters(std::uint32_t size) {
    const auto* counters = reinterpret_cast<const std::uint64_t*>(at_);
    for (std::uint32_t i = 0; i < size; ++i) take<std::uint64_t>();
    return counters;
  }

 private:
  const char* at_;
  const char* end_;
};

/// Runs `found(record)` on the first record of the type for which `matches` is true.
template <class Record, class Matches, class Found>
void findRecord(protocol::RecordType type, Matches matches, Found found) {
  const char* end = recordsBegin() + __atomic_load_n(&recordingHeader()->used, __ATOMIC_ACQUIRE);
  for (const char* at = recordsBegin(); at < end;) {
    const auto* header = reinterpret_cast<const protocol::RecordHeader*>(at);
    if (header->type == type && matches(*reinterpret_cast<const Record*>(at)))
      return found(*reinterpret_cast<const Record*>(at));
    at += header->size;
  }
}

/// The same on the last one.
template <class Record, class Matches, class Found>
void findLastRecord(protocol::RecordType type, Matches matches, Found found) {
  const Record* last = nullptr;
  auto keep = [&](const Record& record) {
    if (matches(record)) last = &record;
    return false;
  };
  findRecord<Record>(type, keep, [](const Record&) {});
  if (last != nullptr) found(*last);
}

using Page = Text<1 << 16>;

/// Entry of the function that the operation at `returnAddress` is a call of; 0 when it is none, but an access that the
/// compiler told of.
Address shownCallee(Address returnAddress);
/// A line per frame: `    #0 function (module+0x12)`. What was called comes first, where the operation is a call.
/// `operation` is told where a call to another function of the program, or a library, led to it; null: it is not known.
void addStack(Page& page, const std::uint64_t* counters, std::uint32_t size, const char* operation = nullptr);
/// `the main thread`, `thread 3 'worker'`.
void addThread(Page& page, std::uint32_t id);

/// Threads, locks and coroutines a report has mentioned; each is told of once, at its end.
class Mentions {
 public:
  void thread(std::uint32_t id);
  /// The number the report calls the lock by.
  std::uint32_t lock(const protocol::LockInfo& lock);
  /// A coroutine; returns its number.
  std::uint32_t task(std::uint32_t number);
  /// The coroutines that the thread is in, the innermost first, then those that await it.
  void tasksOf(std::uint32_t thread);
  /// Where the locks were made, the threads started, the coroutines created and suspended.
  void tell(Page& page);

 private:
  static constexpr std::uint32_t kMost = 64;

  std::uint32_t threads_[kMost];
  protocol::LockInfo locks_[kMost];
  std::uint32_t threadCount_ = 0;
  std::uint32_t lockCount_ = 0;
  std::uint32_t tasks_[kMost];
  std::uint32_t taskCount_ = 0;
};

}  // namespace deadheat::rt
