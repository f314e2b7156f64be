#include "tool/pipeline/configuration.h"

#include <algorithm>
#include <utility>

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "tool/pipeline/check_selection.h"
#include "tool/pipeline/path_filter.h"

namespace deadheat {
namespace {

constexpr char kFileName[] = ".deadheat.yaml";

FunctionModel function(Effect effect) {
  FunctionModel model;
  model.effect = effect;
  return model;
}

FunctionModel lockFunction(Effect effect, LockMode mode, LockWait wait = LockWait::Blocking) {
  FunctionModel model = function(effect);
  model.mode = mode;
  model.wait = wait;
  return model;
}

FunctionModel callableFunction(Effect effect, SpawnWhere where) {
  FunctionModel model = function(effect);
  model.entry = FunctionModel::kCallable;
  model.where = where;
  model.handle = FunctionModel::kThis;
  return model;
}

FunctionModel waitFunction() {
  FunctionModel model = function(Effect::Wait);
  model.lock = 0;
  return model;
}

FunctionModel blockFunction() {
  FunctionModel model = function(Effect::Block);
  model.what = "call";
  return model;
}

/// What functions named under a key do. `this` stands for the receiver, or for argument 0 of functions without one.
struct ShortFunction {
  const char* key;
  FunctionModel model;
};

const std::vector<ShortFunction>& shortFunctions() {
  static const std::vector<ShortFunction> all = {
      {"LockFunctions", lockFunction(Effect::Acquire, LockMode::Exclusive)},
      {"UnlockFunctions", lockFunction(Effect::Release, LockMode::Exclusive)},
      {"TryLockFunctions", lockFunction(Effect::Try, LockMode::Exclusive, LockWait::Try)},
      {"SharedLockFunctions", lockFunction(Effect::Acquire, LockMode::Shared)},
      {"SharedUnlockFunctions", lockFunction(Effect::Release, LockMode::Shared)},
      {"SharedTryLockFunctions", lockFunction(Effect::Try, LockMode::Shared, LockWait::Try)},
      {"SpawnFunctions", callableFunction(Effect::Spawn, SpawnWhere::Pool)},
      {"CallbackFunctions", callableFunction(Effect::Spawn, SpawnWhere::Task)},
      {"InvokeFunctions", callableFunction(Effect::Invoke, SpawnWhere::Thread)},
      {"ParallelFunctions", callableFunction(Effect::Parallel, SpawnWhere::Task)},
      {"JoinFunctions", function(Effect::Join)},
      {"WaitFunctions", waitFunction()},
      {"NotifyFunctions", function(Effect::NotifyAll)},
      {"BlockingFunctions", blockFunction()},
      {"IgnoreFunctions", function(Effect::Nothing)},
  };
  return all;
}

constexpr const char* kThreadEntryPoints = "ThreadEntryPoints";
constexpr const char* kLockTypes = "LockTypes";
constexpr const char* kGuardTypes = "GuardTypes";

/// The methods that a class under LockTypes is taken to have.
struct LockMethod {
  const char* name;
  Effect effect;
  LockMode mode;
};
constexpr LockMethod kLockMethods[] = {
    {"lock", Effect::Acquire, LockMode::Exclusive},          {"Lock", Effect::Acquire, LockMode::Exclusive},
    {"unlock", Effect::Release, LockMode::Exclusive},        {"Unlock", Effect::Release, LockMode::Exclusive},
    {"try_lock", Effect::Try, LockMode::Exclusive},          {"TryLock", Effect::Try, LockMode::Exclusive},
    {"lock_shared", Effect::Acquire, LockMode::Shared},      {"LockShared", Effect::Acquire, LockMode::Shared},
    {"unlock_shared", Effect::Release, LockMode::Shared},    {"UnlockShared", Effect::Release, LockMode::Shared},
    {"try_lock_shared", Effect::Try, LockMode::Shared},      {"TryLockShared", Effect::Try, LockMode::Shared},
};

llvm::Error at(const std::string& file, const Name& name, const std::string& message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), file + ":" + std::to_string(name.line) + ":" +
                                                                     std::to_string(name.column) + ": " + message);
}

}  // namespace

std::vector<llvm::StringRef> shortModelKeys() {
  std::vector<llvm::StringRef> keys{kThreadEntryPoints, kLockTypes, kGuardTypes};
  for (const ShortFunction& each : shortFunctions()) keys.emplace_back(each.key);
  return keys;
}

}  // namespace deadheat

namespace llvm::yaml {

template <>
struct MappingTraits<deadheat::Configuration> {
  static void mapping(IO& io, deadheat::Configuration& configuration) {
    io.mapOptional("Checks", configuration.checks);
    io.mapOptional("ExcludePaths", configuration.exclude);
    io.mapOptional("Models", configuration.models);
    io.mapOptional("MinConfidence", configuration.minConfidence);
    io.mapOptional("FailOn", configuration.failOn);
    std::vector<StringRef>& words = deadheat::YamlText::of(io).words;
    std::vector<StringRef> known{"Checks", "ExcludePaths", "Models", "MinConfidence", "FailOn"};
    for (StringRef key : deadheat::shortModelKeys()) {
      std::vector<deadheat::Name> names;
      io.mapOptional(key.data(), names);
      for (deadheat::Name& name : names) configuration.shortModels.push_back({key.str(), std::move(name)});
      known.push_back(key);
    }
    std::stable_sort(configuration.shortModels.begin(), configuration.shortModels.end(), [](const auto& a, const auto& b) {
      return std::pair(a.name.line, a.name.column) < std::pair(b.name.line, b.name.column);
    });
    words = std::move(known);
  }
};

}  // namespace llvm::yaml

