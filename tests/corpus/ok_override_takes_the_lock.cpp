// The derived class guards what the base's method leaves bare: on such an object nobody calls the base's.
#include <mutex>

class Alarm {
 public:
  virtual ~Alarm() = default;
  virtual void set(int when) { place(when); }
  virtual int cancel() { return when_; }

 protected:
  void place(int when) { when_ = when; }
  int when_ = 0;
};

class NamedAlarm : public Alarm {
 public:
  void set(int when) override {
    std::lock_guard<std::mutex> lock(mu_);
    place(when);
    if (when_ < 0) place(0);
  }
  int cancel() override {
    std::lock_guard<std::mutex> lock(mu_);
    const int when = when_;
    place(0);
    return when;
  }

 private:
  std::mutex mu_;
};
