// The hook of a derived class calls back into the base class that called it under the lock.
#include <mutex>
#include <thread>

class Document {
 public:
  virtual ~Document() = default;

  void edit() {
    std::lock_guard<std::mutex> lock(mu_);
    ++version_;
    onChange();
  }

  int version() {
    std::lock_guard<std::mutex> lock(mu_);  // expect: double-lock Document::mu_
    return version_;
  }

 protected:
  virtual void onChange() = 0;

 private:
  std::mutex mu_;
  int version_ = 0;
};

class Draft : public Document {
 protected:
  void onChange() override { saved_ = version(); }

 private:
  int saved_ = 0;
};

int main() {
  Draft draft;
  std::thread editor([&draft] { draft.edit(); });
  editor.join();
  return 0;
}
