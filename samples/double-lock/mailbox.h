// The project's own mutex: hides which library it comes from. Defined in another translation unit.
#pragma once

#include <mutex>

class Mutex {
 public:
  void acquire();
  void release();

 private:
  std::mutex impl_;
};

// Holds a Mutex as long as it lives.
class Holder {
 public:
  explicit Holder(Mutex& mutex);
  ~Holder();
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

 private:
  Mutex& mutex_;
};