namespace deadheat {

llvm::Expected<Configuration> Configuration::parse(llvm::StringRef text, const std::string& file) {
  Configuration empty;
  empty.file = file;
  // Comments only are as good as nothing.
  bool blank = true;
  for (llvm::StringRef rest = text; !rest.empty();) {
    auto [line, after] = rest.split('\n');
    rest = after;
    line = line.trim();
    blank &= line.empty() || line.starts_with("#") || line == "---";
  }
  if (blank) return empty;
  auto configuration = readYaml<Configuration>(text, file, "not a configuration (a map of keys)");
  if (!configuration) return configuration.takeError();
  configuration->file = file;
  auto checkWord = [&](const Name& name, llvm::ArrayRef<llvm::StringRef> words) -> llvm::Error {
    if (name.text.empty() || llvm::is_contained(words, name.text)) return llvm::Error::success();
    return at(file, name, "unknown value '" + name.text + "'" + suggestion(name.text, words));
  };
  if (llvm::Error error = checkWord(configuration->minConfidence, {"high", "medium", "low"})) return std::move(error);
  if (llvm::Error error = checkWord(configuration->failOn, {"confirmed", "high", "medium", "low", "any", "never"}))
    return std::move(error);
  for (const Name& check : configuration->checks)
    if (auto selection = CheckSelection::parse({check.text}); !selection)
      return at(file, check, llvm::toString(selection.takeError()));
  return configuration;
}

llvm::Expected<Configuration> Configuration::find(const std::string& given, const std::string& folder) {
  std::string path = given;
  for (llvm::StringRef above = folder; path.empty() && !above.empty(); above = llvm::sys::path::parent_path(above)) {
    llvm::SmallString<256> candidate(above);
    llvm::sys::path::append(candidate, kFileName);
    if (llvm::sys::fs::exists(candidate)) path = std::string(candidate);
  }
  if (path.empty()) return Configuration{};
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return llvm::createStringError(buffer.getError(),
                                   "cannot read configuration '" + path + "': " + buffer.getError().message());
  return parse((*buffer)->getBuffer(), path);
}

std::string Configuration::folder() const {
  return llvm::sys::path::parent_path(absolutePath(file)).str();
}

std::vector<std::string> Configuration::modelFiles() const {
  std::vector<std::string> files;
  for (const Name& model : models) files.push_back(absolutePath(model.text, folder()));
  return files;
}

llvm::Expected<std::vector<Glob>> Configuration::excluded() const {
  std::vector<Glob> patterns;
  for (const Name& name : exclude) {
    const bool isAnywhere = llvm::StringRef(name.text).starts_with("*") || llvm::StringRef(name.text).starts_with("/");
    std::string text = isAnywhere ? name.text : folder() + "/" + name.text;
    if (llvm::StringRef(text).ends_with("/")) text += "*";
    auto pattern = Glob::create(text);
    if (!pattern) {
      llvm::consumeError(pattern.takeError());
      return at(file, name, "'" + name.text + "' is not a glob");
    }
    patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

llvm::Error Configuration::addTo(ModelSet& models) const {
  auto add = [&](const ShortModel& model) -> llvm::Error {
    const ModelEntry entry{model.name.text, file, model.name.line, model.name.column};
    if (model.key == kThreadEntryPoints) return models.addThreadEntry(entry);
    if (model.key == kLockTypes || model.key == kGuardTypes) {
      TypeModel type;
      type.kind = model.key == kLockTypes ? TypeKind::Lock : TypeKind::Guard;
      type.recursion = Recursion::Unknown;
      if (llvm::Error error = models.addType(type, entry)) return error;
      for (const LockMethod& method : kLockMethods) {
        const LockWait wait = method.effect == Effect::Try ? LockWait::Try : LockWait::Blocking;
        if (llvm::Error error =
                models.addMethod(model.name.text, method.name, lockFunction(method.effect, method.mode, wait)))
          return error;
      }
      return llvm::Error::success();
    }
    for (const ShortFunction& each : shortFunctions())
      if (model.key == each.key) return models.addFunction(each.model, entry);
    return llvm::Error::success();
  };
  for (const ShortModel& model : shortModels) {
    // Where an entry stands is part of the facts it leads to.
    models.stamp(model.key + " " + model.name.text + " " + file + ":" + std::to_string(model.name.line) + ":" +
                 std::to_string(model.name.column));
    if (llvm::Error error = add(model)) return at(file, model.name, llvm::toString(std::move(error)));
  }
  return llvm::Error::success();
}

llvm::Expected<ModelSet> loadModels(const Configuration& configuration, const std::vector<std::string>& files) {
  std::vector<std::string> all = configuration.modelFiles();
  all.insert(all.end(), files.begin(), files.end());
  auto models = ModelSet::load(all);
  if (!models) return models.takeError();
  if (llvm::Error error = configuration.addTo(*models)) return std::move(error);
  return models;
}

}  // namespace deadheat
