// A snapshot built in private and published through an atomic pointer; readers see all of it or none.
#include <atomic>
#include <memory>
#include <thread>

struct Snapshot {
  int version;
  int entries;
};

std::atomic<const Snapshot*> g_current{nullptr};

int main() {
  auto snapshot = std::make_unique<Snapshot>();
  const Snapshot* published = snapshot.get();
  int entries = 0;
  std::thread reader([&entries] {
    const Snapshot* seen = nullptr;
    while ((seen = g_current.load(std::memory_order_acquire)) == nullptr) std::this_thread::yield();
    entries = seen->version * 100 + seen->entries;
  });
  snapshot->version = 2;
  snapshot->entries = 17;
  g_current.store(published, std::memory_order_release);
  reader.join();
  return entries == 217 ? 0 : 1;
}
