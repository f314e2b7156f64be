// Traces written by hand: threads that say what they do, in the order in which it happens.
#pragma once

#include "tool/predict/observed_trace.h"

namespace deadheat {

class Script {
 public:
  using Kind = ObservedEvent::Kind;

  class Thread {
   public:
    Thread(Script& script, std::uint32_t id) : script_(script), id_(id) {}
    std::uint32_t id() const { return id_; }
    /// Each returns the number of the event; `place` is the code, a place of its own unless given.
    std::size_t read(std::uint64_t x, std::uint64_t place = 0) { return add(Kind::Read, x * 8, place); }
    std::size_t write(std::uint64_t x, std::uint64_t place = 0) { return add(Kind::Write, x * 8, place); }
    std::size_t lock(std::uint64_t m, std::uint64_t place = 0) { return add(Kind::Acquire, m, place); }
    std::size_t lockShared(std::uint64_t m) {
      const std::size_t number = add(Kind::Acquire, m, 0);
      script_.trace[number].shared = true;
      return number;
    }
    std::size_t tryLock(std::uint64_t m) {
      const std::size_t number = add(Kind::Acquire, m, 0);
      script_.trace[number].waits = false;
      return number;
    }
    std::size_t tryFails(std::uint64_t m) { return add(Kind::TryFailed, m, 0); }
    std::size_t unlock(std::uint64_t m) { return add(Kind::Release, m, 0); }
    std::size_t create(const Thread& child) { return add(Kind::Create, child.id_, 0); }
    std::size_t join(const Thread& child) { return add(Kind::Join, child.id_, 0); }
    std::size_t send(std::uint64_t object) { return add(Kind::Send, object, 0); }
    std::size_t receive(std::uint64_t object) { return add(Kind::Receive, object, 0); }
    std::size_t fresh(std::uint64_t x) { return add(Kind::Fresh, x * 8, 0); }

   private:
    std::size_t add(Kind kind, std::uint64_t object, std::uint64_t place) {
      ObservedEvent event{kind, id_, object, 1, place};
      if (place == 0) event.place = 1000 + script_.trace.size();
      if (kind == Kind::Read || kind == Kind::Write || kind == Kind::Fresh) event.size = 8;
      script_.trace.push_back(event);
      return script_.trace.size() - 1;
    }
    Script& script_;
    std::uint32_t id_;
  };

  Thread thread(std::uint32_t id) { return {*this, id}; }
  ObservedTrace trace;
};

}  // namespace deadheat
