// `.deadheat.yaml`: what a project tells deadheat about itself, once, in the file's folder or above. docs/configuration.md
// describes the keys.
#pragma once

#include <string>
#include <vector>

#include "analyzers/models/models.h"
#include "analyzers/models/yaml_text.h"
#include "llvm/Support/Error.h"

namespace deadheat {

/// One name under a key that says in short what functions or types of that name do.
struct ShortModel {
  std::string key;  ///< `LockFunctions`.
  Name name;
};

/// One file. Paths in it are relative to its folder.
struct Configuration {
  std::string file;  ///< Empty: there is none.
  std::vector<Name> checks;
  std::vector<Name> exclude;  ///< Globs of paths.
  std::vector<Name> models;
  Name minConfidence;
  Name failOn;
  std::vector<ShortModel> shortModels;

  /// Reads `text`; `file` names it in errors, which are `file:line:column: what is wrong`.
  static llvm::Expected<Configuration> parse(llvm::StringRef text, const std::string& file);
  /// The file named, or if `given` is empty the nearest `.deadheat.yaml` in `folder` or above, or none.
  static llvm::Expected<Configuration> find(const std::string& given, const std::string& folder);

  /// Adds what the short forms mean.
  llvm::Error addTo(ModelSet& models) const;
  /// Model files by paths that do not depend on the current folder.
  std::vector<std::string> modelFiles() const;
  /// Whether `path` (absolute) is left out.
  llvm::Expected<std::vector<Glob>> excluded() const;

 private:
  std::string folder() const;
};

/// The built-in models, those of the configuration and of `files`, in this order.
llvm::Expected<ModelSet> loadModels(const Configuration& configuration, const std::vector<std::string>& files);

/// The keys for short models, in the order of the documentation.
std::vector<llvm::StringRef> shortModelKeys();

}  // namespace deadheat
