#include "analysis/findings/write_html.h"

#include "analysis/embedded_file.h"
#include "analysis/findings/defects.h"
#include "analysis/findings/escape.h"
#include "analysis/findings/html_page.h"
#include "analysis/findings/source_excerpt.h"
#include "analysis/findings/write_json.h"

#include "llvm/ADT/StringExtras.h"

namespace bhlint {

namespace {

namespace page {
BHLINT_EMBED(reportMarkup, BHLINT_HTML_DIR "/report.html")
BHLINT_EMBED(reportScript, BHLINT_HTML_DIR "/report.js")
} // namespace page

/// What the list shows and is filtered by; short keys, there are thousands.
void writeRow(llvm::json::OStream &json, const Finding &finding) {
  json.object([&] {
    writeText(json, "rule", finding.rule);
    writeText(json, "file", finding.place.file);
    json.attribute("line", finding.place.line);
    writeText(json, "function", finding.function);
    writeText(json, "context", finding.context);
    writeText(json, "confidence", confidenceName(finding.confidence));
    writeText(json, "replay", replayStateName(finding.replay));
    writeText(json, "root", finding.root.function);
    writeText(json, "message", finding.message);
    writeText(json, "id", finding.fingerprint);
  });
}

void writeIndex(const Report &report, const HtmlMaterial &material, llvm::json::OStream &json) {
  json.object([&] {
    writeText(json, "version", report.toolVersion);
    json.attribute("units", report.unitsAnalysed);
    json.attributeArray("failed", [&] {
      for (const FailedUnit &unit : report.failedUnits)
        json.object([&] {
          writeText(json, "file", unit.file);
          writeText(json, "reason", unit.reason);
        });
    });
    json.attributeArray("rules", [&] {
      for (const HtmlRule &rule : material.rules)
        json.object([&] {
          writeText(json, "id", rule.id);
          writeText(json, "title", rule.title);
          json.attribute("why", llvm::json::fixUTF8(rule.why));
        });
    });
    json.attributeArray("findings", [&] {
      for (const Finding &finding : report.findings)
        writeRow(json, finding);
    });
  });
}

void writeTimeline(const Timeline &timeline, llvm::json::OStream &json) {
  json.attribute("cpus", timeline.cpus);
  writeText(json, "why", timeline.why);
  json.attributeArray("words", [&] {
    for (llvm::StringRef line : llvm::split(timeline.kernelWords, '\n'))
      json.value(escapeForTerminal(line));
  });
  json.attributeArray("events", [&] {
    for (const TimelineEvent &event : timeline.events)
      json.object([&] {
        json.attribute("cpu", event.cpu);
        writeText(json, "level", std::string(1, event.level));
        writeText(json, "task", event.task);
        writeText(json, "where", event.where);
        writeText(json, "text", llvm::StringRef(event.text).split('\n').first);
        json.attribute("problem", event.isProblem);
      });
  });
}

void writeTexts(llvm::json::OStream &json, llvm::StringRef key, const std::vector<std::string> &texts) {
  json.attributeArray(key, [&] {
    for (const std::string &text : texts)
      json.object([&] { writeText(json, "text", text); });
  });
}

/// Lines are shown as they are: excerptsOf() has made them safe.
void writeExcerpt(const SourceExcerpt &excerpt, llvm::json::OStream &json) {
  json.object([&] {
    writeText(json, "file", excerpt.file);
    writeText(json, "function", excerpt.function);
    json.attribute("first", excerpt.firstLine);
    json.attributeArray("lines", [&] {
      for (const std::string &line : excerpt.lines)
        json.value(line);
    });
    json.attributeArray("steps", [&] {
      for (std::size_t step : excerpt.steps)
        json.value(static_cast<std::int64_t>(step));
    });
  });
}

void writeContexts(const Finding &finding, const HtmlDetail &detail, llvm::json::OStream &json) {
  writeText(json, "ambient", contextPhrase(finding.ambient));
  json.attribute("maySleep", maySleep(finding.ambient));
  writeText(json, "held", finding.held.by);
  json.attributeArray("contexts", [&] {
    for (const FunctionContext &context : detail.contexts)
      json.object([&] {
        writeText(json, "phrase", contextPhrase(context.context));
        json.attribute("maySleep", maySleep(context.context));
        writeTexts(json, "witness", context.witness);
      });
  });
}

void writeDetail(const Finding &finding, const HtmlMaterial &material, llvm::json::OStream &json) {
  const HtmlDetail detail = material.detail(finding);
  json.object([&] {
    writeText(json, "sink", finding.sink);
    writeText(json, "rootWhy", finding.root.why);
    writeText(json, "rootFile", finding.root.place.file);
    json.attribute("rootLine", finding.root.place.line);
    json.attributeArray("chain", [&] {
      for (const ChainStep &step : finding.chain)
        json.object([&] {
          json.attribute("line", step.place.line);
          writeText(json, "what", step.what);
        });
    });
    json.attributeArray("excerpts", [&] {
      for (const SourceExcerpt &excerpt : excerptsOf(finding.chain, material.source))
        writeExcerpt(excerpt, json);
    });
    writeContexts(finding, detail, json);
    json.attributeObject("timeline", [&] { writeTimeline(detail.timeline, json); });
    writeText(json, "instead", finding.suggestion.mechanism);
    json.attribute("insteadWhy", llvm::json::fixUTF8(finding.suggestion.why));
    writeText(json, "others", otherSinksText(finding));
    writeTexts(json, "assumptions", finding.assumptions);
    writeTexts(json, "evidence", finding.evidence);
  });
}

} // namespace

void writeHtml(const Report &report, const HtmlMaterial &material, llvm::raw_ostream &out) {
  const HtmlFrame frame = frameOf({page::reportMarkup(), page::reportScript()});
  out << frame.before;
  writeData("index", [&](llvm::json::OStream &json) { writeIndex(report, material, json); }, out);
  out << frame.after;
  for (std::size_t i = 0; i < report.findings.size(); ++i)
    writeData(
        "finding-" + std::to_string(i),
        [&](llvm::json::OStream &json) { writeDetail(report.findings[i], material, json); }, out);
  out << "</body>\n</html>\n";
}

} // namespace bhlint
