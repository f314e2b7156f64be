// A mangled function name as people write it, without parameters: `_ZN4bank5Queue3popEv` is `bank::Queue::pop`.
#pragma once

#include "runtime/platform/text.h"

namespace deadheat::rt {

/// Nested names, constructors, destructors and std:: are told; template arguments and what else there is are left out. A
/// name that is not mangled stays as it is. Itanium C++ ABI, chapter 5.1.
template <std::size_t kCapacity>
void qualifiedName(const char* mangled, Text<kCapacity>& out);

namespace mangled {

inline bool digit(char c) { return c >= '0' && c <= '9'; }

/// Passes over template arguments or another bracket that ends with E. Null when it does not end.
inline const char* pastBracket(const char* at) {
  int depth = 0;
  while (*at != 0) {
    if (digit(*at)) {
      std::size_t length = 0;
      while (digit(*at)) length = length * 10 + static_cast<std::size_t>(*at++ - '0');
      while (length-- != 0 && *at != 0) ++at;
      continue;
    }
    if (*at == 'I' || *at == 'N' || *at == 'X' || *at == 'L' || *at == 'J' || *at == 'F') ++depth;
    if (*at == 'E' && --depth == 0) return at + 1;
    if (*at == 'S' && at[1] != 0) ++at;  // A substitution: its second character is no bracket.
    ++at;
  }
  return nullptr;
}

}  // namespace mangled

template <std::size_t kCapacity>
void qualifiedName(const char* name, Text<kCapacity>& out) {
  if (name[0] != '_' || name[1] != 'Z') {
    out << name;
    return;
  }
  const char* at = name + 2;
  bool nested = *at == 'N';
  if (nested) ++at;
  while (*at == 'K' || *at == 'V' || *at == 'r' || *at == 'L' || *at == 'R' || *at == 'O') ++at;
  const char* last = "";
  std::size_t lastSize = 0;
  bool first = true;
  auto separate = [&] {
    if (!first) out << "::";
    first = false;
  };
  while (at != nullptr && *at != 0 && *at != 'E') {
    if (at[0] == 'S' && at[1] == 't') {
      separate();
      out << "std";
      at += 2;
      continue;
    }
    if (*at == 'I') {
      at = mangled::pastBracket(at);
      continue;
    }
    if (mangled::digit(*at)) {
      lastSize = 0;
      while (mangled::digit(*at)) lastSize = lastSize * 10 + static_cast<std::size_t>(*at++ - '0');
      last = at;
      separate();
      for (std::size_t i = 0; i < lastSize && *at != 0; ++i) out.put(*at++);
    } else if ((*at == 'C' || *at == 'D') && mangled::digit(at[1])) {
      separate();
      if (*at == 'D') out << "~";
      for (std::size_t i = 0; i < lastSize; ++i) out.put(last[i]);
      at += 2;
    } else if (*at == 'L' || *at == 'B') {
      ++at;
    } else {
      break;  // An operator, a substitution, the parameters of a plain function.
    }
    if (!nested && *at != 'I' && last != at && !(at[0] == 'S' && at[1] == 't') && *at != 'B') break;
  }
}

}  // namespace deadheat::rt
