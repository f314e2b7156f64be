// A program as a fork server: loaded once, and copied for each run (runtime/schedule/fork_server.h is the other side).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "llvm/Support/Error.h"
#include "tool/run/child.h"
#include "tool/run/launch.h"

namespace deadheat {

class ForkServer {
 public:
  /// Starts the program and waits until it stands by; it keeps to `processor`, counted among ours, and so do its runs.
  /// `output`: where its standard output goes, or -1. Null: it cannot be forked (it has threads before its own code runs, or is too slow to start). Errors: it cannot be
  /// started.
  static llvm::Expected<std::optional<ForkServer>> start(const Target& target, const std::string& recording,
                                                         const std::string& runtimeOptions, unsigned processor,
                                                         int output);
  ForkServer(ForkServer&& other) noexcept;
  ForkServer& operator=(ForkServer&&) = delete;
  ~ForkServer();

  /// Asks for a run. False: the server is gone.
  bool request(const std::string& plan);
  /// Becomes readable when the run has ended.
  int handle() const { return socket_; }
  /// REQUIRES: a run was asked for. How it ended; nothing if the server is gone or cannot fork. Waits for it.
  std::optional<ProcessOutcome> finish();
  /// Ends the run by force; `finish` follows.
  void endRun();

  /// What the last run recorded, as it lies in memory. Good until the next request.
  llvm::StringRef recording() const;

 private:
  ForkServer(Child child, int socket) : child_(std::move(child)), socket_(socket) {}
  bool standsBy();
  bool mapRecording(const std::string& path);

  Child child_;
  int socket_ = -1;
  const char* mapped_ = nullptr;
  int file_ = -1;
  bool killed_ = false;
  std::chrono::steady_clock::time_point asked_;
};

}  // namespace deadheat
