#include "runtime/record/recording.h"

#include "runtime/detect/contention.h"
#include "runtime/detect/misuse.h"
#include "runtime/detect/stranded_tasks.h"
#include "runtime/detect/thread.h"
#include "runtime/bounds/bounds.h"
#include "runtime/intercept/caller.h"
#include "runtime/record/symbols.h"
#include "runtime/platform/text.h"
#include "runtime/record/modules.h"
#include "runtime/record/options.h"
#include "runtime/record/recording_file.h"
#include "runtime/record/report_hooks.h"
#include "runtime/record/report_text.h"
#include "runtime/record/thread_records.h"

/// Does nothing: where a debugger stops (`deadheat replay --gdb`).
extern "C" __attribute__((noinline, visibility("default"))) void deadheat_on_failure() { asm volatile(""); }

namespace deadheat::rt {
namespace {

constexpr std::size_t kMostCounters = 256;

SpinLock writersLock;
/// Written to in place of the file when that is full.
alignas(16) char scratch[kMostCounters * sizeof(std::uint64_t) + 4096];
std::uint64_t ownReports;
bool ended;

bool isReport(protocol::RecordType type) {
  switch (type) {
    case protocol::RecordType::Race:
    case protocol::RecordType::LockCycle:
    case protocol::RecordType::Deadlock:
    case protocol::RecordType::Misuse:
      return true;
    default:
      return false;
  }
}

/// Code of which no caller needs to be shown. Virtual machines have counters of their own, above any address.
bool isForeign(Address counter) {
  return counter < kExternalCounter && !inInstrumentedCode(counter - 1);
}

/// Only the process that made the file ends it, not one forked from it.
void writeEnd(protocol::RunState state, int code) {
  protocol::RecordingHeader* recording = recordingHeader();
  if (!recordingHasFile() || recording->pid != static_cast<std::uint64_t>(rawSyscall(SYS_getpid))) return;
  recording->exitCode = code;
  __atomic_thread_fence(__ATOMIC_RELEASE);
  recording->state = state;
}

}  // namespace

RecordWriter::RecordWriter(protocol::RecordType type) : type_(type), fast_(fastThread) {
  fastThread = nullptr;
  ++insideDepth;
  writersLock.lock();
  lockRecording();
  begin_ = recordsBegin() + recordingHeader()->used;
}

RecordWriter::~RecordWriter() {
  if (!committed_) commit();
}

void* RecordWriter::addBytes(std::size_t bytes) {
  if (!overflowed_ && !makeRoom(size_ + bytes)) overflowed_ = true;
  char* place = overflowed_ ? scratch : begin_ + size_;
  if (bytes > sizeof(scratch)) bytes = sizeof(scratch);
  for (std::size_t i = 0; i < bytes; ++i) place[i] = 0;
  size_ += bytes;
  return place;
}

std::uint32_t RecordWriter::addCounters(Context context, Address pc) {
  auto* counters = static_cast<std::uint64_t*>(addBytes(kMostCounters * sizeof(std::uint64_t)));
  std::size_t count = unwind(context, pc, counters, kMostCounters);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i)
    if (i == 0 || !inRuntimeCode(counters[i])) counters[kept++] = counters[i];
  count = kept;
  while (count > 1 && isForeign(counters[count - 1])) --count;  // libc's start code.
  size_ -= (kMostCounters - count) * sizeof(std::uint64_t);
  if (pc != 0 && count != 0 && pc < kExternalCounter) --counters[0];
  for (std::size_t i = 0; i < count; ++i) newCode_ = newCode_ || !codeIsKnown(counters[i]);
  return static_cast<std::uint32_t>(count);
}

void RecordWriter::addStack(Context context, Address pc) {
  auto* header = add<protocol::StackHeader>();
  std::uint32_t count = addCounters(context, pc);
  if (!overflowed_) header->size = count;
}

std::uint32_t RecordWriter::addText(const char* text) {
  constexpr std::size_t kMostText = 2048;
  std::size_t length = lengthOf(text);
  if (length > kMostText) length = kMostText;
  auto* copy = static_cast<char*>(addBytes((length + 8) & ~std::size_t{7}));
  for (std::size_t i = 0; i < length; ++i) copy[i] = text[i];
  return static_cast<std::uint32_t>(length + 1);
}

