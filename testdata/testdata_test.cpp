// Runs the real `bhlint check` on every case in testdata/ and compares with what the case's comments expect, and its
// text output, chain and all, with the committed <case>.expected. BLESS=1 in the environment rewrites those files; the
// comments are always compared.
#include "testdata/cases.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace bhlint::testdata {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const std::string root = BHLINT_SOURCE_DIR "/testdata";

bool isBlessing() { return std::getenv("BLESS") != nullptr; }

std::string readText(const std::string &path) {
  const auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : std::string();
}

void writeText(const std::string &path, llvm::StringRef text) {
  std::error_code error;
  llvm::raw_fd_ostream(path, error) << text;
  ASSERT_FALSE(error) << path << ": " << error.message();
}

/// A folder that goes away with the value.
class TemporaryFolder {
public:
  TemporaryFolder() { EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("bhlint-testdata", folder)); }
  ~TemporaryFolder() { EXPECT_FALSE(llvm::sys::fs::remove_directories(folder)); }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  std::string operator/(llvm::StringRef name) const { return (folder + "/" + name).str(); }
  std::string path() const { return folder.str().str(); }

private:
  llvm::SmallString<128> folder;
};

struct Output {
  int status = -1;
  std::string out;
  std::string err;
};

Output run(const std::vector<std::string> &command, const TemporaryFolder &folder) {
  const std::string out = folder / "stdout";
  const std::string err = folder / "stderr";
  const std::optional<llvm::StringRef> redirects[] = {std::nullopt, llvm::StringRef(out), llvm::StringRef(err)};
  const std::vector<llvm::StringRef> arguments(command.begin(), command.end());
  Output output;
  output.status = llvm::sys::ExecuteAndWait(command.front(), arguments, std::nullopt, redirects);
  output.out = readText(out);
  output.err = readText(err);
  return output;
}

Output check(const TemporaryFolder &folder, std::vector<std::string> options = {}) {
  const std::string program = BHLINT_BINARY_DIR "/bin/bhlint";
  std::vector<std::string> command{program, "check", "--no-cache", "-p", folder.path()};
  command.insert(command.end(), options.begin(), options.end());
  return run(command, folder);
}

/// compile_commands.json as Kbuild's would be: the module's name, and kconfig.h by which the tree is recognised.
void writeDatabase(const Case &testCase, const TemporaryFolder &folder) {
  llvm::json::Array database;
  for (const auto &[file, module] : testCase.modules)
    database.push_back(llvm::json::Object{
        {"directory", root},
        {"file", file},
        {"arguments", llvm::json::Array{"clang", "-std=gnu11", "-Wall", "-nostdinc", "-Iinclude", "-include",
                                        root + "/include/linux/kconfig.h", "-D__KERNEL__", "-DMODULE",
                                        "-DKBUILD_MODNAME=\"" + module + "\"", "-c", "-o", file + ".o", file}}});
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(database));
  writeText(folder / "compile_commands.json", text);
}

/// Cases of a rule that is off by default, or of another kind of kernel, ask for it.
std::vector<std::string> enabled(const Case &testCase) {
  if (!testCase.profile.empty())
    return {"--profile", testCase.profile};
  const std::string folder = testCase.name.substr(0, testCase.name.find('/'));
  return llvm::StringRef(folder).starts_with("bh-") ? std::vector<std::string>{"--enable", folder}
                                                     : std::vector<std::string>{};
}

/// What is compared of a finding that was reported.
struct Reported {
  Expectation what;
  std::string message;
  bool isNote = false;
  std::set<std::string> functions; ///< that take part in it
};

std::string textOf(const llvm::json::Object &object, llvm::StringRef key) {
  return object.getString(key).value_or("").str();
}

/// Of a finding, or of what a finding speaks for.
void readPlace(const llvm::json::Object &object, Reported &reported) {
  reported.what.file = textOf(object, "file");
  reported.what.line = static_cast<unsigned>(object.getInteger("line").value_or(0));
  const std::optional<Confidence> confidence = confidenceFromName(textOf(object, "confidence"));
  EXPECT_TRUE(confidence.has_value()) << textOf(object, "confidence");
  reported.what.confidence = confidence.value_or(Confidence::Low);
  reported.functions.insert(textOf(object, "function"));
}

