// Mangled symbols to the names findings use: qualified, without parameters, lambdas as `enclosing()::lambda`.
#include <cctype>
#include <cstdlib>
#include <string>

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Demangle/Demangle.h"
#include "tool/symbols/symbolizer.h"

namespace deadheat {
namespace {

constexpr llvm::StringRef kAnonymous = "(anonymous namespace)";
constexpr llvm::StringRef kCallOperator = "operator()";

/// Length of the bracketed text at the front of `text`, brackets included.
std::size_t bracketed(llvm::StringRef text, char open, char close) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == open) ++depth;
    if (text[i] == close && --depth == 0) return i + 1;
  }
  return text.size();
}

/// Length of an unnamed closure type at the front: `$_0` (clang, local) or `'lambda1'(int)` (demangler's words).
std::size_t closureType(llvm::StringRef text) {
  if (text.starts_with("$_")) {
    const std::size_t end = text.find_first_not_of("0123456789", 2);
    return end == llvm::StringRef::npos ? text.size() : end;
  }
  if (!text.starts_with("'lambda")) return 0;
  const std::size_t quote = text.find('\'', 1);
  if (quote == llvm::StringRef::npos) return 0;
  return quote + 1 + (text.drop_front(quote + 1).starts_with("(") ? bracketed(text.drop_front(quote + 1), '(', ')') : 0);
}

/// Copies one template argument list unchanged, or an operator's own symbols, so that their brackets are not counted.
std::size_t operatorName(llvm::StringRef text) {
  if (!text.starts_with("operator")) return 0;
  if (text.starts_with(kCallOperator)) return kCallOperator.size();
  const std::size_t end = text.find_first_not_of("<>=!+-*/%^&|~,[]", 8);
  return end == 8 || end == llvm::StringRef::npos ? 0 : end;
}

/// Unnamed namespaces are left out, as in the findings of the checks.
///
/// What one piece at the front of a demangled name becomes in `out`; returns its length.
std::size_t takePiece(llvm::StringRef text, std::string& out) {
  if (text.starts_with(kAnonymous)) return kAnonymous.size() + (text.substr(kAnonymous.size()).starts_with("::") ? 2 : 0);
  if (std::size_t closure = closureType(text)) {
    if (out == "main::") out = "main()::";  // The one function whose symbol does not say that it is one.
    out += "lambda";
    llvm::StringRef rest = text.drop_front(closure);
    return closure + (rest.consume_front("::operator()") ? 2 + kCallOperator.size() : 0);
  }
  if (std::size_t length = operatorName(text)) {
    out += text.take_front(length);
    return length;
  }
  if (text[0] == '<') {
    const std::size_t length = bracketed(text, '<', '>');
    out += text.take_front(length);
    return length;
  }
  if (text[0] == '(') {
    out += "()";
    return bracketed(text, '(', ')');
  }
  if (text.starts_with(" const") || text.starts_with(" volatile")) return text[1] == 'c' ? 6 : 9;
  if (text[0] == ' ') {
    out.clear();  // What came before was a return type.
    return 1;
  }
  out += text[0];
  return 1;
}

/// A plain C name may read as a mangled type: `b` is bool.
bool isMangled(llvm::StringRef symbol) { return symbol.starts_with("_Z"); }

std::string tidied(llvm::StringRef name) {
  std::string out;
  while (!name.empty()) name = name.drop_front(takePiece(name, out));
  llvm::StringRef view(out);
  if (!view.ends_with("operator()")) view.consume_back("()");
  return view.str();
}

}  // namespace

std::string readableFunction(const std::string& mangled) {
  llvm::ItaniumPartialDemangler demangler;
  // Clones made by the optimiser: `_Z3foov.part.0`.
  const std::string symbol = llvm::StringRef(mangled).split('.').first.str();
  if (!isMangled(symbol) || demangler.partialDemangle(symbol.c_str()) || !demangler.isFunction()) return symbol;
  char* name = demangler.getFunctionName(nullptr, nullptr);
  if (!name) return symbol;
  std::string readable = tidied(name);
  std::free(name);
  return readable;
}

std::string readableVariable(const std::string& mangled) {
  llvm::ItaniumPartialDemangler demangler;
  // Static locals of C: `counter.0`.
  const std::string symbol = llvm::StringRef(mangled).split('.').first.str();
  if (!isMangled(symbol) || demangler.partialDemangle(symbol.c_str()) || !demangler.isData()) return symbol;
  char* name = demangler.finishDemangle(nullptr, nullptr);
  if (!name) return symbol;
  std::string readable = tidied(name);
  std::free(name);
  return readable;
}

}  // namespace deadheat
