#include "tool/predict/trace_order.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace deadheat {
namespace {

using Kind = ObservedEvent::Kind;

constexpr std::uint64_t kGranule = 8;

void join(TraceClock& into, const TraceClock& other) {
  for (std::size_t i = 0; i < other.size(); ++i) into[i] = std::max(into[i], other[i]);
}

}  // namespace

/// Goes through the trace once.
class TraceOrder::Builder {
 public:
  explicit Builder(TraceOrder& order) : order_(order), trace_(order.trace_) {}

  void build() {
    for (const ObservedEvent& event : trace_) {
      numberOf(event.thread);
      if (event.kind == Kind::Create || event.kind == Kind::Join) numberOf(static_cast<std::uint32_t>(event.object));
    }
    for (std::vector<Stamp>& stamps : order_.stamps_) stamps.push_back({0, TraceClock(numbers_.size())});
    counts_.resize(numbers_.size());
    order_.places_.reserve(trace_.size());
    for (std::size_t i = 0; i < trace_.size(); ++i) take(i);
    for (auto& [lock, uses] : locks_)
      if (uses.size() > 1) order_.locks_.push_back(std::move(uses));
  }

 private:
  std::size_t numberOf(std::uint32_t thread) {
    auto [found, added] = numbers_.try_emplace(thread, numbers_.size());
    if (added) order_.stamps_.emplace_back();
    return found->second;
  }

  void take(std::size_t i) {
    const ObservedEvent& event = trace_[i];
    thread_ = numbers_.at(event.thread);
    order_.places_.push_back({static_cast<std::uint32_t>(thread_), ++counts_[thread_]});
    switch (event.kind) {
      case Kind::Read: return readBytes(event);
      case Kind::Write: return writeBytes(event, i);
      case Kind::Update:
        readBytes(event);
        return writeBytes(event, i);
      case Kind::Fresh: return forgetBytes(event);
      case Kind::Acquire: return open(event, i);
      case Kind::Release: return close(event, i);
      case Kind::TryFailed: return seeHeld(event);
      case Kind::Create: return create(numberOf(static_cast<std::uint32_t>(event.object)));
      case Kind::Join: {
        const std::size_t target = numberOf(static_cast<std::uint32_t>(event.object));
        return learn(target, counts_[target]);
      }
      case Kind::Send: return send(event.object);
      case Kind::SendAnew: sent_.erase(event.object); return send(event.object);
      case Kind::Receive:
        if (auto sent = sent_.find(event.object); sent != sent_.end()) learnAll(sent->second);
        return;
    }
  }

  /// The thread comes after event `number` of `other`.
  void learn(std::size_t other, std::uint32_t number) {
    if (other == thread_ || order_.stamps_[thread_].back().known[other] >= number) return;
    TraceClock known(counts_.size());
    order_.add(known, other, number);
    learnAll(known);
  }
  void learn(std::size_t event) { learn(order_.places_[event].thread, order_.places_[event].number); }

  void learnAll(const TraceClock& known) {
    std::vector<Stamp>& stamps = order_.stamps_[thread_];
    bool isNew = false;
    for (std::size_t i = 0; i < known.size(); ++i) isNew |= i != thread_ && known[i] > stamps.back().known[i];
    if (!isNew) return;
    if (stamps.back().from != counts_[thread_]) stamps.push_back({counts_[thread_], stamps.back().known});
    join(stamps.back().known, known);
  }

  void create(std::size_t child) { order_.add(order_.stamps_[child].back().known, thread_, counts_[thread_]); }

  void send(std::uint64_t object) {
    TraceClock& sent = sent_[object];
    sent.resize(counts_.size());
    order_.add(sent, thread_, counts_[thread_]);
  }

  template <typename Visit>
  void eachByte(const ObservedEvent& event, Visit visit) {
    for (std::uint64_t byte = event.object; byte < event.object + event.size; ++byte)
      visit(writers_[byte / kGranule][byte % kGranule]);
  }

  void readBytes(const ObservedEvent& event) {
    std::size_t last = 0;
    eachByte(event, [&](std::size_t& writer) {
      if (writer != 0 && writer != last) learn(writer - 1);
      last = writer;
    });
  }

  void writeBytes(const ObservedEvent& event, std::size_t i) {
    eachByte(event, [&](std::size_t& writer) { writer = i + 1; });
  }

  void forgetBytes(const ObservedEvent& event) {
    const std::uint64_t end = event.object + event.size;
    for (auto at = writers_.lower_bound(event.object / kGranule); at != writers_.end() && at->first * kGranule < end; ++at)
      for (std::uint64_t byte = 0; byte < kGranule; ++byte)
        if (const std::uint64_t address = at->first * kGranule + byte; address >= event.object && address < end)
          at->second[byte] = 0;
  }

  LockUse& useOf(std::uint64_t lock) {
    std::vector<LockUse>& uses = locks_[lock];
    for (LockUse& use : uses)
      if (use.thread == thread_) return use;
    uses.push_back({thread_, {}, {}});
    return uses.back();
  }

  void open(const ObservedEvent& event, std::size_t i) {
    LockUse& use = useOf(event.object);
    (event.shared ? use.shared : use.exclusive).push_back({i, kNoEvent});
  }

  static CriticalSection* openOf(LockUse& use) {
    for (auto* sections : {&use.exclusive, &use.shared})
      if (!sections->empty() && sections->back().release == kNoEvent) return &sections->back();
    return nullptr;
  }

  /// Some locks are given back by others than took them; who does it comes after the taking.
  void close(const ObservedEvent& event, std::size_t i) {
    if (CriticalSection* own = openOf(useOf(event.object))) return void(own->release = i);
    for (LockUse& use : locks_[event.object])
      if (CriticalSection* section = openOf(use)) {
        learn(section->acquire);
        return void(section->release = i);
      }
  }

  void seeHeld(const ObservedEvent& event) {
    for (LockUse& use : locks_[event.object])
      if (const CriticalSection* section = openOf(use)) learn(section->acquire);
  }

  TraceOrder& order_;
  const ObservedTrace& trace_;
  std::unordered_map<std::uint32_t, std::size_t> numbers_;  ///< Of threads.
  std::vector<std::uint32_t> counts_;                       ///< Events so far, by thread.
  std::size_t thread_ = 0;                                  ///< Whose event is taken.
  std::map<std::uint64_t, std::array<std::size_t, kGranule>> writers_;  ///< By byte: who wrote it last, plus one.
  std::unordered_map<std::uint64_t, TraceClock> sent_;
  std::map<std::uint64_t, std::vector<LockUse>> locks_;
};

TraceOrder::TraceOrder(const ObservedTrace& trace) : trace_(trace) { Builder(*this).build(); }

void TraceOrder::add(TraceClock& set, std::size_t thread, std::uint32_t number) const {
  const std::vector<Stamp>& stamps = stamps_[thread];
  auto after = std::upper_bound(stamps.begin(), stamps.end(), number,
                                [](std::uint32_t wanted, const Stamp& stamp) { return wanted < stamp.from; });
  join(set, std::prev(after)->known);
  set[thread] = std::max(set[thread], number);
}

void TraceOrder::addBefore(TraceClock& set, std::size_t event) const {
  add(set, places_[event].thread, places_[event].number - 1);
}

void TraceOrder::addThrough(TraceClock& set, std::size_t event) const {
  add(set, places_[event].thread, places_[event].number);
}

}  // namespace deadheat
