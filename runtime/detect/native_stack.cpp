#include "runtime/detect/native_stack.h"

#include "runtime/bounds/bounds.h"
#include "runtime/detect/context_tree.h"
#include "runtime/detect/frame_rules.h"
#include "runtime/detect/thread.h"
#include "runtime/intercept/caller.h"
#include "runtime/record/modules.h"
#include "runtime/record/recording.h"

namespace deadheat::rt {

__thread Address callerFrame = 0;

namespace {

// Rules of code addresses met before, direct-mapped. An entry is two words, of which the first is the address mixed
// with the second, so that one half of a write that another thread sees fits nothing.
struct Remembered {
  std::uint64_t key;
  std::uint64_t rule;
};
constexpr std::size_t kRemembered = 4096;
Remembered remembered[kRemembered];

std::uint64_t packed(const FrameRule& rule) {
  return std::uint64_t{static_cast<std::uint32_t>(rule.offset)} |
         std::uint64_t{static_cast<std::uint32_t>(rule.framePointer) & 0xffffff} << 32 |
         std::uint64_t{static_cast<std::uint8_t>(rule.base)} << 56 | std::uint64_t{1} << 63;
}

FrameRule unpacked(std::uint64_t word) {
  FrameRule rule;
  rule.offset = static_cast<std::int32_t>(word);
  rule.framePointer = static_cast<std::int32_t>(static_cast<std::uint32_t>(word >> 32) << 8) >> 8;
  rule.base = static_cast<FrameRule::Base>(word >> 56 & 0x7f);
  return rule;
}

FrameRule ruleFor(Address pc) {
  Remembered& place = remembered[(pc ^ pc >> 12) % kRemembered];
  std::uint64_t word = __atomic_load_n(&place.rule, __ATOMIC_RELAXED);
  if (word != 0 && (__atomic_load_n(&place.key, __ATOMIC_RELAXED) ^ word) == pc) return unpacked(word);
  Module module;
  if (!findModule(pc, module)) {
    recordModules();
    if (!findModule(pc, module)) return {};
  }
  FrameRule rule = frameRuleAt(pc, module.begin & ~Address{4095});
  __atomic_store_n(&place.rule, packed(rule), __ATOMIC_RELAXED);
  __atomic_store_n(&place.key, pc ^ packed(rule), __ATOMIC_RELAXED);
  return rule;
}

/// A frame's registers that matter.
struct Registers {
  Address pc;  ///< Of the frame; past the call, except for the frame a signal interrupted.
  Address stackPointer;
  Address framePointer;
  bool interrupted;
};

Address wordAt(Address address) { return *reinterpret_cast<const Address*>(address); }

/// Past the kernel's frame, which begins with a ucontext_t: the interrupted registers lie at fixed places in it.
bool leaveSignalFrame(Registers& registers) {
  constexpr Address kRegisters = 40, kRbp = 10 * 8, kRsp = 15 * 8, kRip = 16 * 8;
  Address saved = registers.stackPointer + kRegisters;
  registers = {wordAt(saved + kRip), wordAt(saved + kRsp), wordAt(saved + kRbp), true};
  return registers.pc != 0;
}

/// Goes to the caller. False at the end.
bool leaveFrame(Registers& registers) {
  FrameRule rule = ruleFor(registers.interrupted ? registers.pc : registers.pc - 1);
  if (rule.base == FrameRule::Base::None) return false;
  if (rule.base == FrameRule::Base::Signal) return leaveSignalFrame(registers);
  constexpr Address kMostFrame = 16 << 20;
  Address base = rule.base == FrameRule::Base::StackPointer ? registers.stackPointer : registers.framePointer;
  Address caller = base + static_cast<Address>(std::int64_t{rule.offset});
  if (caller <= registers.stackPointer || caller - registers.stackPointer > kMostFrame || caller % 8 != 0) return false;
  if (rule.framePointer != 0)
    registers.framePointer = wordAt(caller + static_cast<Address>(std::int64_t{rule.framePointer}));
  registers = {wordAt(caller - 8), caller, registers.framePointer, false};
  return registers.pc != 0;
}

Context childOf(CallStack& calls, Context parent, Address returnAddress) {
  CallStack::Child& child = calls.place(parent, returnAddress);
  if (child.returnAddress != returnAddress || child.parent != parent)
    child = {returnAddress, parent, childContext(parent, returnAddress)};
  return child.child;
}

/// The number without what starts main (the C library, called by the program's first code) and threads.
std::size_t withoutStart(const NativeFrame* frames, std::size_t count) {
  if (count > 2 && inCLibrary(frames[count - 2].returnAddress)) --count;
  while (count > 1 && inCLibrary(frames[count - 1].returnAddress)) --count;
  return count;
}

}  // namespace

__attribute__((noinline)) std::size_t nativeFrames(NativeFrame* out, std::size_t capacity) {
  RuntimeScope scope;
  Registers registers;
  __asm__ volatile("leaq 0(%%rip), %0\n\tmovq %%rsp, %1\n\tmovq %%rbp, %2"
                   : "=r"(registers.pc), "=r"(registers.stackPointer), "=r"(registers.framePointer));
  registers.interrupted = true;
  std::size_t count = 0;
  while (count < capacity && leaveFrame(registers))
    if (!inRuntimeCode(registers.pc)) out[count++] = {registers.pc, registers.stackPointer};
  return withoutStart(out, count);
}

Context contextOf(CallStack& calls, const NativeFrame* frames, std::size_t from, std::size_t count) {
  Context context = 0;
  for (std::size_t i = count; i > from; --i) context = childOf(calls, context, frames[i - 1].returnAddress);
  return context;
}

namespace {

std::size_t innermostInstrumented(const NativeFrame* frames, std::size_t count) {
  std::size_t innermost = 0;
  while (innermost < count && !inInstrumentedCode(frames[innermost].returnAddress)) ++innermost;
  return innermost;
}

}  // namespace

Context nativeContext(CallStack& calls) {
  NativeFrame frames[kMostNativeFrames];
  std::size_t count = nativeFrames(frames, kMostNativeFrames);
  std::size_t innermost = innermostInstrumented(frames, count);
  return contextOf(calls, frames, innermost < count ? innermost + 1 : 1, count);
}

Address nativeCaller(Address otherwise) {
  NativeFrame frames[kMostNativeFrames];
  std::size_t count = nativeFrames(frames, kMostNativeFrames);
  std::size_t innermost = innermostInstrumented(frames, count);
  return innermost < count ? frames[innermost].returnAddress : otherwise;
}

}  // namespace deadheat::rt
