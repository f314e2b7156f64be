#include "analyzers/models/annotation.h"

#include "analyzers/models/vocabulary.h"

namespace deadheat {
namespace {

llvm::Expected<ModelFile> readEntry(llvm::StringRef list, llvm::StringRef text, llvm::StringRef name) {
  text.consume_front(kAnnotation);
  return readModelFile((list + ": [{names: ['" + name + "'], " + text.trim() + "}]").str(),
                       ("annotation of " + name).str());
}

}  // namespace

llvm::Expected<TypeModel> annotatedType(llvm::StringRef text, llvm::StringRef name) {
  llvm::Expected<ModelFile> file = readEntry("types", text, name);
  if (!file) return file.takeError();
  TypeModel model = file->types.front().model;
  model.name = name.str();
  return model;
}

llvm::Expected<FunctionModel> annotatedFunction(llvm::StringRef text, llvm::StringRef name) {
  llvm::Expected<ModelFile> file = readEntry("functions", text, name);
  if (!file) return file.takeError();
  const FunctionEntry& entry = file->functions.front();
  FunctionModel model = entry.model;
  model.name = name.str();
  return model;
}

}  // namespace deadheat
