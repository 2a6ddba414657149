#include "testdata/cases.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

#include <filesystem>

namespace bhlint::testdata {
namespace {

namespace fs = std::filesystem;

constexpr llvm::StringLiteral expectMark = "// expect:";
constexpr llvm::StringLiteral mayMark = "// may:";
constexpr llvm::StringLiteral moduleMark = "// module:";
constexpr llvm::StringLiteral profileMark = "// profile:";

/// `rule [confidence]`, several separated by commas.
void readExpectations(llvm::StringRef text, Expectation expectation, Case &result) {
  llvm::SmallVector<llvm::StringRef, 2> entries;
  text.split(entries, ',');
  for (const llvm::StringRef entry : entries) {
    const auto [rule, level] = entry.trim().split(' ');
    expectation.rule = rule.str();
    const std::optional<Confidence> confidence = level.empty() ? Confidence::High : confidenceFromName(level.trim());
    if (rule.empty() || !confidence) {
      result.errors.push_back(expectation.file + ":" + std::to_string(expectation.line) + ": not understood: '" +
                              entry.str() + "'");
      continue;
    }
    expectation.confidence = *confidence;
    result.expectations.insert(expectation);
  }
}

void collectNames(llvm::StringRef code, Case &result) {
  const auto isPartOfName = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  while (!code.empty()) {
    code = code.drop_until(isPartOfName);
    const llvm::StringRef name = code.take_while(isPartOfName);
    code = code.drop_front(name.size());
    if (name.ends_with("_bad"))
      result.badFunctions.insert(name.str());
    if (name.ends_with("_ok"))
      result.okFunctions.insert(name.str());
  }
}

void readPath(const fs::path &path, const fs::path &root, Case &result) {
  const std::string file = path.lexically_relative(root).generic_string();
  const auto buffer = llvm::MemoryBuffer::getFile(path.string());
  if (!buffer) {
    result.errors.push_back(file + ": " + buffer.getError().message());
    return;
  }
  if (path.extension() == ".c")
    result.modules[file] = path.stem().string();
  readFile((*buffer)->getBuffer(), file, result);
}

Case readCase(const fs::path &path, const fs::path &root) {
  Case result;
  result.name = fs::path(path).replace_extension().lexically_relative(root).generic_string();
  if (!fs::is_directory(path)) {
    readPath(path, root, result);
    return result;
  }
  std::set<fs::path> files;
  for (const fs::directory_entry &entry : fs::directory_iterator(path))
    if (entry.path().extension() == ".c" || entry.path().extension() == ".h")
      files.insert(entry.path());
  for (const fs::path &file : files)
    readPath(file, root, result);
  return result;
}

} // namespace

void PrintTo(const Case &testCase, std::ostream *out) { *out << testCase.name; }

void readFile(llvm::StringRef text, const std::string &file, Case &result) {
  unsigned line = 0;
  while (!text.empty()) {
    llvm::StringRef current;
    std::tie(current, text) = text.split('\n');
    ++line;
    const llvm::StringRef code = current.take_front(current.find("//"));
    const llvm::StringRef comment = current.drop_front(code.size());
    if (comment.starts_with(expectMark))
      readExpectations(comment.drop_front(expectMark.size()), {file, line, {}, Confidence::High, true}, result);
    else if (comment.starts_with(mayMark))
      readExpectations(comment.drop_front(mayMark.size()), {file, line, {}, Confidence::High, false}, result);
    else if (comment.starts_with(moduleMark))
      result.modules[file] = comment.drop_front(moduleMark.size()).trim().str();
    else if (comment.starts_with(profileMark))
      result.profile = comment.drop_front(profileMark.size()).trim().str();
    if (!code.trim().starts_with("*") && !code.trim().starts_with("/*"))
      collectNames(code, result);
  }
}

std::vector<Case> readCases(const std::string &root, const std::vector<std::string> &folders) {
  std::set<fs::path> paths;
  for (const std::string &folder : folders)
    for (const fs::directory_entry &entry : fs::directory_iterator(fs::path(root) / folder))
      if (entry.is_directory() || entry.path().extension() == ".c")
        paths.insert(entry.path());
  std::vector<Case> cases;
  cases.reserve(paths.size());
  for (const fs::path &path : paths)
    cases.push_back(readCase(path, root));
  return cases;
}

} // namespace bhlint::testdata
