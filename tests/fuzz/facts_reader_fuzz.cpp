// Fuzz target over the facts reader: whatever the bytes, reading them is an error of one line or gives sound facts, which
// can be shown, written and read again.
//
// libFuzzer calls LLVMFuzzerTestOneInput; built without it, main below feeds it a corpus that it makes itself.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "analyzers/facts/archive.h"
#include "analyzers/facts/dump.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  llvm::errs() << "does not hold: " << what << '\n';
  std::abort();
}

void tryToRead(llvm::StringRef bytes) {
  auto facts = deadheat::readFacts(bytes, "input");
  if (!facts) {
    std::string error = llvm::toString(facts.takeError());
    require(error.find('\n') == std::string::npos, "an error is one line");
    return;
  }
  require(!deadheat::dump(*facts).empty() || facts->functions.empty(), "facts can be shown");
  const std::string written = deadheat::writeFacts(*facts);
  auto again = deadheat::readFacts(written, "written");
  require(static_cast<bool>(again), "what was read can be written and read");
  require(*again == *facts, "and is the same");
}

/// The same payload in a frame that is right, so that mutations reach what lies behind the checksum.
std::string reframed(llvm::StringRef bytes) {
  constexpr std::size_t kFrame = 32;
  std::string file = deadheat::writeFacts({}).substr(0, kFrame);
  llvm::StringRef payload = bytes.size() > kFrame ? bytes.drop_front(kFrame) : bytes;
  llvm::support::endian::write64le(file.data() + 16, payload.size());
  llvm::support::endian::write64le(file.data() + 24, llvm::xxh3_64bits(payload));
  return file.append(payload.data(), payload.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  llvm::StringRef bytes(reinterpret_cast<const char*>(data), size);
  tryToRead(bytes);
  tryToRead(reframed(bytes));
  return 0;
}
