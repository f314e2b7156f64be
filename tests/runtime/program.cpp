#include "tests/runtime/program.h"

#include <sys/wait.h>

#include <cstdio>

#include "tests/support/temporary_folder.h"

namespace deadheat::rt {

std::vector<std::uint64_t> Record::takeStack() {
  std::vector<std::uint64_t> counters(take<protocol::StackHeader>().size);
  for (std::uint64_t& counter : counters) counter = take<std::uint64_t>();
  return counters;
}

std::vector<Record> Recording::of(protocol::RecordType type) const {
  std::vector<Record> found;
  for (const Record& record : records)
    if (record.type() == type) found.push_back(record);
  return found;
}

Deadlock deadlockOf(Record record) {
  auto head = record.take<protocol::DeadlockRecord>();
  Deadlock deadlock{head.everyThread != 0, {}};
  for (std::uint32_t i = 0; i < head.threadCount; ++i) {
    StuckThread stuck{record.take<protocol::DeadlockThread>(), 0, {}};
    stuck.stackDepth = record.takeStack().size();
    for (std::uint32_t lock = 0; lock < stuck.thread.heldCount; ++lock) {
      stuck.held.push_back(record.take<protocol::LockInfo>());
      record.takeStack();
    }
    deadlock.threads.push_back(stuck);
  }
  return deadlock;
}

std::string ProgramRun::summary() const {
  std::string text = "exit code " + std::to_string(exitCode) + "; records";
  for (const Record& record : recording.records) text += " " + std::to_string(static_cast<int>(record.type()));
  return text + "; output:\n" + output;
}

std::string programPath(const std::string& name, const std::string& family) {
  return std::string(DEADHEAT_PROGRAMS) + "/" + name + "." + family;
}

namespace {

constexpr char kPlain[] = ".plain";

Recording parse(const std::string& bytes) {
  Recording recording;
  if (bytes.size() < protocol::kRecordsOffset) return recording;
  std::memcpy(&recording.header, bytes.data(), sizeof(recording.header));
  std::size_t end = protocol::kRecordsOffset + recording.header.used;
  for (std::size_t at = protocol::kRecordsOffset; at + sizeof(protocol::RecordHeader) <= end && end <= bytes.size();) {
    protocol::RecordHeader header;
    std::memcpy(&header, bytes.data() + at, sizeof(header));
    if (header.size < sizeof(header)) break;
    recording.records.emplace_back(bytes.substr(at, header.size));
    at += header.size;
  }
  return recording;
}

}  // namespace

ProgramRun runProgram(const std::string& program, const std::string& argument, const std::vector<std::string>& variables,
               int seconds) {
  TemporaryFolder folder;
  std::string file = (folder.path() / "recording").string();
  std::string command = "timeout " + std::to_string(seconds) + " env " + protocol::kRecordingVariable + "='" + file + "'";
  if (program.ends_with(kPlain)) command += std::string(" LD_PRELOAD='") + DEADHEAT_LOCKS + "'";
  for (const std::string& variable : variables) command += " '" + variable + "'";
  command += " '" + program + "' " + argument + " 2>&1";
  ProgramRun run{-1, {}, {}};
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return run;
  char buffer[4096];
  for (std::size_t n; (n = fread(buffer, 1, sizeof(buffer), pipe)) != 0;) run.output.append(buffer, n);
  int status = pclose(pipe);
  run.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  run.recording = parse(readFile(file));
  return run;
}

}  // namespace deadheat::rt
