#include "tool/cache/entry_frame.h"

#include <cstring>

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Compression.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/xxhash.h"

namespace deadheat {
namespace {

constexpr llvm::StringLiteral kMagic("DHCACHE\n");
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderSize = 32;
constexpr std::size_t kChecksumAt = 24;
/// Fast rather than small: entries are written by the run that the user waits for.
constexpr int kZstdLevel = 1;
constexpr int kZlibLevel = 1;

enum class Method : std::uint32_t { None, Zstd, Zlib };

Method bestMethod() {
  if (llvm::compression::zstd::isAvailable()) return Method::Zstd;
  return llvm::compression::zlib::isAvailable() ? Method::Zlib : Method::None;
}

bool isAvailable(Method method) {
  return method == Method::None || (method == Method::Zstd && llvm::compression::zstd::isAvailable()) ||
         (method == Method::Zlib && llvm::compression::zlib::isAvailable());
}

std::uint64_t checksum(llvm::StringRef header, llvm::StringRef body) {
  return llvm::xxh3_64bits(header.take_front(kChecksumAt)) ^ llvm::xxh3_64bits(body);
}

llvm::ArrayRef<std::uint8_t> asBytes(llvm::StringRef text) { return {text.bytes_begin(), text.size()}; }

}  // namespace

std::string wrapEntry(llvm::StringRef bytes) {
  const Method method = bestMethod();
  llvm::SmallVector<std::uint8_t, 0> packed;
  if (method == Method::Zstd) llvm::compression::zstd::compress(asBytes(bytes), packed, kZstdLevel);
  if (method == Method::Zlib) llvm::compression::zlib::compress(asBytes(bytes), packed, kZlibLevel);
  llvm::StringRef body =
      method == Method::None ? bytes : llvm::StringRef(reinterpret_cast<const char*>(packed.data()), packed.size());
  std::string file(kHeaderSize, '\0');
  std::memcpy(file.data(), kMagic.data(), kMagic.size());
  llvm::support::endian::write32le(file.data() + 8, kVersion);
  llvm::support::endian::write32le(file.data() + 12, static_cast<std::uint32_t>(method));
  llvm::support::endian::write64le(file.data() + 16, bytes.size());
  llvm::support::endian::write64le(file.data() + kChecksumAt, checksum(file, body));
  return file.append(body.data(), body.size());
}

std::optional<std::string> unwrapEntry(llvm::StringRef file) {
  if (file.size() < kHeaderSize || !file.starts_with(kMagic)) return std::nullopt;
  llvm::StringRef header = file.take_front(kHeaderSize);
  llvm::StringRef body = file.drop_front(kHeaderSize);
  if (llvm::support::endian::read32le(header.data() + 8) != kVersion) return std::nullopt;
  if (llvm::support::endian::read64le(header.data() + kChecksumAt) != checksum(header, body)) return std::nullopt;
  const auto method = static_cast<Method>(llvm::support::endian::read32le(header.data() + 12));
  const std::uint64_t size = llvm::support::endian::read64le(header.data() + 16);
  if (!isAvailable(method)) return std::nullopt;
  if (method == Method::None) return body.str();
  std::string bytes(size, '\0');
  std::size_t unpacked = size;
  auto* out = reinterpret_cast<std::uint8_t*>(bytes.data());
  llvm::Error error = method == Method::Zstd ? llvm::compression::zstd::decompress(asBytes(body), out, unpacked)
                                             : llvm::compression::zlib::decompress(asBytes(body), out, unpacked);
  const bool failed = static_cast<bool>(error);
  llvm::consumeError(std::move(error));
  if (failed || unpacked != size) return std::nullopt;
  return bytes;
}

}  // namespace deadheat
