// YAML read strictly: errors as `file:line:column: message` that name the nearest valid word. Shared by model files and
// the configuration.
#pragma once

#include <string>
#include <vector>

#include "analyzers/models/nearest.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/YAMLTraits.h"

namespace deadheat {

/// A scalar with its place in the file.
struct Name {
  std::string text;
  unsigned line = 0;
  unsigned column = 0;
};

/// What the traits of one file share while it is read; the context of llvm::yaml::IO.
class YamlText {
 public:
  explicit YamlText(llvm::StringRef text) : text_(text) {}

  /// The words that the innermost value or map just read could have been: what a mistake in it is compared with.
  std::vector<llvm::StringRef> words;
  /// Line and column of `at`, counting from 1.
  std::pair<unsigned, unsigned> position(const char* at) const;
  /// The word that stands at `at`.
  llvm::StringRef word(const char* at) const;

  static YamlText& of(llvm::yaml::IO& io) { return *static_cast<YamlText*>(io.getContext()); }

 private:
  llvm::StringRef text_;
};

/// Keeps the first error of a file. Hand `handler` and the object itself to llvm::yaml::Input.
class YamlError {
 public:
  YamlError(const YamlText& text, llvm::StringRef source) : text_(text), source_(source) {}
  static void handler(const llvm::SMDiagnostic& diagnostic, void* self);
  /// The error, or one that says `otherwise`.
  llvm::Error take(const std::string& otherwise) const;

 private:
  const YamlText& text_;
  llvm::StringRef source_;
  std::string message_;
};

/// Reads a T from `text`, which `source` names in errors. `otherwise` says what the file should be.
template <typename T>
llvm::Expected<T> readYaml(llvm::StringRef text, llvm::StringRef source, const std::string& otherwise) {
  YamlText context(text);
  YamlError error(context, source);
  T value;
  llvm::yaml::Input input(llvm::MemoryBufferRef(text, source), &context, YamlError::handler, &error);
  input >> value;
  if (input.error()) return error.take(otherwise);
  return value;
}

/// One word of a vocabulary.
template <typename T>
struct Spelling {
  const char* text;
  T value;
};

/// Reads one of `vocabulary`.
template <typename T, std::size_t N>
void spell(llvm::yaml::IO& io, T& value, const Spelling<T> (&vocabulary)[N]) {
  YamlText& context = YamlText::of(io);
  context.words.clear();
  for (const Spelling<T>& word : vocabulary) {
    context.words.emplace_back(word.text);
    io.enumCase(value, word.text, word.value);
  }
}

}  // namespace deadheat

LLVM_YAML_IS_SEQUENCE_VECTOR(deadheat::Name)

namespace llvm::yaml {

/// Notes where the scalar stands, which ScalarTraits are not told.
void yamlize(IO& io, deadheat::Name& name, bool required, EmptyContext& context);

}  // namespace llvm::yaml
