#include "analyzers/facts/digest.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/xxhash.h"

namespace deadheat {

std::string Digest::text() const {
  std::string text;
  for (std::uint64_t half : {high, low}) {
    std::string digits = llvm::utohexstr(half, /*LowerCase=*/true);
    text += std::string(16 - digits.size(), '0') + digits;
  }
  return text;
}

Digest digestOf(llvm::StringRef bytes) {
  auto hash = llvm::xxh3_128bits(llvm::ArrayRef(bytes.bytes_begin(), bytes.size()));
  return {hash.high64, hash.low64};
}

DigestBuilder& DigestBuilder::add(llvm::StringRef text) {
  char size[8];
  llvm::support::endian::write64le(size, text.size());
  bytes_.append(size, sizeof size);
  bytes_.append(text.data(), text.size());
  return *this;
}

DigestBuilder& DigestBuilder::add(const Digest& digest) {
  char halves[16];
  llvm::support::endian::write64le(halves, digest.high);
  llvm::support::endian::write64le(halves + 8, digest.low);
  bytes_.append(halves, sizeof halves);
  return *this;
}

}  // namespace deadheat
