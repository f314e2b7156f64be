// A reference names the shard that a hash chose; one way out leaves its lock locked.
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>

class Table {
 public:
  bool rename(const std::string& key, int value) {
    Shard& shard = shards_[std::hash<std::string>()(key) % kShards];
    shard.mutex.lock();  // expect: lock-leak Table::Shard::mutex
    auto found = shard.values.find(key);
    if (found == shard.values.end()) return false;
    found->second = value;
    shard.mutex.unlock();
    return true;
  }
  void insert(const std::string& key, int value) {
    Shard& shard = shards_[std::hash<std::string>()(key) % kShards];
    shard.mutex.lock();
    shard.values[key] = value;
    shard.mutex.unlock();
  }

 private:
  static constexpr std::size_t kShards = 8;
  struct Shard {
    std::mutex mutex;
    std::map<std::string, int> values;
  };
  Shard shards_[kShards];
};

int main() {
  Table table;
  table.insert("a", 1);
  return table.rename("a", 2) ? 0 : 1;
}
