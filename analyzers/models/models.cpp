#include "analyzers/models/models.h"

#include "analyzers/models/builtin.h"
#include "analyzers/models/vocabulary.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

namespace deadheat {
namespace {

/// Keeps the first YAML error as `file:line:column: message`.
void keepFirstError(const llvm::SMDiagnostic& diagnostic, void* context) {
  auto& message = *static_cast<std::string*>(context);
  if (!message.empty()) return;
  llvm::raw_string_ostream out(message);
  out << diagnostic.getFilename() << ':' << diagnostic.getLineNo() << ':' << diagnostic.getColumnNo() + 1 << ": "
      << diagnostic.getMessage();
}

}  // namespace

llvm::Error ModelSet::add(llvm::StringRef text, llvm::StringRef source) {
  texts_.add(digestOf(text));
  std::string error;
  ModelFile file;
  llvm::yaml::Input input(llvm::MemoryBufferRef(text, source), nullptr, keepFirstError, &error);
  input >> file;
  if (input.error()) {
    if (error.empty()) error = source.str() + ": not a model file (a map with `types` and `functions`)";
    return llvm::createStringError(llvm::inconvertibleErrorCode(), error);
  }
  auto addFunctions = [&](const std::vector<FunctionEntry>& entries, llvm::StringRef prefix) {
    for (const FunctionEntry& entry : entries)
      for (const std::string& name : entry.names) {
        FunctionModel model = entry.model;
        model.name = prefix.empty() ? name : (prefix + "::" + name).str();
        if (prefix.empty() && model.object == FunctionModel::kThis && !entry.objectSaid) model.object = 0;
        functions_[model.name] = model;
      }
  };
  for (const TypeEntry& entry : file.types)
    for (const std::string& name : entry.names) {
      TypeModel model = entry.model;
      model.name = name;
      types_[name] = model;
      addFunctions(entry.methods, name);
    }
  addFunctions(file.functions, {});
  return llvm::Error::success();
}

llvm::Expected<ModelSet> ModelSet::load(const std::vector<std::string>& extraFiles) {
  ModelSet set;
  for (std::size_t i = 0; i < kBuiltinModelCount; ++i)
    if (llvm::Error error = set.add(kBuiltinModels[i].text, kBuiltinModels[i].file)) return std::move(error);
  for (const std::string& path : extraFiles) {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
    if (!buffer) return llvm::createStringError(buffer.getError(), "cannot read model file '" + path + "'");
    if (llvm::Error error = set.add((*buffer)->getBuffer(), path)) return std::move(error);
  }
  return set;
}

const TypeModel* ModelSet::type(llvm::StringRef qualifiedName) const {
  auto found = types_.find(qualifiedName);
  return found == types_.end() ? nullptr : &found->second;
}

const FunctionModel* ModelSet::function(llvm::StringRef qualifiedName) const {
  auto found = functions_.find(qualifiedName);
  return found == functions_.end() ? nullptr : &found->second;
}

}  // namespace deadheat
