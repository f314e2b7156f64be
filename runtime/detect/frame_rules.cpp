#include "runtime/detect/frame_rules.h"

#include <elf.h>

namespace deadheat::rt {
namespace {

// Encodings of pointers (LSB 10.5); the only ones linkers and compilers use here.
constexpr std::uint8_t kPcRelative32 = 0x1b;
constexpr std::uint8_t kPcRelative64 = 0x1c;
constexpr std::uint8_t kUnsigned32 = 0x03;
constexpr std::uint8_t kTableRelative32 = 0x3b;

// DWARF numbers of registers.
constexpr std::uint64_t kRbp = 6;
constexpr std::uint64_t kRsp = 7;
constexpr std::uint64_t kReturnAddress = 16;

/// Bytes of the tables, read one value after another.
class Reader {
 public:
  explicit Reader(Address at) : at_(at) {}

  Address at() const { return at_; }
  void skip(std::uint64_t bytes) { at_ += bytes; }
  template <class T>
  T take() {
    T value;
    __builtin_memcpy(&value, reinterpret_cast<const void*>(at_), sizeof(T));
    at_ += sizeof(T);
    return value;
  }
  std::uint64_t uleb() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      auto byte = take<std::uint8_t>();
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
  }
  std::int64_t sleb() {
    std::uint64_t value = 0;
    unsigned shift = 0;
    std::uint8_t byte;
    do {
      byte = take<std::uint8_t>();
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      shift += 7;
    } while ((byte & 0x80) != 0);
    if ((byte & 0x40) != 0 && shift < 64) value |= ~std::uint64_t{0} << shift;
    return static_cast<std::int64_t>(value);
  }

 private:
  Address at_;
};

/// What the entries of many functions share.
struct Common {
  std::uint64_t codeAlign = 1;
  std::int64_t dataAlign = 1;
  std::uint8_t encoding = 0;
  bool augmented = false;
  bool signal = false;
  bool known = false;
  Address program = 0;
  Address end = 0;
};

Common commonAt(Address address) {
  Common common;
  Reader reader(address);
  auto length = reader.take<std::uint32_t>();
  common.end = reader.at() + length;
  if (reader.take<std::uint32_t>() != 0) return common;
  auto version = reader.take<std::uint8_t>();
  Reader names(reader.at());
  while (reader.take<char>() != 0) {
  }
  common.codeAlign = reader.uleb();
  common.dataAlign = reader.sleb();
  std::uint64_t returnRegister = version == 1 ? reader.take<std::uint8_t>() : reader.uleb();
  common.known = returnRegister == kReturnAddress;
  for (char name = names.take<char>(); name != 0 && common.known; name = names.take<char>()) {
    if (name == 'z') {
      std::uint64_t size = reader.uleb();
      common.augmented = true;
      common.program = reader.at() + size;
    } else if (name == 'R') {
      common.encoding = reader.take<std::uint8_t>();
    } else if (name == 'P') {
      auto encoding = reader.take<std::uint8_t>();
      reader.skip((encoding & 0x0f) == 0x0c || (encoding & 0x0f) == 0x04 || (encoding & 0x0f) == 0 ? 8 : 4);
    } else if (name == 'L') {
      reader.skip(1);
    } else if (name == 'S') {
      common.signal = true;
    } else if (name != 'B') {
      common.known = false;
    }
  }
  if (!common.augmented) common.program = reader.at();
  return common;
}

/// What the program of a function computes: where the frame is, and where its registers are saved.
struct Row {
  std::uint64_t baseRegister = kRsp;
  std::int64_t offset = 8;
  std::int64_t framePointer = 0;
  bool outermost = false;
  bool understood = true;

  void saved(std::uint64_t what, std::int64_t where) {
    if (what == kRbp) framePointer = where;
    if (what == kReturnAddress && where != -8) understood = false;
  }
  void unsaved(std::uint64_t what) {
    if (what == kRbp) framePointer = 0;
  }
  void undefined(std::uint64_t what) { outermost = outermost || what == kReturnAddress; }
  void computed(std::uint64_t what) {
    if (what == kRbp || what == kReturnAddress) understood = false;
  }
};

/// Call frame instructions, up to the code address asked for.
class Program {
 public:
  Program(const Common& common, Address start, Address wanted) : common_(common), location_(start), wanted_(wanted) {}

