// Nobody but std::make_shared needs the class, in a function template that hands on what it is given; the base calls the
// override with the lock held.
#include <memory>
#include <mutex>
#include <string>
#include <utility>

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void log(int value) = 0;
};

template <class Mutex>
class BaseSink : public Sink {
 public:
  void log(int value) final {
    std::lock_guard<Mutex> guard(mutex_);
    write(value);
  }

 protected:
  virtual void write(int value) = 0;
  Mutex mutex_;
};

template <class Mutex>
class DailySink final : public BaseSink<Mutex> {
 public:
  explicit DailySink(int days) : days_(days) {}
  std::string name() {
    std::lock_guard<Mutex> guard(BaseSink<Mutex>::mutex_);  // expect: double-lock BaseSink<std::mutex>::mutex_
    return name_;
  }

 protected:
  void write(int value) override {
    if (value > days_) name_ = name() + "x";
  }

 private:
  int days_;
  std::string name_;
};

class Logger {
 public:
  explicit Logger(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}
  void log(int value) { sink_->log(value); }

 private:
  std::shared_ptr<Sink> sink_;
};

struct Factory {
  template <class Made, class... Arguments>
  static std::shared_ptr<Logger> create(Arguments&&... arguments) {
    auto sink = std::make_shared<Made>(std::forward<Arguments>(arguments)...);
    return std::make_shared<Logger>(std::move(sink));
  }
};

int main() { Factory::create<DailySink<std::mutex>>(2)->log(1); }
