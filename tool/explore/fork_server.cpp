#include "tool/explore/fork_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace deadheat {
namespace {

constexpr int kMostStartMillis = 10000;
constexpr std::size_t kMostRecording = std::size_t{1} << 30;  ///< As the runtime maps it at most, unless told otherwise.

bool writeAll(int socket, const void* from, std::size_t size) {
  const char* at = static_cast<const char*>(from);
  while (size != 0) {
    const ssize_t written = send(socket, at, size, MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

std::optional<protocol::ServerReply> readReply(int socket) {
  protocol::ServerReply reply{};
  ssize_t got = 0;
  do got = recv(socket, &reply, sizeof(reply), MSG_WAITALL);
  while (got < 0 && errno == EINTR);
  if (got != sizeof(reply)) return std::nullopt;
  return reply;
}

/// The `number`-th processor that we may use.
void keepTo(pid_t process, unsigned number) {
  cpu_set_t allowed, one;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0 || CPU_COUNT(&allowed) == 0) return;
  unsigned wanted = number % static_cast<unsigned>(CPU_COUNT(&allowed));
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed) && wanted-- == 0) CPU_SET(cpu, &one);
  sched_setaffinity(process, sizeof(one), &one);
}

}  // namespace

llvm::Expected<std::optional<ForkServer>> ForkServer::start(const Target& target, const std::string& recording,
                                                            const std::string& runtimeOptions, unsigned processor,
                                                            int output) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return std::nullopt;
  ProcessRequest request = requestFor(target, {recording, {}}, runtimeOptions);
  request.inherited = ends[1];
  request.output = output;
  request.environment.emplace_back(protocol::kServerVariable, std::to_string(ends[1]));
  if (const char* own = std::getenv(protocol::kBindNowVariable); own == nullptr || *own == 0)
    request.environment.emplace_back(protocol::kBindNowVariable, protocol::kBindNowForServer);
  auto child = Child::start(request);
  close(ends[1]);
  if (!child) {
    close(ends[0]);
    return child.takeError();
  }
  keepTo(child->pid(), processor);
  ForkServer server(std::move(*child), ends[0]);
  if (!server.standsBy() || !server.mapRecording(recording)) return std::nullopt;
  return std::optional<ForkServer>(std::move(server));
}

ForkServer::ForkServer(ForkServer&& other) noexcept
    : child_(std::move(other.child_)), socket_(std::exchange(other.socket_, -1)),
      mapped_(std::exchange(other.mapped_, nullptr)), file_(std::exchange(other.file_, -1)), killed_(other.killed_),
      asked_(other.asked_) {}

ForkServer::~ForkServer() {
  if (mapped_ != nullptr) munmap(const_cast<char*>(mapped_), kMostRecording);
  if (file_ >= 0) close(file_);
  if (socket_ < 0) return;
  close(socket_);
  child_.stop();
}

bool ForkServer::standsBy() {
  pollfd answer{socket_, POLLIN, 0};
  if (poll(&answer, 1, kMostStartMillis) != 1) return false;
  auto reply = readReply(socket_);
  return reply && reply->word == protocol::ServerWord::Ready;
}

bool ForkServer::mapRecording(const std::string& path) {
  file_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) return false;
  void* mapped = mmap(nullptr, kMostRecording, PROT_READ, MAP_SHARED | MAP_NORESERVE, file_, 0);
  if (mapped == MAP_FAILED) return false;
  mapped_ = static_cast<const char*>(mapped);
  return true;
}

llvm::StringRef ForkServer::recording() const {
  struct stat status {};
  if (fstat(file_, &status) != 0) return {};
  return {mapped_, std::min(static_cast<std::size_t>(status.st_size), kMostRecording)};
}

bool ForkServer::request(const std::string& plan) {
  asked_ = std::chrono::steady_clock::now();
  killed_ = false;
  const protocol::RunRequest header{plan.size()};
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof(header));
  bytes += plan;
  return writeAll(socket_, bytes.data(), bytes.size());
}

std::optional<ProcessOutcome> ForkServer::finish() {
  auto reply = readReply(socket_);
  if (!reply || reply->word != protocol::ServerWord::Ended) return std::nullopt;
  ProcessOutcome outcome;
  outcome.timedOut = killed_;
  outcome.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - asked_);
  if (WIFEXITED(reply->status)) outcome.exitCode = WEXITSTATUS(reply->status);
  if (WIFSIGNALED(reply->status)) outcome.signal = WTERMSIG(reply->status);
  return outcome;
}

void ForkServer::endRun() {
  const auto run = static_cast<pid_t>(reinterpret_cast<const protocol::RecordingHeader*>(mapped_)->pid);
  if (run <= 0 || run == child_.pid()) return;  // It has not begun.
  killed_ = true;
  kill(-run, SIGKILL);
}

}  // namespace deadheat
