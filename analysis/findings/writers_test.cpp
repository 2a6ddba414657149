#include "analysis/findings/writers.h"
#include "analysis/findings/sample_finding.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace bhlint {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// What a patch can put into every text of a report.
constexpr const char *hostile = "a\n::error::b\x1b[31m</failure>]]>&\"'%0A,\xff\u202e";

Finding sample() {
  Finding finding = sampleFinding();
  finding.context = "spinlock";
  finding.fingerprint = "0123456789abcdef0123";
  finding.message = "mutex_lock() may sleep, but bar_flush() holds &bar->lock";
  finding.root = {"bar_start", {"drivers/foo/bar.c", 205, 2}, "bar_start() takes &bar->lock with spin_lock()"};
  finding.chain = {{"bar_start", finding.root.place, finding.root.why},
                   {"bar_start", {"drivers/foo/bar.c", 206, 2}, "bar_start() calls bar_flush()"},
                   {"bar_flush", {"drivers/foo/bar.c", 210, 2}, "mutex_lock() sleeps"}};
  finding.suggestion = {"a mutex", "it may sleep"};
  return finding;
}

Report checked() {
  Report report;
  report.toolVersion = "0.1.0";
  report.rules = {{"bh-mutex-in-atomic", "A sleeping lock", "Mutexes sleep.", "bh-mutex-in-atomic: page\n", Severity::Error}};
  report.findings = {sample(), sample()};
  report.findings[1].confidence = Confidence::Medium;
  report.findings[1].severity = Severity::Warning;
  report.findings[1].fingerprint = "1123456789abcdef0123";
  report.findings[1].assumptions = {"foo_ops.flush may be bar_flush()"};
  report.findings[1].edit = FindingEdit{"mutex_lock() becomes spin_lock()",
                                        "it keeps the CPU busy",
                                        {{"drivers/foo/bar.c", 4000, 5, 210, 2, 210, 7, "spin"}}};
  report.unitsAnalysed = 3;
  report.failedUnits = {{"drivers/foo/broken.c", "'x.h' file not found"}};
  return report;
}

Report gated() {
  Report report = checked();
  report.findings.pop_back();
  report.findings[0].introduced = Introduction{1, {"drivers/foo/core.c", 88, 0}};
  report.failedUnits.clear();
  report.notShown = 4;
  Gate gate;
  gate.base = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  gate.head = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
  gate.patches = {{"cccccccccccccccccccccccccccccccccccccccc", "foo: tidy", "A Tester <tester@example.org>"},
                  {gate.head, "foo: wait for the core", "B T\u00e9ster <b@example.org>"}};
  gate.fixed = {sample()};
  gate.known = 7;
  gate.tree = "linux";
  gate.config = "out";
  gate.reproduce = "bhlint gate -p out --base aaaaaaaaaaaa --head bbbbbbbbbbbb";
  report.gate = gate;
  return report;
}

Report attacked() {
  Report report = gated();
  Finding &finding = report.findings[0];
  finding.edit = FindingEdit{"", "", {{"", 0, 1, 1, 1, 1, 2, ""}}};
  Replacement &replacement = finding.edit->replacements[0];
  for (std::string *text : {&finding.edit->what, &finding.edit->note, &replacement.file, &replacement.text,
                            &finding.place.file, &finding.function, &finding.sink, &finding.message, &finding.root.why,
                            &finding.chain[1].what, &finding.chain[2].place.file, &finding.introduced->place.file,
                            &report.gate->patches[1].subject, &report.gate->patches[1].author})
    *text = hostile;
  report.failedUnits = {{hostile, hostile}};
  return report;
}

std::string written(const Writer &writer, const Report &report) {
  std::string text;
  llvm::raw_string_ostream out(text);
  writer.write(report, out);
  return text;
}

