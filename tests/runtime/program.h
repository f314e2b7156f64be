// Runs the instrumented test programs and reads what the runtime recorded of them.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "runtime/protocol.h"

namespace deadheat::rt {

/// One record, with typed access to the structs and stacks that follow each other in it.
class Record {
 public:
  explicit Record(std::string bytes) : bytes_(std::move(bytes)) {}

  protocol::RecordType type() const { return peek<protocol::RecordHeader>().type; }
  template <class T>
  T peek() const {
    T value{};
    if (at_ + sizeof(T) <= bytes_.size()) std::memcpy(&value, bytes_.data() + at_, sizeof(T));
    return value;
  }
  template <class T>
  T take() {
    T value = peek<T>();
    at_ += sizeof(T);
    return value;
  }
  std::vector<std::uint64_t> takeStack();

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

struct Recording {
  protocol::RecordingHeader header{};
  std::vector<Record> records;

  std::vector<Record> of(protocol::RecordType type) const;
  std::size_t count(protocol::RecordType type) const { return of(type).size(); }
};

struct StuckThread {
  protocol::DeadlockThread thread;
  std::size_t stackDepth;
  std::vector<protocol::LockInfo> held;
};
struct Deadlock {
  bool everyThread;
  std::vector<StuckThread> threads;
};
/// The deadlock a Deadlock record tells of.
Deadlock deadlockOf(Record record);

struct ProgramRun {
  int exitCode;  ///< 124: did not end in time.
  std::string output;
  Recording recording;

  /// What went wrong in the words of a test failure.
  std::string summary() const;
};

/// "lock_stories" built with "clang" or "gcc", or as it is ("plain"): then the library of locks is loaded into it.
std::string programPath(const std::string& name, const std::string& family);

/// Runs `program argument` for at most `seconds`, with the variables (NAME=value) in its environment.
ProgramRun runProgram(const std::string& program, const std::string& argument, const std::vector<std::string>& variables = {},
               int seconds = 20);

}  // namespace deadheat::rt
