#include "analysis/findings/json_text.h"
#include "analysis/findings/story.h"
#include "analysis/findings/writers.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

#include <algorithm>
#include <map>

namespace bhlint {
namespace {

using llvm::json::OStream;

// What code scanning takes: "SARIF results exceed limit" in GitHub's documentation. Beyond these it drops results or
// refuses the file.
constexpr std::size_t mostResults = 5000;
constexpr std::size_t mostFlowLocations = 1000;
constexpr std::size_t mostText = 1024; ///< what an alert shows of a text that it shows in full

constexpr llvm::StringLiteral rootId = "SRCROOT";

std::string cut(std::string text, std::size_t most) {
  if (text.size() <= most)
    return text;
  constexpr llvm::StringLiteral ending = "...";
  std::size_t end = most - ending.size();
  while (end != 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) // not within a character
    --end;
  return text.substr(0, end) + ending.str();
}

/// Percent-encoding of RFC 3986; what is neither unreserved nor a slash is encoded.
std::string uriOf(llvm::StringRef path) {
  std::string uri;
  for (const char c : path) {
    if (llvm::isAlnum(c) || llvm::StringRef("-._~/+").contains(c))
      uri += c;
    else
      uri += "%" + llvm::utohexstr(static_cast<unsigned char>(c), /*LowerCase=*/false, /*Width=*/2);
  }
  return uri;
}

void writeTextObject(OStream &json, llvm::StringRef key, const std::string &text) {
  json.attributeObject(key, [&] { writeString(json, "text", text); });
}

void writeArtifact(OStream &json, const std::string &file) {
  json.attributeObject("artifactLocation", [&] {
    writeString(json, "uri", uriOf(file));
    if (!llvm::StringRef(file).starts_with("/"))
      writeString(json, "uriBaseId", rootId);
  });
}

void writePhysical(OStream &json, const SourcePlace &place) {
  json.attributeObject("physicalLocation", [&] {
    writeArtifact(json, place.file);
    if (place.line != 0)
      json.attributeObject("region", [&] {
        json.attribute("startLine", place.line);
        if (place.column != 0)
          json.attribute("startColumn", place.column);
      });
  });
}

/// `precision`: of the least certain finding of this rule in the report; nothing: it has none.
void writeRule(OStream &json, const RuleText &rule, std::optional<Confidence> precision) {
  writeString(json, "id", rule.id);
  std::string name; // bh-mutex-in-atomic -> BhMutexInAtomic, the form that the standard asks for
  llvm::SmallVector<llvm::StringRef, 4> words;
  llvm::StringRef(rule.id).split(words, '-');
  for (llvm::StringRef word : words)
    if (!word.empty())
      name += llvm::toUpper(word.front()) + word.drop_front().str();
  writeString(json, "name", name);
  writeTextObject(json, "shortDescription", cut(rule.title + ".", mostText));
  writeTextObject(json, "fullDescription", cut(rule.why, mostText));
  json.attributeObject("help", [&] {
    writeString(json, "text", rule.page);
    writeString(json, "markdown", "```\n" + rule.page + "```\n");
  });
  json.attributeObject("defaultConfiguration", [&] { writeString(json, "level", severityName(rule.severity)); });
  json.attributeObject("properties", [&] {
    json.attributeArray("tags", [&] {
      json.value("linux-kernel");
      json.value("concurrency");
    });
    if (precision)
      writeString(json, "precision", confidenceName(*precision));
    writeString(json, "problem.severity",
                rule.severity == Severity::Note ? "recommendation" : severityName(rule.severity));
  });
}

std::optional<Confidence> leastConfidence(const Report &report, llvm::StringRef rule) {
  std::optional<Confidence> least;
  for (const Finding &finding : report.findings)
    if (finding.rule == rule)
      least = least ? std::min(*least, finding.confidence) : finding.confidence;
  return least;
}

void writeFlow(OStream &json, const Finding &finding) {
  std::vector<Note> steps = witnessOf(finding);
  if (steps.size() > mostFlowLocations) // recursion; both ends matter most
    steps.erase(steps.begin() + mostFlowLocations / 2, steps.end() - mostFlowLocations / 2);
  json.attributeArray("codeFlows", [&] {
    json.object([&] {
      json.attributeArray("threadFlows", [&] {
        json.object([&] {
          json.attributeArray("locations", [&] {
            for (const Note &step : steps)
              json.object([&] {
                json.attributeObject("location", [&] {
                  writePhysical(json, step.place);
                  writeTextObject(json, "message", cut(step.text, mostText));
                });
              });
          });
        });
      });
    });
  });
}

void writeReplacement(OStream &json, const Replacement &replacement) {
  json.attributeObject("deletedRegion", [&] {
    json.attribute("startLine", replacement.line);
    json.attribute("startColumn", replacement.column);
    json.attribute("endLine", replacement.endLine);
    json.attribute("endColumn", replacement.endColumn);
  });
  writeTextObject(json, "insertedContent", replacement.text);
}

/// One fix, with one change for each file.
void writeFix(OStream &json, const FindingEdit &edit) {
  std::map<std::string, std::vector<const Replacement *>> byFile;
  for (const Replacement &replacement : edit.replacements)
    byFile[replacement.file].push_back(&replacement);
  json.attributeArray("fixes", [&] {
    json.object([&] {
      writeTextObject(json, "description", cut(editText(edit) + ".", mostText));
      json.attributeArray("artifactChanges", [&] {
        for (const auto &[file, replacements] : byFile)
          json.object([&] {
            writeArtifact(json, file);
            json.attributeArray("replacements", [&] {
              for (const Replacement *replacement : replacements)
                json.object([&] { writeReplacement(json, *replacement); });
            });
          });
      });
    });
  });
}

void writeRelated(OStream &json, const Finding &finding) {
  auto write = [&](const SourcePlace &place, const std::string &text) {
    json.object([&] {
      writePhysical(json, place);
      writeTextObject(json, "message", text);
    });
  };
  json.attributeArray("relatedLocations", [&] {
    if (finding.shownPlace() != finding.place)
      write(finding.place, finding.sink + "() is called here");
    for (const OtherSink &other : finding.otherSinks)
      write(other.place, "the same call also leads to " + other.sink + "()");
  });
}

void writeResult(OStream &json, const Report &report, const Finding &finding, unsigned ruleIndex) {
  writeString(json, "ruleId", finding.rule);
  if (ruleIndex < report.rules.size())
    json.attribute("ruleIndex", ruleIndex);
  writeString(json, "level", severityName(finding.severity));
  std::string message = finding.message + ".";
  if (report.gate && finding.introduced)
    message += " Brought by " + patchOf(*report.gate, finding) + ".";
  if (const std::string advice = adviceOf(finding); !advice.empty())
    message += " Use " + advice;
  writeTextObject(json, "message", cut(message, mostText));
  json.attributeArray("locations", [&] {
    json.object([&] {
      writePhysical(json, finding.shownPlace());
      json.attributeArray("logicalLocations", [&] {
        json.object([&] {
          writeString(json, "name", finding.function);
          writeString(json, "kind", "function");
        });
      });
    });
  });
  if (finding.shownPlace() != finding.place || !finding.otherSinks.empty())
    writeRelated(json, finding);
  json.attributeObject("partialFingerprints", [&] {
    // The first is the one that GitHub looks at; without it, it makes one from the line's text.
    writeString(json, "primaryLocationLineHash", finding.fingerprint + ":1");
    writeString(json, "bhlint/v1", finding.fingerprint);
  });
  writeFlow(json, finding);
  if (finding.edit)
    writeFix(json, *finding.edit);
  if (report.gate)
    writeString(json, "baselineState", "new");
  json.attributeObject("properties", [&] {
    writeString(json, "confidence", confidenceName(finding.confidence));
    writeString(json, "context", finding.context);
    json.attributeArray("assumptions", [&] {
      for (const std::string &assumption : finding.assumptions)
        json.value(utf8(assumption));
    });
  });
}

void writeResults(OStream &json, const Report &report) {
  llvm::StringMap<unsigned> ruleIndex;
  for (unsigned i = 0; i < report.rules.size(); ++i)
    ruleIndex[report.rules[i].id] = i;
  std::vector<const Finding *> kept;
  for (const Finding &finding : report.findings)
    kept.push_back(&finding);
  std::stable_sort(kept.begin(), kept.end(),
                   [](const Finding *a, const Finding *b) { return a->severity < b->severity; });
  if (kept.size() > mostResults)
    kept.resize(mostResults);
  json.attributeArray("results", [&] {
    for (const Finding *finding : kept) {
      auto known = ruleIndex.find(finding->rule);
      json.object([&] {
        writeResult(json, report, *finding,
                    known == ruleIndex.end() ? static_cast<unsigned>(report.rules.size()) : known->second);
      });
    }
  });
}

void writeNotification(OStream &json, const std::string &text) {
  json.object([&] {
    writeString(json, "level", "warning");
    writeTextObject(json, "message", cut(text, mostText));
  });
}

/// A unit that could not be analysed may hide findings, so the run has not done all that it was asked for.
void writeInvocation(OStream &json, const Report &report) {
  json.attributeArray("invocations", [&] {
    json.object([&] {
      json.attribute("executionSuccessful", report.failedUnits.empty());
      json.attributeArray("toolExecutionNotifications", [&] {
        if (report.findings.size() > mostResults)
          writeNotification(json, "Only the gravest " + std::to_string(mostResults) + " of " +
                                      counted(report.findings.size(), "finding") +
                                      " are in this log, which is what code scanning takes.");
        if (report.notShown != 0)
          writeNotification(json, counted(report.notShown, "more finding") + " left out by --limit.");
        for (const FailedUnit &unit : report.failedUnits)
          json.object([&] {
            writeString(json, "level", "warning");
            writeTextObject(json, "message", cut("not analysed: " + unit.reason, mostText));
            json.attributeArray("locations",
                                [&] { json.object([&] { writePhysical(json, SourcePlace{unit.file, 0, 0}); }); });
          });
      });
    });
  });
}

} // namespace

void writeSarif(const Report &report, llvm::raw_ostream &out) {
  OStream json(out, /*IndentSize=*/2);
  json.object([&] {
    writeString(json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    writeString(json, "version", "2.1.0");
    json.attributeArray("runs", [&] {
      json.object([&] {
        json.attributeObject("tool", [&] {
          json.attributeObject("driver", [&] {
            writeString(json, "name", "bhlint");
            writeString(json, "version", report.toolVersion);
            writeString(json, "semanticVersion", report.toolVersion);
            json.attributeArray("rules", [&] {
              for (const RuleText &rule : report.rules)
                json.object([&] { writeRule(json, rule, leastConfidence(report, rule.id)); });
            });
          });
        });
        writeInvocation(json, report);
        json.attributeObject("originalUriBaseIds", [&] {
          json.attributeObject(rootId, [&] { writeTextObject(json, "description", "The root of the analysed tree."); });
        });
        writeString(json, "columnKind", "unicodeCodePoints");
        writeResults(json, report);
      });
    });
  });
  out << '\n';
}

} // namespace bhlint
