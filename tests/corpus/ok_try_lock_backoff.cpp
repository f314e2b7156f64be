// Two locks in both orders, but one side only tries its second lock and lets go of the first when that fails.
#include <mutex>
#include <thread>

std::mutex g_disk;
std::mutex g_index;
int g_jobs = 0;

void compact() {
  std::lock_guard<std::mutex> disk(g_disk);
  std::lock_guard<std::mutex> index(g_index);
  ++g_jobs;
}

void refresh() {
  while (true) {
    std::unique_lock<std::mutex> index(g_index);
    std::unique_lock<std::mutex> disk(g_disk, std::try_to_lock);
    if (disk.owns_lock()) {
      ++g_jobs;
      return;
    }
    index.unlock();
    std::this_thread::yield();
  }
}

int main() {
  std::thread first(compact);
  std::thread second(refresh);
  first.join();
  second.join();
  return g_jobs == 2 ? 0 : 1;
}