  void run(Address begin, Address end, Row& row) {
    Reader reader(begin);
    while (reader.at() < end && location_ <= wanted_ && row.understood) step(reader, row);
  }
  void setInitial(const Row& row) { initial_ = row; }

 private:
  void step(Reader& reader, Row& row) {
    auto code = reader.take<std::uint8_t>();
    std::uint8_t low = code & 0x3f;
    switch (code & 0xc0) {
      case 0x40:
        return advance(low);  // advance_loc
      case 0x80:
        return row.saved(low, static_cast<std::int64_t>(reader.uleb()) * common_.dataAlign);  // offset
      case 0xc0:
        return restore(low, row);  // restore
      default:
        return extended(low, reader, row);
    }
  }

  void extended(std::uint8_t code, Reader& reader, Row& row) {
    switch (code) {
      case 0x00:
        return;  // nop
      case 0x01:
        return setLocation(reader, row);  // set_loc
      case 0x02:
        return advance(reader.take<std::uint8_t>());  // advance_loc1
      case 0x03:
        return advance(reader.take<std::uint16_t>());  // advance_loc2
      case 0x04:
        return advance(reader.take<std::uint32_t>());  // advance_loc4
      case 0x05:
        return savedAt(reader.uleb(), static_cast<std::int64_t>(reader.uleb()), row);  // offset_extended
      case 0x11:
        return savedAt(reader.uleb(), reader.sleb(), row);  // offset_extended_sf
      case 0x06:
        return restore(reader.uleb(), row);  // restore_extended
      case 0x07:
        return row.undefined(reader.uleb());  // undefined
      case 0x08:
        return row.unsaved(reader.uleb());  // same_value
      case 0x09:
        return twoNumbers(reader, row);  // register
      case 0x0a:
        return remember(row);  // remember_state
      case 0x0b:
        return recall(row);  // restore_state
      case 0x0c:             // def_cfa
        row.baseRegister = reader.uleb();
        row.offset = static_cast<std::int64_t>(reader.uleb());
        return;
      case 0x0d:
        row.baseRegister = reader.uleb();
        return;  // def_cfa_register
      case 0x0e:
        row.offset = static_cast<std::int64_t>(reader.uleb());
        return;  // def_cfa_offset
      case 0x0f:
        row.baseRegister = ~std::uint64_t{0};
        return reader.skip(reader.uleb());  // def_cfa_expression
      case 0x10:                            // expression
      case 0x16:
        row.computed(reader.uleb());
        return reader.skip(reader.uleb());  // val_expression
      case 0x2e:
        reader.uleb();
        return;  // GNU_args_size
      default:
        row.understood = false;
    }
  }

  void advance(std::uint64_t by) { location_ += by * common_.codeAlign; }
  void setLocation(Reader&, Row& row) { row.understood = false; }
  void savedAt(std::uint64_t what, std::int64_t factored, Row& row) { row.saved(what, factored * common_.dataAlign); }
  void restore(std::uint64_t what, Row& row) const {
    if (what == kRbp) row.framePointer = initial_.framePointer;
  }
  void twoNumbers(Reader& reader, Row& row) {
    row.computed(reader.uleb());
    reader.uleb();
  }
  void remember(const Row& row) {
    if (depth_ < kDepth) stack_[depth_++] = row;
  }
  void recall(Row& row) {
    if (depth_ != 0) row = stack_[--depth_];
  }