void* RecordWriter::commit() {
  committed_ = true;
  protocol::RecordingHeader* recording = recordingHeader();
  if (overflowed_) {
    ++recording->dropped;
  } else {
    *reinterpret_cast<protocol::RecordHeader*>(begin_) = {type_, static_cast<std::uint32_t>(size_)};
    __atomic_store_n(&recording->used, recording->used + size_, __ATOMIC_RELEASE);
  }
  if (isReport(type_)) {
    ++ownReports;
    keepThreadRecords();
    ++sharedState().reports;
    if (!recordingHasFile() && !overflowed_) tellReport(*reinterpret_cast<protocol::RecordHeader*>(begin_));
  } else if (type_ == protocol::RecordType::Contention && !recordingHasFile() && !overflowed_) {
    tellReport(*reinterpret_cast<protocol::RecordHeader*>(begin_));
  }
  end();
  return overflowed_ ? nullptr : begin_;
}

void* RecordWriter::commitInPlaceOf(protocol::RecordHeader* place) {
  if (overflowed_) return commit();
  committed_ = true;
  auto* bytes = reinterpret_cast<char*>(place);
  place->type = protocol::RecordType::Nothing;  // Should the process be killed meanwhile.
  for (std::size_t i = sizeof(*place); i < size_; ++i) bytes[i] = begin_[i];
  __atomic_thread_fence(__ATOMIC_RELEASE);
  place->type = type_;
  end();
  return place;
}

void RecordWriter::end() {
  unlockRecording();
  writersLock.unlock();
  if (newCode_) recordModules();
  --insideDepth;
  fastThread = fast_;
  if (options.haltOnError && isReport(type_)) endProcess(protocol::RunState::Exited);
}

void recordNote(const char* text) {
  RuntimeScope scope;
  RecordWriter writer(protocol::RecordType::Note);
  auto* note = writer.add<protocol::NoteRecord>();
  note->textSize = writer.addText(text);
}

void openRecording() { mapRecording(); }

ThreadId nextThreadId() { return __atomic_fetch_add(&sharedState().nextThread, 1, __ATOMIC_RELAXED); }

ThreadId threadsMade() { return __atomic_load_n(&sharedState().nextThread, __ATOMIC_RELAXED); }

void countAccesses(std::uint64_t count) {
  if (options.countAccesses) __atomic_fetch_add(&recordingHeader()->accesses, count, __ATOMIC_RELAXED);
}

void recordingForked() {
  writersLock.reset();
  ownReports = 0;
  keepThreadRecords();  // They are the parent's.
  if (recordingHasFile()) return;
  sharedState().lockedBy = 0;
}

SpinLock& recordingLock() { return writersLock; }

std::uint64_t reportCount() { return __atomic_load_n(&ownReports, __ATOMIC_RELAXED); }

int endRecording(int code) {
  RuntimeScope scope;
  if (!__atomic_exchange_n(&ended, true, __ATOMIC_ACQ_REL)) {
    if (Thread* self = ownThread) countAccesses(__atomic_exchange_n(&self->accesses, 0, __ATOMIC_RELAXED));
    reportThreadLeaks();
    reportStrandedTasks();
    if (Thread* self = ownThread; self != nullptr && self->ignoreRequests != 0) reportEndedIgnoring(self);
    recordContention();
    recordModules();
    writeEnd(protocol::RunState::Exited, code);
    if (!recordingHasFile()) tellEnd(reportCount());
  }
  bool failed = programEnds(reportCount() != 0);
  return code == 0 && failed ? options.exitCode : code;
}

void endProcess(protocol::RunState state) {
  deadheat_on_failure();
  RuntimeScope scope;
  int code = options.exitCode != 0 ? options.exitCode : protocol::kExitWithReports;
  recordContention();
  recordModules();
  writeEnd(state, code);
  if (!recordingHasFile()) tellEnd(reportCount());
  rawSyscall(SYS_exit_group, code);
  __builtin_unreachable();
}

void failStart(int code, const char* text, const char* detail) {
  Text<4600> line;
  line << "deadheat: " << text << detail << "\n";
  line.writeTo(2);
  rawSyscall(SYS_exit_group, code);
  __builtin_unreachable();
}

}  // namespace deadheat::rt
