#include "analyzers/findings/finding.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

namespace deadheat {
namespace {

/// Appends `part` so that no two lists of parts give the same bytes.
void append(std::string& bytes, const std::string& part) {
  bytes += std::to_string(part.size());
  bytes += ':';
  bytes += part;
}

void append(std::string& bytes, const std::vector<std::string>& parts) {
  bytes += std::to_string(parts.size());
  bytes += '[';
  for (const std::string& part : parts) append(bytes, part);
}

}  // namespace

std::string fingerprint(const Finding& finding) {
  std::string bytes;
  append(bytes, finding.check);
  append(bytes, finding.subjects);
  append(bytes, finding.functions);
  auto hash = llvm::xxh3_128bits(llvm::ArrayRef(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
  std::string out;
  llvm::raw_string_ostream stream(out);
  stream << llvm::format("%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                         static_cast<unsigned long long>(hash.low64));
  return out;
}

}  // namespace deadheat
