#include "analyzers/models/yaml_text.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SourceMgr.h"

namespace deadheat {

std::pair<unsigned, unsigned> YamlText::position(const char* at) const {
  if (at < text_.begin() || at > text_.end()) return {0, 0};
  const llvm::StringRef before(text_.begin(), static_cast<std::size_t>(at - text_.begin()));
  const std::size_t lineStart = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<unsigned>(before.count('\n') + 1), static_cast<unsigned>(before.size() - lineStart + 1)};
}

llvm::StringRef YamlText::word(const char* at) const {
  if (at < text_.begin() || at >= text_.end()) return {};
  return llvm::StringRef(at, static_cast<std::size_t>(text_.end() - at)).ltrim("'\"").take_until([](char c) {
    return c == ',' || c == '}' || c == ']' || c == '\n' || c == ':' || c == '\'' || c == '"' || c == '#';
  }).rtrim();
}

void YamlError::handler(const llvm::SMDiagnostic& diagnostic, void* self) {
  auto& error = *static_cast<YamlError*>(self);
  if (!error.message_.empty()) return;
  std::string message = diagnostic.getMessage().str();
  const llvm::StringRef said = message;
  if (said.starts_with("unknown key '")) {
    message += suggestion(said.split('\'').second.split('\'').first, error.text_.words);
  } else if (said == "unknown enumerated scalar") {
    const llvm::StringRef word = error.text_.word(diagnostic.getLoc().getPointer());
    message = "unknown value '" + word.str() + "'" + suggestion(word, error.text_.words);
  }
  error.message_ = diagnostic.getFilename().str() + ":" + std::to_string(diagnostic.getLineNo()) + ":" +
                   std::to_string(diagnostic.getColumnNo() + 1) + ": " + message;
}

llvm::Error YamlError::take(const std::string& otherwise) const {
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 message_.empty() ? source_.str() + ": " + otherwise : message_);
}

}  // namespace deadheat

namespace llvm::yaml {

void yamlize(IO& io, deadheat::Name& name, bool required, EmptyContext& context) {
  const auto* node = static_cast<Input&>(io).getCurrentNode();
  yamlize(io, name.text, required, context);
  if (!node) return;
  const char* at = node->getSourceRange().Start.getPointer();
  std::tie(name.line, name.column) = deadheat::YamlText::of(io).position(at);
}

}  // namespace llvm::yaml
