// What was seen in one critical section only saves the way to the next, which looks again, at a copy.
#include <mutex>

struct Engine {
  int users = 0;
};

static std::mutex mu;
static Engine* engine;

static bool isRunning() {
  std::lock_guard<std::mutex> lock(mu);
  return engine != nullptr;
}

static bool drop() {
  std::lock_guard<std::mutex> lock(mu);
  Engine* found = engine;
  if (!found) return false;
  engine = nullptr;
  delete found;
  return true;
}

void start() {
  std::lock_guard<std::mutex> lock(mu);
  if (!engine) engine = new Engine;
}

bool finish() {
  bool ok = true;
  if (isRunning()) ok = drop();
  return ok;
}