Reported readFinding(const llvm::json::Object &finding) {
  Reported reported;
  readPlace(finding, reported);
  reported.what.rule = textOf(finding, "rule");
  reported.message = textOf(finding, "message");
  reported.isNote = textOf(finding, "severity") == "note";
  if (const llvm::json::Object *from = finding.getObject("root"))
    reported.functions.insert(textOf(*from, "function"));
  if (const llvm::json::Array *chain = finding.getArray("chain"))
    for (const llvm::json::Value &step : *chain)
      reported.functions.insert(textOf(*step.getAsObject(), "function"));
  return reported;
}

std::vector<Reported> readReport(llvm::StringRef json) {
  auto document = llvm::json::parse(json);
  if (!document) {
    ADD_FAILURE() << llvm::toString(document.takeError()) << "\n" << json.str();
    return {};
  }
  const llvm::json::Object &report = *document->getAsObject();
  const llvm::json::Object *units = report.getObject("units");
  EXPECT_TRUE(units && units->getArray("failed") && units->getArray("failed")->empty()) << json.str();
  std::vector<Reported> findings;
  for (const llvm::json::Value &finding : *report.getArray("findings")) {
    const Reported reported = readFinding(*finding.getAsObject());
    findings.push_back(reported);
    if (const llvm::json::Array *others = finding.getAsObject()->getArray("otherSinks"))
      for (const llvm::json::Value &other : *others) {
        findings.push_back(reported);
        readPlace(*other.getAsObject(), findings.back());
      }
  }
  return findings;
}

std::string show(const Expectation &what) {
  return what.file + ":" + std::to_string(what.line) + ": " + what.rule + " " +
         std::string(confidenceName(what.confidence));
}

bool isAllowed(const Case &testCase, const Expectation &reported) {
  return llvm::any_of(testCase.expectations, [&](const Expectation &expected) {
    const bool isSame =
        expected.file == reported.file && expected.line == reported.line && expected.rule == reported.rule;
    return isSame && (expected.isRequired ? expected.confidence == reported.confidence
                                          : reported.confidence <= expected.confidence);
  });
}

void comparePlaces(const Case &testCase, const std::vector<Reported> &findings) {
  std::set<Expectation> reported;
  for (const Reported &finding : findings) {
    reported.insert(finding.what);
    EXPECT_TRUE(isAllowed(testCase, finding.what)) << "false alarm: " << show(finding.what) << ": " << finding.message;
  }
  for (const Expectation &expected : testCase.expectations)
    EXPECT_TRUE(!expected.isRequired || reported.contains(expected)) << "missed: " << show(expected);
}

void compareFunctions(const Case &testCase, const std::vector<Reported> &findings) {
  std::set<std::string> involved;
  for (const Reported &finding : findings)
    if (finding.what.confidence == Confidence::High)
      involved.insert(finding.functions.begin(), finding.functions.end());
  for (const std::string &function : testCase.badFunctions)
    EXPECT_TRUE(involved.contains(function)) << "missed: " << function << "() is part of no finding";
  for (const std::string &function : testCase.okFunctions)
    EXPECT_FALSE(involved.contains(function)) << "false alarm: " << function << "() is part of a finding";
}

void compareText(const Case &testCase, const Output &output) {
  const std::string path = root + "/" + testCase.name + ".expected";
  if (isBlessing())
    return writeText(path, output.out);
  ASSERT_TRUE(llvm::sys::fs::exists(path)) << "no " << path << "; tools/bless writes it";
  EXPECT_EQ(output.out, readText(path)) << "if the new text is right, tools/bless accepts it";
}

class TestData : public ::testing::TestWithParam<Case> {};

TEST_P(TestData, ReportsWhatIsExpectedAndNothingElse) {
  const Case &testCase = GetParam();
  ASSERT_THAT(testCase.errors, IsEmpty());
  const TemporaryFolder folder;
  writeDatabase(testCase, folder);
  std::vector<std::string> options = enabled(testCase);
  options.insert(options.end(), {"--format", "json", "--confidence", "low"});
  const Output json = check(folder, options);
  ASSERT_TRUE(json.status == 0 || json.status == 1) << "exit status " << json.status << "\n" << json.err;
  const std::vector<Reported> findings = readReport(json.out);
  EXPECT_EQ(json.status, std::all_of(findings.begin(), findings.end(), [](const Reported &f) { return f.isNote; }) ? 0 : 1);
  comparePlaces(testCase, findings);
  compareFunctions(testCase, findings);
}

