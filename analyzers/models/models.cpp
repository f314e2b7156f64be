#include "analyzers/models/models.h"

#include <algorithm>

#include "analyzers/models/builtin.h"
#include "analyzers/models/vocabulary.h"
#include "llvm/Support/MemoryBuffer.h"

namespace deadheat {
namespace {

bool isGlob(llvm::StringRef name) { return name.find_first_of("*?[{") != llvm::StringRef::npos; }

/// Operators hold characters that mean something in globs: `operator[]`, `operator*`.
bool isPattern(llvm::StringRef name) { return isGlob(name.split("operator").first) || name.ends_with("::*"); }

}  // namespace

template <typename Model>
llvm::Error ModelSet::Named<Model>::add(llvm::StringRef name, Model model) {
  if (!isPattern(name)) {
    exact[name] = std::move(model);
    return llvm::Error::success();
  }
  auto pattern = Glob::create(name.str());
  if (!pattern) return pattern.takeError();
  globs.emplace_back(std::move(*pattern), std::move(model));
  return llvm::Error::success();
}

template <typename Model>
const Model* ModelSet::Named<Model>::find(llvm::StringRef name) const {
  if (auto found = exact.find(name); found != exact.end()) return &found->second;
  for (auto each = globs.rbegin(); each != globs.rend(); ++each)
    if (each->first.match(name)) return &each->second;
  return nullptr;
}

std::string entryKey(const ModelEntry& entry) {
  return entry.file + ":" + std::to_string(entry.line) + ":" + std::to_string(entry.column);
}

const ModelEntry* ModelSet::keep(ModelEntry entry) { return &entries_->emplace_back(std::move(entry)); }

llvm::Error ModelSet::addFunction(FunctionModel model, ModelEntry entry) {
  model.name = entry.name;
  const std::string name = entry.name;
  model.entryOf = keep(std::move(entry));
  return functions_.add(name, std::move(model));
}

llvm::Error ModelSet::addType(TypeModel model, ModelEntry entry) {
  model.name = entry.name;
  const std::string name = entry.name;
  model.entry = keep(std::move(entry));
  return types_.add(name, std::move(model));
}

llvm::Error ModelSet::addMethod(llvm::StringRef type, llvm::StringRef method, FunctionModel model) {
  model.name = (type + "::" + method).str();
  const std::string name = model.name;
  return functions_.add(name, std::move(model));
}

llvm::Error ModelSet::addThreadEntry(ModelEntry entry) {
  const std::string name = entry.name;
  return threadEntries_.add(name, keep(std::move(entry)));
}

llvm::Error ModelSet::add(llvm::StringRef text, llvm::StringRef source, Author author) {
  texts_.add(digestOf(text));
  if (author == Author::User) stamp(source);  // Entries are known by their file.
  llvm::Expected<ModelFile> file = readModelFile(text, source);
  if (!file) return file.takeError();
  const bool isUsers = author == Author::User;
  auto entryOf = [&](const Name& name, const std::string& qualified) {
    return isUsers ? keep({qualified, source.str(), name.line, name.column}) : nullptr;
  };
  auto addFunctions = [&](const std::vector<FunctionEntry>& entries, llvm::StringRef prefix) -> llvm::Error {
    for (const FunctionEntry& entry : entries)
      for (const Name& name : entry.names) {
        FunctionModel model = entry.model;
        model.name = prefix.empty() ? name.text : (prefix + "::" + name.text).str();
        if (prefix.empty() && model.object == FunctionModel::kThis && !entry.objectSaid) model.object = 0;
        // A type matched by one of its methods is enough; methods that nobody calls are no mistake.
        if (prefix.empty()) model.entryOf = entryOf(name, model.name);
        const std::string key = model.name;
        if (llvm::Error error = functions_.add(key, std::move(model))) return error;
      }
    return llvm::Error::success();
  };
  for (const TypeEntry& entry : file->types)
    for (const Name& name : entry.names) {
      TypeModel model = entry.model;
      model.name = name.text;
      model.entry = entryOf(name, name.text);
      if (llvm::Error error = types_.add(name.text, model)) return error;
      if (llvm::Error error = addFunctions(entry.methods, name.text)) return error;
    }
  for (const HazardEntry& entry : file->hazards)
    for (const Name& name : entry.names) {
      HazardModel& known = hazards_[name.text];
      known.name = name.text;
      known.add(entry.model);
    }
  return addFunctions(file->functions, {});
}

llvm::Expected<ModelSet> ModelSet::load(const std::vector<std::string>& extraFiles) {
  ModelSet set;
  for (std::size_t i = 0; i < kBuiltinModelCount; ++i)
    if (llvm::Error error = set.add(kBuiltinModels[i].text, kBuiltinModels[i].file)) return std::move(error);
  for (const std::string& path : extraFiles) {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
    if (!buffer) return llvm::createStringError(buffer.getError(), "cannot read model file '" + path + "'");
    if (llvm::Error error = set.add((*buffer)->getBuffer(), path, Author::User)) return std::move(error);
  }
  return set;
}

const TypeModel* ModelSet::type(llvm::StringRef qualifiedName) const { return types_.find(qualifiedName); }

const FunctionModel* ModelSet::function(llvm::StringRef qualifiedName) const { return functions_.find(qualifiedName); }

const ModelEntry* ModelSet::threadEntry(llvm::StringRef qualifiedName) const {
  const ModelEntry* const* found = threadEntries_.find(qualifiedName);
  return found ? *found : nullptr;
}

const HazardModel* ModelSet::hazard(llvm::StringRef qualifiedName) const {
  auto found = hazards_.find(qualifiedName);
  if (found == hazards_.end() && qualifiedName.consume_front("std::")) found = hazards_.find(qualifiedName);
  return found == hazards_.end() ? nullptr : &found->second;
}

}  // namespace deadheat