  static constexpr int kDepth = 8;
  const Common& common_;
  Address location_;
  Address wanted_;
  Row initial_;
  Row stack_[kDepth];
  int depth_ = 0;
};

Address pointerAt(Reader& reader, std::uint8_t encoding) {
  Address from = reader.at();
  if (encoding == kPcRelative32) return from + static_cast<Address>(std::int64_t{reader.take<std::int32_t>()});
  if (encoding == kPcRelative64) return from + reader.take<std::uint64_t>();
  return 0;
}

FrameRule ruleOf(const Common& common, const Row& row) {
  FrameRule rule;
  if (common.signal) {
    rule.base = FrameRule::Base::Signal;
    return rule;
  }
  constexpr std::int64_t kMost = 1 << 30;
  if (!row.understood || row.outermost || row.offset > kMost || row.offset < -kMost) return rule;
  if (row.baseRegister == kRsp) rule.base = FrameRule::Base::StackPointer;
  if (row.baseRegister == kRbp) rule.base = FrameRule::Base::FramePointer;
  rule.offset = static_cast<std::int32_t>(row.offset);
  rule.framePointer = static_cast<std::int32_t>(row.framePointer);
  return rule;
}

/// The rule at `pc`, by the entry at `entry`.
FrameRule ruleFrom(Address entry, Address pc) {
  Reader reader(entry);
  auto length = reader.take<std::uint32_t>();
  if (length == 0 || length == ~0u) return {};
  Address end = reader.at() + length;
  Address commonField = reader.at();
  Common common = commonAt(commonField - reader.take<std::uint32_t>());
  if (!common.known) return {};
  Address begin = pointerAt(reader, common.encoding);
  auto size = common.encoding == kPcRelative64 ? reader.take<std::uint64_t>() : reader.take<std::uint32_t>();
  if (begin == 0 || pc - begin >= size) return {};
  if (common.augmented) reader.skip(reader.uleb());
  Row row;
  Program shared(common, begin, begin);
  shared.run(common.program, common.end, row);
  Program own(common, begin, pc);
  own.setInitial(row);
  own.run(reader.at(), end, row);
  return ruleOf(common, row);
}

/// The module's .eh_frame_hdr, or 0.
Address tableOf(Address header) {
  const auto* elf = reinterpret_cast<const Elf64_Ehdr*>(header);
  if (elf->e_ident[EI_MAG0] != ELFMAG0 || elf->e_ident[EI_MAG1] != ELFMAG1) return 0;
  const auto* segments = reinterpret_cast<const Elf64_Phdr*>(header + elf->e_phoff);
  Address lowest = ~Address{0};
  Address table = 0;
  for (int i = 0; i < elf->e_phnum; ++i) {
    if (segments[i].p_type == PT_LOAD && segments[i].p_vaddr < lowest) lowest = segments[i].p_vaddr;
    if (segments[i].p_type == PT_GNU_EH_FRAME) table = segments[i].p_vaddr;
  }
  return table == 0 ? 0 : header - lowest + table;
}

struct Row32 {
  std::int32_t begin;
  std::int32_t entry;
};

}  // namespace

FrameRule frameRuleAt(Address pc, Address header) {
  Address table = tableOf(header);
  if (table == 0) return {};
  Reader reader(table);
  auto version = reader.take<std::uint8_t>();
  auto frames = reader.take<std::uint8_t>();
  auto counts = reader.take<std::uint8_t>();
  auto rows = reader.take<std::uint8_t>();
  if (version != 1 || frames != kPcRelative32 || counts != kUnsigned32 || rows != kTableRelative32) return {};
  reader.skip(4);
  auto count = reader.take<std::uint32_t>();
  const auto* row = reinterpret_cast<const Row32*>(reader.at());
  auto wanted = static_cast<std::int64_t>(pc - table);
  std::uint32_t low = 0;
  std::uint32_t high = count;  // The last row that begins at or before the address lies in [low, high).
  while (high - low > 1) {
    std::uint32_t middle = low + (high - low) / 2;
    (row[middle].begin <= wanted ? low : high) = middle;
  }
  if (count == 0 || row[low].begin > wanted) return {};
  return ruleFrom(table + static_cast<Address>(std::int64_t{row[low].entry}), pc);
}

}  // namespace deadheat::rt