/// BLESS=1 writes what is there as what is expected.
void expectGolden(const std::string &name, const std::string &text) {
  const std::string path = std::string(BHLINT_SOURCE_DIR) + "/analysis/findings/goldens/" + name;
  if (std::getenv("BLESS")) {
    std::error_code error;
    llvm::raw_fd_ostream(path, error) << text;
    return;
  }
  auto golden = llvm::MemoryBuffer::getFile(path);
  ASSERT_TRUE(static_cast<bool>(golden)) << path << ": " << golden.getError().message();
  EXPECT_EQ(text, (*golden)->getBuffer().str()) << name;
}

TEST(Writers, Goldens) {
  for (const Writer &writer : writers()) {
    expectGolden(std::string(writer.name) + "-check", written(writer, checked()));
    expectGolden(std::string(writer.name) + "-gate", written(writer, gated()));
  }
}

TEST(Writers, NothingOfAStrangerGetsThrough) {
  for (const Writer &writer : writers()) {
    const std::string text = written(writer, attacked());
    EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << writer.name;
    EXPECT_THAT(text, Not(HasSubstr("\n::error::b"))) << writer.name;
    EXPECT_TRUE(llvm::json::isUTF8(text)) << writer.name;
    const bool isJson = llvm::is_contained({"json", "sarif", "gitlab"}, llvm::StringRef(writer.name));
    if (isJson) {
      llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
      EXPECT_TRUE(static_cast<bool>(value)) << writer.name << ": " << llvm::toString(value.takeError());
    } else {
      EXPECT_THAT(text, Not(HasSubstr("\u202e"))) << writer.name;
    }
  }
  EXPECT_THAT(written(*findWriter("junit"), attacked()), Not(HasSubstr("</failure>]]>")));
  EXPECT_THAT(written(*findWriter("mail"), attacked()), Not(HasSubstr("\nTo: a")));
}

TEST(WriteSarif, KeepsWithinWhatGithubTakes) {
  Report report = checked();
  report.findings.assign(6000, report.findings[1]);
  report.findings.back().severity = Severity::Error;
  report.findings.back().chain.assign(3000, report.findings[0].chain[1]);
  report.findings.back().message = std::string(5000, 'x') + "\u00e9";
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(written(*findWriter("sarif"), report));
  ASSERT_TRUE(static_cast<bool>(value)) << llvm::toString(value.takeError());
  const llvm::json::Object &run = *value->getAsObject()->getArray("runs")->front().getAsObject();
  const llvm::json::Array &results = *run.getArray("results");
  EXPECT_EQ(results.size(), 5000u);
  const llvm::json::Object &first = *results.front().getAsObject(); // the gravest is kept
  EXPECT_EQ(first.getString("level"), "error");
  EXPECT_LE(first.getObject("message")->getString("text")->size(), 1024u);
  const llvm::json::Object &flow = *first.getArray("codeFlows")->front().getAsObject();
  EXPECT_LE(flow.getArray("threadFlows")->front().getAsObject()->getArray("locations")->size(), 1000u);
  const llvm::json::Object &invocation = *run.getArray("invocations")->front().getAsObject();
  const llvm::json::Object &said = *invocation.getArray("toolExecutionNotifications")->front().getAsObject();
  EXPECT_EQ(said.getObject("message")->getString("text"),
            "Only the gravest 5000 of 6000 findings are in this log, which is what code scanning takes.");
}

TEST(WriteSarif, SaysWhetherAllWasDone) {
  const auto isSuccessful = [](const Report &report) {
    const llvm::json::Value value = llvm::cantFail(llvm::json::parse(written(*findWriter("sarif"), report)));
    const llvm::json::Object &run = *value.getAsObject()->getArray("runs")->front().getAsObject();
    return *run.getArray("invocations")->front().getAsObject()->getBoolean("executionSuccessful");
  };
  Report report = checked();
  EXPECT_FALSE(isSuccessful(report));
  report.failedUnits.clear();
  EXPECT_TRUE(isSuccessful(report));
}

TEST(Writers, AreFoundByName) {
  EXPECT_EQ(findWriter("sarif")->write, writeSarif);
  EXPECT_EQ(findWriter("html"), nullptr);
}

} // namespace
} // namespace bhlint
