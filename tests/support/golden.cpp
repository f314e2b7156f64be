#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace deadheat {

void expectGolden(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path whole = std::filesystem::path(DEADHEAT_SOURCE_DIR) / file;
  if (std::getenv("DEADHEAT_REGENERATE")) {
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(readFile(whole), text) << file << " is out of date: run scripts/regenerate and read what changed";
}

}  // namespace deadheat
