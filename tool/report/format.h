// Formats: how a report leaves the tool. A format is one file and one row of the table in format.cpp; `--output`, help
// and error messages come from that table.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include "tool/report/report.h"

namespace deadheat {

enum class Coloring : std::uint8_t { Plain, Colored };

/// Writes `report` to `out`. Deterministic: equal reports (and sources) give equal bytes.
using Renderer = void (*)(const Report& report, Coloring coloring, llvm::raw_ostream& out);

struct Format {
  std::string_view name;
  std::string_view summary;  ///< One line for help.
  Renderer render;
};

/// All formats, in the order help shows them.
const std::vector<Format>& allFormats();

/// One `--output=FMT[:FILE]`.
struct OutputSpec {
  const Format* format = nullptr;
  std::string file;  ///< Empty or `-`: stdout.
  bool toStdout() const { return file.empty() || file == "-"; }
};

/// Reads `FMT[:FILE]`; an unknown format is one line that lists the known ones.
llvm::Expected<OutputSpec> parseOutput(std::string_view text);

/// Checks that every file can be written before the work is done, without harming what is in it.
llvm::Error checkWritable(const std::vector<OutputSpec>& outputs);

/// Renders the report once for each output. Tries all of them; the error names every file that could not be written.
llvm::Error writeOutputs(const Report& report, const std::vector<OutputSpec>& outputs, Coloring stdoutColoring);

void renderText(const Report& report, Coloring coloring, llvm::raw_ostream& out);
void renderJson(const Report& report, Coloring coloring, llvm::raw_ostream& out);
void renderSarif(const Report& report, Coloring coloring, llvm::raw_ostream& out);
void renderTable(const Report& report, Coloring coloring, llvm::raw_ostream& out);

}  // namespace deadheat
