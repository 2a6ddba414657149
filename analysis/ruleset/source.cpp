#include "analysis/ruleset/source.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

#include <algorithm>

namespace bhlint {

namespace {

/// Walks the parser's nodes, which are made while walking: a node can be visited once, in order, and leaving a
/// collection early must not go on with its siblings. Hence `failed`, which every loop looks at.
class SourceReader {
public:
  SourceReader(llvm::StringRef text, llvm::StringRef file, std::vector<RuleError> &errors)
      : file(file), errors(errors), bufferBegin(text.begin()), stream(text, sourceManager, /*ShowColors=*/false) {
    sourceManager.setDiagHandler([](const llvm::SMDiagnostic &diagnostic,
                                    void *self) { static_cast<SourceReader *>(self)->syntaxError(diagnostic); },
                                 this);
  }

  SourceValue read() {
    SourceValue root;
    root.scalar.line = root.scalar.column = 1;
    auto document = stream.begin();
    if (document == stream.end() || failed)
      return root;
    if (llvm::yaml::Node *node = document->getRoot())
      root = value(*node, 0);
    if (failed || stream.failed())
      return root;
    ++document;
    if (document != stream.end())
      if (llvm::yaml::Node *node = document->getRoot(); node && !failed)
        fail(*node, "a second document begins here; a file holds one");
    return root;
  }

private:
  void syntaxError(const llvm::SMDiagnostic &diagnostic) {
    // Only the first: what the parser says after it has lost its way helps nobody.
    if (!failed)
      report(errors,
             {file, static_cast<unsigned>(std::max(diagnostic.getLineNo(), 1)),
              static_cast<unsigned>(std::max(diagnostic.getColumnNo(), 0) + 1)},
             "not valid YAML: " + diagnostic.getMessage());
    failed = true;
  }

  void place(const char *at, SourceText &text) const {
    auto [line, column] = sourceManager.getLineAndColumn(llvm::SMLoc::getFromPointer(at));
    text.line = line;
    text.column = column;
  }

  /// The parser makes a flow collection after it has read the bracket, so that the node begins at what is inside.
  void place(const llvm::yaml::Node &node, SourceText &text) const {
    const char *start = node.getSourceRange().Start.getPointer();
    const char bracket = llvm::isa<llvm::yaml::MappingNode>(&node)    ? '{'
                         : llvm::isa<llvm::yaml::SequenceNode>(&node) ? '['
                                                                      : '\0';
    if (bracket != '\0') {
      const char *before = start;
      while (before > bufferBegin && llvm::isSpace(before[-1]))
        --before;
      if (before > bufferBegin && before[-1] == bracket)
        start = before - 1;
    }
    place(start, text);
  }

  void fail(const char *at, const llvm::Twine &message) {
    SourceText text;
    place(at, text);
    report(errors, {file, text.line, text.column}, message);
    failed = true;
  }

  void fail(const llvm::yaml::Node &node, const llvm::Twine &message) {
    SourceText text;
    place(node, text);
    report(errors, {file, text.line, text.column}, message);
    failed = true;
  }

  SourceText scalar(llvm::yaml::ScalarNode &node) const {
    SourceText text;
    place(node, text);
    const llvm::StringRef raw = node.getRawValue();
    text.isQuoted = raw.starts_with("\"") || raw.starts_with("'");
    llvm::SmallString<128> storage;
    text.text = node.getValue(storage).str();
    return text;
  }

  SourceValue value(llvm::yaml::Node &node, unsigned depth) {
    SourceValue result;
    place(node, result.scalar);
    if (depth > maxSourceDepth) {
      fail(node, "nested too deeply");
      return result;
    }
    if (!node.getAnchor().empty() || !node.getRawTag().empty()) {
      fail((node.getAnchor().empty() ? node.getRawTag() : node.getAnchor()).data(),
           "anchors and tags are not used in rule files");
      return result;
    }
    if (auto *text = llvm::dyn_cast<llvm::yaml::ScalarNode>(&node)) {
      result.kind = SourceValue::Kind::Text;
      result.scalar = scalar(*text);
    } else if (auto *block = llvm::dyn_cast<llvm::yaml::BlockScalarNode>(&node)) {
      result.kind = SourceValue::Kind::Text;
      result.scalar.text = block->getValue().str();
      result.scalar.isQuoted = true;
    } else if (auto *list = llvm::dyn_cast<llvm::yaml::SequenceNode>(&node)) {
      readList(*list, depth, result);
    } else if (auto *map = llvm::dyn_cast<llvm::yaml::MappingNode>(&node)) {
      readMap(*map, depth, result);
    } else if (auto *alias = llvm::dyn_cast<llvm::yaml::AliasNode>(&node)) {
      fail(alias->getName().data(), "aliases are not used in rule files");
    }
    return result;
  }

  void readList(llvm::yaml::SequenceNode &list, unsigned depth, SourceValue &result) {
    result.kind = SourceValue::Kind::List;
    for (auto item = list.begin(); item != list.end() && !failed; ++item) {
      result.values.push_back(value(*item, depth + 1));
      if (failed)
        return;
    }
  }

  void readMap(llvm::yaml::MappingNode &map, unsigned depth, SourceValue &result) {
    result.kind = SourceValue::Kind::Map;
    for (auto entry = map.begin(); entry != map.end() && !failed; ++entry) {
      llvm::yaml::Node *key = entry->getKey();
      auto *name = llvm::dyn_cast_or_null<llvm::yaml::ScalarNode>(key);
      if (!name) {
        if (!failed)
          fail(key ? *key : static_cast<llvm::yaml::Node &>(map), "a key must be a plain word");
        return;
      }
      result.keys.push_back(scalar(*name));
      llvm::yaml::Node *item = entry->getValue();
      result.values.push_back(item && !failed ? value(*item, depth + 1) : SourceValue());
      if (failed)
        return;
    }
  }

  const std::string file;
  std::vector<RuleError> &errors;
  const char *const bufferBegin;
  llvm::SourceMgr sourceManager;
  llvm::yaml::Stream stream;
  bool failed = false;
};

} // namespace

void report(std::vector<RuleError> &errors, const RuleLocation &where, const llvm::Twine &message) {
  RuleError &error = errors.emplace_back();
  error.where = where;
  error.message = message.str();
}

RuleSource readSource(llvm::StringRef text, llvm::StringRef file, std::vector<RuleError> &errors) {
  return {file.str(), SourceReader(text, file, errors).read()};
}

} // namespace bhlint
