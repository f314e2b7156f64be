// The recording: records appended to a file mapped into memory, complete however the program ends.
//
// The process that starts with DEADHEAT_RECORDING=path creates the file; when it exists and is not empty (a program
// that an instrumented one executed), path.<pid> instead. The child of a fork goes on in its parent's file. Without the
// variable records go to memory, and the end of the process prints them in short. Any number of processes may append to
// one file: a lock in the header's reserved words keeps them apart.
#pragma once

#include "runtime/core.h"
#include "runtime/platform/spin_lock.h"
#include "runtime/protocol.h"

namespace deadheat::rt {

/// One record under construction, straight in the mapped file: alive between two of them nobody else appends, so be
/// quick and call nothing of the program.
///
///   RecordWriter writer(protocol::RecordType::Misuse);
///   auto* misuse = writer.add<protocol::MisuseRecord>();  // Zeroed but for the header; fill it in.
///   ...
///   writer.addStack(context, pc);
///   writer.commit();
///
/// A writer that finds no room drops the record at commit and counts it; add() still gives memory to write to. Pointers
/// from add() are good until commit().
class RecordWriter {
 public:
  explicit RecordWriter(protocol::RecordType type);
  ~RecordWriter();
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;

  /// Appends a struct to the record; the first one holds the RecordHeader, which commit() completes.
  template <class T>
  T* add() {
    static_assert(sizeof(T) % 8 == 0);
    return static_cast<T*>(addBytes(sizeof(T)));
  }
  /// Appends a StackHeader and the counters of the stack.
  void addStack(Context context, Address pc);
  /// Appends only the counters; returns their number (for ThreadRecord::stackSize).
  std::uint32_t addCounters(Context context, Address pc);
  /// Appends zero-terminated text padded to 8; returns its size with the zero and without the padding.
  std::uint32_t addText(const char* text);
  /// Makes the record part of the recording. Returns it in the mapping, null if it was dropped.
  void* commit();
  /// The same, but in the place of a committed record at least as long, which ceases to be.
  void* commitInPlaceOf(protocol::RecordHeader* place);
  std::size_t size() const { return size_; }

 private:
  void* addBytes(std::size_t bytes);
  /// Lets others write, and looks after what the record means.
  void end();

  protocol::RecordType type_;
  Thread* fast_;  ///< A writer is a RuntimeScope too.
  char* begin_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
  bool committed_ = false;
  bool newCode_ = false;  ///< A counter lies in no module recorded so far.
};

/// A Note record.
void recordNote(const char* text);
/// Looks for modules not recorded yet and records them. Called at start, after dlopen and when a stack has unknown
/// code. `instrumentedPc`, if not 0, marks the module it lies in as instrumented.
void recordModules(Address instrumentedPc = 0);

/// Opens the recording. Called once by initialize().
void openRecording();
/// Fresh number for a thread, unique among all processes of the recording.
ThreadId nextThreadId();
/// How many there were.
ThreadId threadsMade();

/// Adds to RecordingHeader::accesses, if the option asks for it.
void countAccesses(std::uint64_t count);

/// In the child of a fork. Without a file, the parent's reports are the parent's to print.
void recordingForked();
/// A fork server's: what is recorded now begins the recording of every run,
void keepRecordingStart();
/// which is all there is of it once more. REQUIRES: no run is going on.
void rewindRecording();
/// In a run: the recording is this process's.
void recordingServed();
/// Taken by writers; for fork.
SpinLock& recordingLock();

/// How many races, cycles, deadlocks and misuses were recorded by this process and its forks.
std::uint64_t reportCount();

/// The process is about to end with `code` of its own: writes the end of the recording, or prints the short report when
/// there is no file. Returns the code to end with: options.exitCode if there are reports and `code` is 0. Idempotent.
int endRecording(int code);

/// Ends the process now in `state` (Deadlocked) with options.exitCode, or 66 if that is 0.
[[noreturn]] void endProcess(protocol::RunState state);

/// One line on stderr, "deadheat: " before it; then exit code `code`.
[[noreturn]] void failStart(int code, const char* text, const char* detail);

}  // namespace deadheat::rt
