// A loop destroys one object after the other, each with a lock of its own, always by the same name.
#include <pthread.h>

struct Group {
  Group* next = nullptr;
  int members = 0;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  ~Group() { pthread_mutex_destroy(&mutex); }
  void add() {
    pthread_mutex_lock(&mutex);
    ++members;
    pthread_mutex_unlock(&mutex);
  }
};

class Directory {
 public:
  ~Directory() {
    while (first_) {
      Group* group = first_;
      unlink(&first_);
      delete group;
    }
  }
  void add() { first_->add(); }

 private:
  static void unlink(Group** from) { *from = (*from)->next; }
  Group* first_ = nullptr;
};
