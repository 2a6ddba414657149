#include "analysis/findings/write_json.h"
#include "analysis/findings/sample_finding.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

Report sample() {
  Finding finding = sampleFinding();
  finding.confidence = Confidence::Medium;
  finding.fingerprint = "0123456789abcdef0123";
  finding.assumptions = {"foo_ops.flush may be bar_flush()"};
  finding.evidence = {"kernel/softirq.c:788"};
  finding.edit =
      FindingEdit{"one becomes another", "it differs", {{"drivers/foo/bar.c", 4000, 5, 210, 2, 210, 7, "x"}}};
  Report report;
  report.toolVersion = "0.1.0";
  report.findings = {finding};
  report.unitsAnalysed = 3;
  report.failedUnits = {{"drivers/foo/broken.c", "'x.h' file not found"}};
  return report;
}

std::string text(const Report &report) {
  std::string result;
  llvm::raw_string_ostream out(result);
  writeJson(report, out);
  return result;
}

/// What the validator says about a document; empty when it is valid.
std::string complaints(llvm::StringRef document) {
  llvm::SmallString<128> instance;
  llvm::SmallString<128> output;
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("report", "json", instance));
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("complaints", "txt", output));
  const llvm::FileRemover removeInstance(instance);
  const llvm::FileRemover removeOutput(output);
  std::error_code error;
  llvm::raw_fd_ostream(instance, error) << document;
  EXPECT_FALSE(error) << error.message();
  const std::optional<llvm::StringRef> redirects[] = {std::nullopt, llvm::StringRef(output), llvm::StringRef(output)};
  const int status = llvm::sys::ExecuteAndWait(BHLINT_PYTHON,
                                               {BHLINT_PYTHON, BHLINT_SOURCE_DIR "/analysis/findings/validate.py",
                                                BHLINT_SOURCE_DIR "/docs/findings.schema.json", instance},
                                               std::nullopt, redirects);
  auto said = llvm::MemoryBuffer::getFile(output);
  const std::string complaint = said ? (*said)->getBuffer().str() : "no output";
  // 2: the validator itself did not run, which must not pass for either verdict.
  EXPECT_TRUE(status == 0 || status == 1) << complaint;
  return status == 0 ? "" : complaint + " ";
}

TEST(WriteJson, HasThePublishedFieldsInTheirOrder) {
  const char *expected = R"json({
  "tool": {
    "name": "bhlint",
    "version": "0.1.0"
  },
  "findings": [
    {
      "rule": "bh-mutex-in-atomic",
      "file": "drivers/foo/bar.c",
      "line": 210,
      "column": 2,
      "function": "bar_flush",
      "sink": "mutex_lock",
      "context": "tasklet",
      "confidence": "medium",
      "severity": "error",
      "fingerprint": "0123456789abcdef0123",
      "message": "mutex_lock() may sleep, but bar_flush() runs in tasklet context",
      "root": {
        "function": "bar_task",
        "file": "drivers/foo/bar.c",
        "line": 498,
        "why": "bar_task() is a tasklet: registered by tasklet_setup() in bar_probe()"
      },
      "chain": [
        {
          "function": "bar_task",
          "file": "drivers/foo/bar.c",
          "line": 240,
          "what": "bar_task() calls bar_flush()"
        },
        {
          "function": "bar_flush",
          "file": "drivers/foo/bar.c",
          "line": 210,
          "what": "mutex_lock() sleeps"
        }
      ],
      "suggestion": {
        "mechanism": "a workqueue or a threaded IRQ",
        "why": "both run in process context"
      },
      "assumptions": [
        "foo_ops.flush may be bar_flush()"
      ],
      "evidence": [
        "kernel/softirq.c:788"
      ],
      "conditionalCalls": 0,
      "replay": "not-modelled",
      "edit": {
        "what": "one becomes another",
        "note": "it differs",
        "replacements": [
          {
            "file": "drivers/foo/bar.c",
            "offset": 4000,
            "length": 5,
            "line": 210,
            "column": 2,
            "endLine": 210,
            "endColumn": 7,
            "text": "x"
          }
        ]
      }
    }
  ],
  "units": {
    "analysed": 3,
    "failed": [
      {
        "file": "drivers/foo/broken.c",
        "reason": "'x.h' file not found"
      }
    ]
  }
}
)json";
  EXPECT_EQ(text(sample()), expected);
}

TEST(WriteJson, OutputIsValidBySchema) {
  EXPECT_EQ(complaints(text(sample())), "");
  Report empty;
  empty.toolVersion = "0.1.0";
  EXPECT_EQ(complaints(text(empty)), "");
}

TEST(WriteJson, HostileTextStaysValid) {
  Report report = sample();
  report.findings[0].place.file = "a\xff\n\"\\\x1b\x01/b.c";
  report.findings[0].message = "</script>\u2028\xed\xa0\x80";
  EXPECT_EQ(complaints(text(report)), "");
  EXPECT_TRUE(static_cast<bool>(llvm::json::parse(text(report))));
}

TEST(WriteJson, WritesEachReplayState) {
  for (const ReplayState state : {ReplayState::NotModelled, ReplayState::Reproduced, ReplayState::NotReproduced}) {
    Report report = sample();
    report.findings[0].replay = state;
    EXPECT_EQ(complaints(text(report)), "") << replayStateName(state);
  }
}

/// The schema must be able to say no, otherwise the tests above prove nothing.
TEST(Schema, RefusesWhatTheWriterWouldNotWrite) {
  const std::string good = text(sample());
  const auto broken = [&](llvm::StringRef from, llvm::StringRef to) {
    const std::size_t at = good.find(from);
    EXPECT_NE(at, std::string::npos) << from.str();
    std::string changed = good;
    changed.replace(at, from.size(), to);
    return complaints(changed);
  };
  EXPECT_THAT(broken("\"line\": 210", "\"line\": \"210\""), ::testing::HasSubstr("findings/0/line"));
  EXPECT_THAT(broken("\"medium\"", "\"certain\""), ::testing::HasSubstr("findings/0/confidence"));
  EXPECT_THAT(broken("\"sink\"", "\"sunk\""), ::testing::HasSubstr("sunk"));
  EXPECT_THAT(broken("0123456789abcdef0123", "0123"), ::testing::HasSubstr("findings/0/fingerprint"));
  EXPECT_THAT(broken("not-modelled", "unsure"), ::testing::HasSubstr("findings/0/replay"));
  EXPECT_THAT(broken("\"analysed\": 3", "\"analysed\": -3"), ::testing::HasSubstr("units/analysed"));
}

} // namespace
} // namespace bhlint
