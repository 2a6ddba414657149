// RecordReader: strict, typed access to one YAML map.
//
// Each accessor names a key, says what is wrong where it stands, and returns a harmless value so that reading goes on
// and every error is reported in one run. finish() reports the keys that nobody asked for. It knows no rule and no
// contract: which keys a record has is written down by the code that reads it (compile_*.cpp), and nowhere else.
#pragma once

#include "analysis/ruleset/source.h"

#include <initializer_list>
#include <optional>
#include <span>

namespace bhlint {

/// One spelling of an enumerator.
template <class T> struct NamedValue {
  llvm::StringRef name;
  T value;
};

/// 'text', on one line and shortened: values may be paragraphs, or hostile.
std::string quoted(llvm::StringRef text);
/// "; did you mean 'x'?", "; one of a, b, c", or empty when there are many names and none is near.
std::string suggestName(llvm::StringRef wrong, std::span<const llvm::StringRef> names);

class RecordReader {
public:
  /// `what` names the record in messages: "a row of 'sleeps'". Reports when `value` is not a map.
  RecordReader(const SourceValue &value, llvm::StringRef what, const std::string &file, std::vector<RuleError> &errors);

  /// Nothing was wrong in this record so far.
  bool isValid() const { return errorCount == errors.size(); }
  RuleLocation location() const { return {file, value.scalar.line, value.scalar.column}; }
  /// Where the value of `key` stands; the record itself when there is none.
  RuleLocation locationOf(llvm::StringRef key) const;
  void error(const RuleLocation &where, const llvm::Twine &message);

  /// Required, not empty. The value of an optional one is empty when absent.
  std::string text(llvm::StringRef key);
  std::string optionalText(llvm::StringRef key);
  /// Like text(), with line breaks and indentation made single spaces: prose that is shown in one line.
  std::string sentence(llvm::StringRef key);
  /// A list of words; required ones are not empty. A single word is not taken for a list of one.
  std::vector<SourceText> texts(llvm::StringRef key);
  std::vector<SourceText> optionalTexts(llvm::StringRef key);
  /// `low` to `high`, both inclusive.
  int number(llvm::StringRef key, int low, int high);
  std::optional<int> optionalNumber(llvm::StringRef key, int low, int high);
  std::optional<bool> optionalFlag(llvm::StringRef key);
  /// The items of a list of records; none when absent.
  std::span<const SourceValue> records(llvm::StringRef key);
  /// A map below `key`, or null.
  const SourceValue *record(llvm::StringRef key);
  bool has(llvm::StringRef key) const;

  template <class T> T oneOf(llvm::StringRef key, std::span<const NamedValue<T>> names) {
    const SourceValue *found = require(key, SourceValue::Kind::Text, "a word");
    return found ? parse(found->scalar, key, names) : names.front().value;
  }
  template <class T> T oneOf(llvm::StringRef key, std::span<const NamedValue<T>> names, T absent) {
    const SourceValue *found = find(key, SourceValue::Kind::Text, "a word");
    return found ? parse(found->scalar, key, names) : absent;
  }

  /// Reports unknown keys. Call it last.
  void finish();

private:
  void markKnown(llvm::StringRef key);
  /// Marks `key` as known; reports a value of another kind. Null when absent or wrong.
  const SourceValue *find(llvm::StringRef key, SourceValue::Kind kind, llvm::StringRef expected);
  const SourceValue *require(llvm::StringRef key, SourceValue::Kind kind, llvm::StringRef expected);
  const SourceValue *valueOf(llvm::StringRef key) const;
  std::vector<SourceText> words(const SourceValue &list, llvm::StringRef key);
  int parseNumber(const SourceText &text, llvm::StringRef key, int low, int high);
  void unknownName(const SourceText &text, llvm::StringRef key, std::span<const llvm::StringRef> names);

  template <class T> T parse(const SourceText &text, llvm::StringRef key, std::span<const NamedValue<T>> names) {
    for (const NamedValue<T> &candidate : names)
      if (candidate.name == text.text)
        return candidate.value;
    std::vector<llvm::StringRef> spellings;
    for (const NamedValue<T> &candidate : names)
      spellings.push_back(candidate.name);
    unknownName(text, key, spellings);
    return names.front().value;
  }

  const SourceValue &value;
  const std::string what;
  const std::string &file;
  std::vector<RuleError> &errors;
  const std::size_t errorCount;
  std::vector<llvm::StringRef> known;
};

} // namespace bhlint