TEST_P(TestData, ExplainsItAsCommitted) {
  const Case &testCase = GetParam();
  const TemporaryFolder folder;
  writeDatabase(testCase, folder);
  const Output text = check(folder, enabled(testCase));
  ASSERT_TRUE(text.status == 0 || text.status == 1) << "exit status " << text.status << "\n" << text.err;
  compareText(testCase, text);
}

std::vector<std::string> ruleFolders() {
  std::vector<std::string> folders;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator entry(root, error), end; entry != end && !error; entry.increment(error))
    if (llvm::sys::path::filename(entry->path()).starts_with("bh-"))
      folders.push_back(llvm::sys::path::filename(entry->path()).str());
  return folders;
}

Case demo() {
  // The demo is a case like the others, so that what tools/demo prints stays right.
  for (const Case &testCase : readCases(root, {""}))
    if (testCase.name == "demo")
      return testCase;
  return {};
}

std::vector<Case> allCases() {
  std::vector<Case> cases = readCases(root, ruleFolders());
  cases.push_back(demo());
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Cases, TestData, ::testing::ValuesIn(allCases()), [](const auto &info) {
  std::string name = info.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(TestDataOutput, IsValidBySchema) {
  const TemporaryFolder folder;
  writeDatabase(demo(), folder);
  const Output json = check(folder, {"--format", "json", "--confidence", "low", "-o", folder / "report.json"});
  ASSERT_EQ(json.status, 1) << json.err;
  const Output verdict = run({BHLINT_PYTHON, BHLINT_SOURCE_DIR "/analysis/findings/validate.py",
                              BHLINT_SOURCE_DIR "/docs/findings.schema.json", folder / "report.json"},
                             folder);
  EXPECT_EQ(verdict.status, 0) << verdict.out << verdict.err;
}

TEST(TestDataOutput, DoesNotDependOnTheNumberOfThreads) {
  const TemporaryFolder folder;
  writeDatabase(demo(), folder);
  const Output one = check(folder, {"-j1"});
  const Output two = check(folder, {"-j2"});
  ASSERT_EQ(one.status, 1) << one.err;
  EXPECT_EQ(one.out, two.out);
}

TEST(TestDataDemo, DatabaseOfMakeDbNamesEveryDriver) {
  const TemporaryFolder folder;
  const Output made = run({root + "/demo/make-db", folder.path()}, folder);
  ASSERT_EQ(made.status, 0) << made.err;
  const Output fromScript = check(folder);
  writeDatabase(demo(), folder);
  const Output fromTest = check(folder);
  ASSERT_EQ(fromScript.status, 1) << fromScript.err;
  EXPECT_EQ(fromScript.out, fromTest.out);
}

TEST(ReadFile, ReadsExpectationsModulesAndNames) {
  Case result;
  readFile("// module: alpha\n"
           "/* not_this_bad() */\n"
           "void f_bad(void) { g_ok(); } // expect: bh-x, bh-y medium\n"
           "  h(); // may: bh-z low\n",
           "a.c", result);
  EXPECT_THAT(result.errors, IsEmpty());
  EXPECT_THAT(result.expectations, UnorderedElementsAre(Expectation{"a.c", 3, "bh-x", Confidence::High, true},
                                                        Expectation{"a.c", 3, "bh-y", Confidence::Medium, true},
                                                        Expectation{"a.c", 4, "bh-z", Confidence::Low, false}));
  EXPECT_THAT(result.badFunctions, UnorderedElementsAre("f_bad"));
  EXPECT_THAT(result.okFunctions, UnorderedElementsAre("g_ok"));
  EXPECT_EQ(result.modules["a.c"], "alpha");
}

TEST(ReadFile, ReportsWhatItDoesNotUnderstand) {
  Case result;
  readFile("f(); // expect: bh-x certain\ng(); // expect:\n", "a.c", result);
  EXPECT_THAT(result.errors, ElementsAre("a.c:1: not understood: ' bh-x certain'", "a.c:2: not understood: ''"));
}

} // namespace
} // namespace bhlint::testdata
