// The text format: lines as compilers write them, so that editors and CI problem matchers understand them, with the
// witness as notes, thread by thread.
#include "llvm/Support/FormatVariadic.h"
#include "tool/console/style.h"
#include "tool/report/format.h"
#include "tool/report/source_text.h"
#include "tool/report/words.h"

namespace deadheat {
namespace {

/// One rendering of one report.
class TextWriter {
 public:
  TextWriter(const Report& report, Coloring coloring, llvm::raw_ostream& out)
      : report_(report), colored_(coloring == Coloring::Colored), out_(out) {}

  void write() {
    for (const Finding& finding : report_.findings) writeFinding(finding);
  }

 private:
  void writeFinding(const Finding& finding) {
    place(finding.location);
    out_ << Styled{Tone::Warning, "warning: ", colored_} << Styled{Tone::Strong, finding.message, colored_} << " ["
         << finding.check << "]\n";
    excerpt(finding.location);
    for (std::size_t i = 0; i < finding.witness.size(); ++i)
      for (const WitnessStep& step : finding.witness[i].steps) writeStep(i, finding.witness[i], step);
    for (const Site& site : finding.places) writePlace(site);
    writeFacts(finding);
    out_ << '\n';
  }

  void writeStep(std::size_t threadIndex, const WitnessThread& thread, const WitnessStep& step) {
    place(step.point);
    out_ << Styled{Tone::Note, "note: ", colored_} << stepLabel(threadIndex, thread, step) << ' ' << step.text;
    if (!step.function.empty()) out_ << " in '" << step.function << '\'';
    if (!step.locks.empty()) out_ << ", holding " << lockSetText(step.locks);
    out_ << '\n';
    excerpt(step.point);
  }

  void writePlace(const Site& site) {
    place(site.point);
    out_ << Styled{Tone::Note, "note: ", colored_} << "also: " << wordFor(site.kind) << " in '" << site.function << "'\n";
  }

  void writeFacts(const Finding& finding) {
    fact("verdict", verdictText(finding.verdict), toneOf(finding.verdict));
    if (!finding.verdict.effect.empty()) fact("effect", finding.verdict.effect);
    if (!finding.verdict.schedule.empty()) fact("replay", "deadheat replay " + relativeTo(finding.verdict.schedule, report_.root));
    if (!finding.verdict.recording.empty()) fact("recording", relativeTo(finding.verdict.recording, report_.root));
    listed("interleaving", finding.verdict.interleaving);
    listed("lanes", finding.verdict.lanes);
    fact("confidence", confidenceText(finding));
    if (!finding.fixHint.empty()) fact("fix", finding.fixHint);
    fact("finding", shortId(finding));
  }

  void fact(std::string_view name, const std::string& value, Tone tone = Tone::Plain) {
    out_ << "  " << Styled{Tone::Faint, name, colored_} << ": " << Styled{tone, value, colored_} << '\n';
  }

  void listed(std::string_view name, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    fact(name, "");
    for (const std::string& line : lines) out_ << "    " << line << '\n';
  }

  void place(const SourcePoint& point) {
    if (point.file.empty()) return;
    std::string text = relativeTo(point.file, report_.root) + ":";
    if (point.line != 0) text += std::to_string(point.line) + ":";
    if (point.line != 0 && point.column != 0) text += std::to_string(point.column) + ":";
    out_ << Styled{Tone::Strong, text, colored_} << ' ';
  }

  void excerpt(const SourcePoint& point) {
    auto line = sources_.line(point.file, point.line);
    if (!line || point.column > line->size()) return;
    out_ << llvm::formatv("{0,5} | ", point.line) << *line << '\n';
    if (point.column == 0) return;
    std::string marker;
    for (char c : line->substr(0, point.column - 1)) marker += paddingFor(c);
    marker += '^';
    std::size_t end = tokenEnd(*line, point.column);
    marker.append(end > point.column + 1 ? end - point.column - 1 : 0, '~');
    out_ << "      | " << Styled{Tone::Good, marker, colored_} << '\n';
  }

  static std::string_view paddingFor(char c) {
    bool continuation = (c & 0xC0) == 0x80;
    if (c == '\t') return "\t";
    return continuation ? "" : " ";
  }

  static Tone toneOf(const Verdict& verdict) {
    return verdict.kind == Verdict::Kind::Confirmed ? Tone::Error : Tone::Plain;
  }

  const Report& report_;
  const bool colored_;
  llvm::raw_ostream& out_;
  SourceText sources_;
};

}  // namespace

void renderText(const Report& report, Coloring coloring, llvm::raw_ostream& out) {
  TextWriter(report, coloring, out).write();
}

}  // namespace deadheat
