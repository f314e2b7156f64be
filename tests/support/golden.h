// Files that are generated, kept in the repository and compared: samples/reports, docs/checks.
#pragma once

#include <filesystem>
#include <string>

namespace deadheat {

/// Expects `file` (relative to the repository) to hold `text`. With DEADHEAT_REGENERATE set in the environment, as
/// scripts/regenerate does, writes it instead.
void expectGolden(const std::filesystem::path& file, const std::string& text);

}  // namespace deadheat
