// Runs the built `deadheat` as a user would and keeps what it said.
#pragma once

#include <gtest/gtest.h>

#include "llvm/Support/Program.h"
#include "tests/support/temporary_folder.h"

namespace deadheat {

struct Said {
  int exitCode = -1;
  std::string out;
  std::string err;
};

/// One line per line; for "one clear line" assertions.
inline std::size_t lineCount(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// A folder in which the tool is run, with a cache of its own.
class Workshop {
 public:
  std::string write(std::string_view name, std::string_view text) const { return folder_.write(name, text); }
  std::string path(std::string_view name) const { return (folder_.path() / name).string(); }

  /// Runs `words` in the folder.
  Said run(const std::vector<std::string>& words) const {
    std::vector<llvm::StringRef> command{"sh", "-c", R"(cd "$0" && export DEADHEAT_CACHE="$1" && shift && exec "$@")"};
    std::string folder = folder_.path().string();
    std::string cache = cachePath();
    command.push_back(folder);
    command.push_back(cache);
    command.insert(command.end(), words.begin(), words.end());
    std::string out = streams_.path() / "out";
    std::string err = streams_.path() / "err";
    std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(), llvm::StringRef(out), llvm::StringRef(err)};
    std::string message;
    Said said;
    said.exitCode = llvm::sys::ExecuteAndWait("/bin/sh", command, std::nullopt, redirects, 100, 0, &message);
    said.out = readFile(out);
    said.err = readFile(err);
    std::filesystem::remove(out);
    std::filesystem::remove(err);
    return said;
  }

  /// The cache of all runs in this workshop.
  std::string cachePath() const { return (streams_.path() / "cache").string(); }

  Said deadheat(std::vector<std::string> words) const {
    words.insert(words.begin(), DEADHEAT_BINARY_DIR "/bin/deadheat");
    return run(words);
  }

  /// A compile_commands.json in `build/` for these sources, which are written too.
  void project(const std::vector<std::pair<std::string, std::string>>& sources, const std::string& flags = "") const {
    std::string entries;
    for (const auto& [name, text] : sources) {
      write(name, text);
      entries += (entries.empty() ? "" : ",\n") + ("{\"directory\": \"" + path("") + "\", \"file\": \"" + name) +
                 "\", \"command\": \"c++ -std=c++17 " + flags + " -c " + name + "\"}";
    }
    write("build/compile_commands.json", "[" + entries + "]");
  }

 private:
  TemporaryFolder folder_;
  TemporaryFolder streams_;
};

}  // namespace deadheat
