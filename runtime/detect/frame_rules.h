// How to get from a frame to its caller, as the unwind tables of a module say (.eh_frame, which every program built for
// x86-64 carries, stripped or not): DWARF 4, section 6.4, and the Linux Standard Base on .eh_frame_hdr.
//
// Only what compilers emit for ordinary functions is understood: frames found from the stack pointer or the frame
// pointer, registers saved at fixed places. Everything else ends the stack. No allocation, no lock, no libc.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// The rule of one code address.
struct FrameRule {
  enum class Base : std::uint8_t { None, StackPointer, FramePointer, Signal };
  Base base = Base::None;         ///< None: no rule, or the outermost frame. Signal: the kernel's frame of a handler.
  std::int32_t offset = 0;        ///< The caller's stack pointer is base + offset; the return address lies below it.
  std::int32_t framePointer = 0;  ///< Not 0: the caller's frame pointer is saved at its stack pointer + this.
};

/// The rule at `pc` in the module loaded at `header` (its ELF header). Cost: a binary search and the function's
/// program.
FrameRule frameRuleAt(Address pc, Address header);

}  // namespace deadheat::rt
