#include "analyzers/extract/libc.h"

#include "clang/Basic/TargetInfo.h"
#include "clang/Lex/Preprocessor.h"

namespace deadheat {
namespace {

/// The number that a macro is defined as, 0 if it is not.
unsigned numberOf(clang::Preprocessor& preprocessor, llvm::StringRef macro) {
  const clang::MacroInfo* info = preprocessor.getMacroInfo(preprocessor.getIdentifierInfo(macro));
  unsigned number = 0;
  if (!info || info->getNumTokens() != 1 || !info->getReplacementToken(0).isLiteral()) return 0;
  const std::string text = preprocessor.getSpelling(info->getReplacementToken(0));
  return llvm::StringRef(text).getAsInteger(10, number) ? 0 : number;
}

}  // namespace

Libc libcOf(clang::Sema& sema) {
  clang::Preprocessor& preprocessor = sema.getPreprocessor();
  const llvm::Triple& target = sema.Context.getTargetInfo().getTriple();
  if (target.isMusl()) return {"musl"};
  if (target.isAndroid()) return {"bionic"};
  if (target.isOSDarwin()) return {"apple"};
  if (target.isWindowsMSVCEnvironment()) return {"msvc"};
  if (target.isOSLinux()) return {"glibc", numberOf(preprocessor, "__GLIBC__"), numberOf(preprocessor, "__GLIBC_MINOR__")};
  return {target.getOSName().str()};
}

}  // namespace deadheat
