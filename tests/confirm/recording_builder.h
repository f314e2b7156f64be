// Recordings byte by byte, as the runtime would write them: what the reader and the judge are tested with.
#pragma once

#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include "runtime/protocol.h"

namespace deadheat {

using Counters = std::vector<std::uint64_t>;

class RecordingBuilder {
 public:
  RecordingBuilder() {
    std::memcpy(header_.magic, protocol::kRecordingMagic, sizeof(header_.magic));
    header_.version = protocol::kProtocolVersion;
    header_.state = protocol::RunState::Exited;
  }

  protocol::RecordingHeader& header() { return header_; }

  RecordingBuilder& module(const std::string& path, std::uint64_t base, std::uint64_t size,
                           const std::vector<std::uint8_t>& buildId = {}) {
    protocol::ModuleRecord record{};
    record.base = base;
    record.begin = base;
    record.end = base + size;
    record.buildIdSize = static_cast<std::uint32_t>(std::min<std::size_t>(buildId.size(), 20));
    std::copy_n(buildId.begin(), record.buildIdSize, record.buildId);
    record.instrumented = 1;
    const std::string text = padded(path);
    record.pathSize = static_cast<std::uint32_t>(text.size());
    return add(protocol::RecordType::Module, record, text);
  }

  RecordingBuilder& thread(std::uint32_t id, std::uint32_t parent, const Counters& created = {}) {
    protocol::ThreadRecord record{};
    record.id = id;
    record.parent = parent;
    record.stackSize = static_cast<std::uint32_t>(created.size());
    return add(protocol::RecordType::Thread, record, bytes(created));
  }

  static std::string side(std::uint32_t thread, std::uint32_t flags, std::uint64_t address, const Counters& stack,
                          std::uint32_t site = ~0u) {
    protocol::RaceSide side{thread, flags, address, 4, site, 0};
    return bytes(side) + stackBytes(stack);
  }

  RecordingBuilder& race(protocol::RaceProof proof, const std::string& later, const std::string& earlier) {
    protocol::RaceRecord record{};
    record.proof = proof;
    return add(protocol::RecordType::Race, record, later + earlier);
  }

  static std::string edge(std::uint32_t thread, std::uint64_t held, std::uint64_t wanted, const Counters& heldStack,
                          const Counters& wantedStack) {
    protocol::LockEdge edge{thread, 0, {held, 1}, {wanted, 2}};
    return bytes(edge) + stackBytes(heldStack) + stackBytes(wantedStack);
  }

  RecordingBuilder& lockCycle(std::initializer_list<std::string> edges) {
    protocol::LockCycleRecord record{};
    record.edgeCount = static_cast<std::uint32_t>(edges.size());
    return add(protocol::RecordType::LockCycle, record, joined(edges));
  }

  static std::string stuck(std::uint32_t thread, protocol::ResourceKind wants, std::uint64_t resource,
                           std::uint32_t owner, const Counters& stack, std::uint64_t held = 0,
                           const Counters& heldStack = {}) {
    protocol::DeadlockThread raw{thread, wants, {resource, 1}, owner, held ? 1u : 0u};
    std::string out = bytes(raw) + stackBytes(stack);
    if (held) out += bytes(protocol::LockInfo{held, 1}) + stackBytes(heldStack);
    return out;
  }

  RecordingBuilder& deadlock(std::initializer_list<std::string> threads) {
    protocol::DeadlockRecord record{};
    record.threadCount = static_cast<std::uint32_t>(threads.size());
    return add(protocol::RecordType::Deadlock, record, joined(threads));
  }

  RecordingBuilder& misuse(protocol::MisuseKind kind, std::uint64_t lock, const Counters& stack) {
    protocol::MisuseRecord record{};
    record.kind = kind;
    return add(protocol::RecordType::Misuse, record, bytes(protocol::LockInfo{lock, 1}) + stackBytes(stack));
  }

  RecordingBuilder& siteReached(std::uint32_t site, std::uint32_t thread, bool held) {
    protocol::SiteReachedRecord record{};
    record.site = site;
    record.thread = thread;
    record.held = held;
    return add(protocol::RecordType::SiteReached, record, {});
  }

  RecordingBuilder& note(const std::string& text) {
    protocol::NoteRecord record{};
    const std::string content = padded(text);
    record.textSize = static_cast<std::uint32_t>(content.size());
    return add(protocol::RecordType::Note, record, content);
  }

  /// The file: header, records, and `spare` bytes that were never written.
  std::string file(std::size_t spare = 64) const {
    protocol::RecordingHeader header = header_;
    if (header.used == 0) header.used = records_.size();
    std::string out = bytes(header);
    out.resize(protocol::kRecordsOffset);
    return out + records_ + std::string(spare, '\0');
  }

  template <typename T>
  static std::string bytes(const T& value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  static std::string bytes(const Counters& counters) {
    return std::string(reinterpret_cast<const char*>(counters.data()), counters.size() * sizeof(std::uint64_t));
  }

 private:
  static std::string stackBytes(const Counters& counters) {
    return bytes(protocol::StackHeader{static_cast<std::uint32_t>(counters.size()), 0}) + bytes(counters);
  }
  static std::string padded(std::string text) {
    text.resize(text.size() / 8 * 8 + 8);
    return text;
  }
  static std::string joined(std::initializer_list<std::string> parts) {
    std::string out;
    for (const std::string& part : parts) out += part;
    return out;
  }

  template <typename Record>
  RecordingBuilder& add(protocol::RecordType type, Record record, const std::string& rest) {
    record.header.type = type;
    record.header.size = static_cast<std::uint32_t>(sizeof(record) + rest.size());
    records_ += bytes(record) + rest;
    return *this;
  }

  protocol::RecordingHeader header_{};
  std::string records_;
};

}  // namespace deadheat
