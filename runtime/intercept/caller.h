// Which code an intercepted call belongs to.
//
// std::thread::join, std::condition_variable::wait, operator new and much of std::string live in libstdc++.so, which is
// not instrumented: the call that reaches us comes from there, and the frame of the program's own function would be
// missing from the stack. So the nearest return address into instrumented code stands for the call.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// True if `pc` lies in a module that calls the runtime. The executable always counts.
bool inInstrumentedCode(Address pc);
/// A module says that it is instrumented, by any address of its code.
void addInstrumentedModule(Address pc);

/// True if `pc` lies in the C library or the dynamic linker.
bool inCLibrary(Address pc);
/// The second alone.
bool inDynamicLinker(Address pc);
/// True if what the code at `returnAddress` does is not to be looked at: it lies in a library that a suppression names,
/// or in any that is not instrumented and the option says so.
bool ignoresCaller(Address returnAddress);

/// The program's own code but for the runtime in it, in two parts; empty where what it does may be ignored, and before
/// the runtime is up.
struct ProgramCode {
  Address begin, runtimeBegin, runtimeEnd, end;
};
extern ProgramCode programCode;
/// When options and suppressions are known.
void findProgramCode();

/// True if an intercepted call that returns there is the program's own, told at once.
inline bool surelyInProgram(Address pc) {
  return pc >= programCode.begin && pc < programCode.end &&
         (pc < programCode.runtimeBegin || pc >= programCode.runtimeEnd);
}

/// Out of line part of callerPc: looks through the stack above `frame`.
Address searchCaller(Address returnAddress, const void* frame);

/// In an uninstrumented program every caller is as good; remembers where its frame is.
Address preloadedCaller(Address returnAddress, const void* frame);

/// `returnAddress` if it lies in instrumented code, else the return address of the nearest instrumented frame above
/// `frame`, else `returnAddress`. Cost in the first case: two comparisons.
inline Address callerPc(Address returnAddress, const void* frame) {
  if constexpr (kPreloaded) return preloadedCaller(returnAddress, frame);
  if (surelyInProgram(returnAddress)) [[likely]]
    return returnAddress;
  return inInstrumentedCode(returnAddress) ? returnAddress : searchCaller(returnAddress, frame);
}

}  // namespace deadheat::rt
