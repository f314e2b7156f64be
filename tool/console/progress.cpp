#include "tool/console/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "llvm/Support/FormatVariadic.h"

namespace deadheat {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::size_t kBarWidth = 24;

std::size_t terminalWidth() {
  winsize size{};
  if (ioctl(2, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string bar(std::size_t done, std::size_t total) {
  std::size_t filled = total == 0 ? 0 : std::min(kBarWidth, kBarWidth * done / total);
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, ' ') + "] ";
}

}  // namespace

std::string progressText(std::size_t done, std::size_t total, std::chrono::milliseconds elapsed) {
  std::size_t percent = total == 0 ? 100 : done * 100 / total;
  std::string text = llvm::formatv("{0} of {1} ({2}%)", done, total, percent);
  if (done == 0 || done >= total || elapsed < Progress::kPatience) return text;
  auto left = elapsed.count() * static_cast<long long>(total - done) / static_cast<long long>(done) / 1000;
  if (left > 0) text += llvm::formatv(", about {0} s left", left).str();
  return text;
}

Progress::Progress(const Console& console, std::string label, std::size_t total)
    : console_(console), label_(std::move(label)), terminal_(isatty(2) != 0), total_(total) {}

Progress::~Progress() {
  if (barShown_) llvm::errs() << "\r\033[K";
}

void Progress::advance(std::string_view detail) {
  std::lock_guard guard(mutex_);
  ++done_;
  show(detail);
}

void Progress::update(std::size_t done, std::size_t total, std::string_view detail) {
  std::lock_guard guard(mutex_);
  done_ = done;
  total_ = total;
  show(detail);
}

void Progress::show(std::string_view detail) {
  if (console_.quiet() || Clock::now() - start_ < kPatience) return;
  terminal_ ? drawBar(detail) : printLine();
}

void Progress::drawBar(std::string_view detail) {
  auto now = Clock::now();
  if (now - lastDraw_ < kRedraw && done_ < total_) return;
  lastDraw_ = now;
  barShown_ = true;
  auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - start_);
  std::string text = label_ + " " + bar(done_, total_) + progressText(done_, total_, elapsed);
  if (!detail.empty()) text.append("  ").append(detail);
  text.resize(std::min(text.size(), terminalWidth() - 1));
  llvm::errs() << "\r\033[K" << text;
  llvm::errs().flush();
}

void Progress::printLine() {
  std::size_t tenth = total_ == 0 ? 10 : done_ * 10 / total_;
  if (tenth <= lastTenth_) return;
  lastTenth_ = tenth;
  auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
  console_.info(label_ + ": " + progressText(done_, total_, elapsed));
}

}  // namespace deadheat
