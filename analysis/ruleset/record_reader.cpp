#include "analysis/ruleset/record_reader.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>

namespace bhlint {

namespace {

llvm::StringRef kindName(SourceValue::Kind kind) {
  switch (kind) {
  case SourceValue::Kind::Null:
    return "nothing";
  case SourceValue::Kind::Text:
    return "text";
  case SourceValue::Kind::List:
    return "a list";
  case SourceValue::Kind::Map:
    return "a map";
  }
  return "";
}

} // namespace

std::string quoted(llvm::StringRef text) {
  std::string result = "'";
  for (char c : text.take_front(60))
    result += llvm::isPrint(c) ? c : '?';
  return result + (text.size() > 60 ? "...'" : "'");
}

std::string suggestName(llvm::StringRef wrong, std::span<const llvm::StringRef> names) {
  const unsigned reach = std::max<unsigned>(2, wrong.size() / 2);
  llvm::StringRef best;
  unsigned bestDistance = reach + 1;
  for (llvm::StringRef name : names) {
    // The distance is at least the difference in length; skip what cannot win, since names may be thousands.
    const unsigned difference = name.size() > wrong.size() ? name.size() - wrong.size() : wrong.size() - name.size();
    if (difference >= bestDistance || wrong.size() > 200)
      continue;
    const unsigned distance = wrong.edit_distance(name, /*AllowReplacements=*/true, bestDistance);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  if (!best.empty())
    return "; did you mean '" + best.str() + "'?";
  if (names.empty() || names.size() > 20)
    return "";
  return "; one of " + llvm::join(names, ", ");
}

RecordReader::RecordReader(const SourceValue &value, llvm::StringRef what, const std::string &file,
                           std::vector<RuleError> &errors)
    : value(value), what(what), file(file), errors(errors), errorCount(errors.size()) {
  if (value.kind != SourceValue::Kind::Map) {
    error(location(), llvm::Twine(this->what) + " is a map of keys and values, not " + kindName(value.kind));
    return;
  }
  for (auto [index, key] : llvm::enumerate(value.keys))
    for (const SourceText &earlier : llvm::ArrayRef(value.keys).take_front(index))
      if (earlier.text == key.text)
        error({file, key.line, key.column},
              llvm::Twine("key ") + quoted(key.text) + " is given twice in " + this->what);
}

RuleLocation RecordReader::locationOf(llvm::StringRef key) const {
  if (const SourceValue *found = valueOf(key))
    return {file, found->scalar.line, found->scalar.column};
  return location();
}

void RecordReader::error(const RuleLocation &where, const llvm::Twine &message) { report(errors, where, message); }

const SourceValue *RecordReader::valueOf(llvm::StringRef key) const {
  for (auto [name, item] : llvm::zip(value.keys, value.values))
    if (name.text == key)
      return &item;
  return nullptr;
}

bool RecordReader::has(llvm::StringRef key) const { return valueOf(key) != nullptr; }

void RecordReader::markKnown(llvm::StringRef key) {
  if (!llvm::is_contained(known, key))
    known.push_back(key);
}

const SourceValue *RecordReader::find(llvm::StringRef key, SourceValue::Kind kind, llvm::StringRef expected) {
  markKnown(key);
  const SourceValue *found = valueOf(key);
  if (!found || found->kind == kind)
    return found;
  error(locationOf(key), llvm::Twine(quoted(key)) + " is " + expected + ", not " + kindName(found->kind));
  return nullptr;
}

const SourceValue *RecordReader::require(llvm::StringRef key, SourceValue::Kind kind, llvm::StringRef expected) {
  const SourceValue *found = find(key, kind, expected);
  if (!found && !has(key) && value.kind == SourceValue::Kind::Map)
    error(location(), llvm::Twine("key ") + quoted(key) + " is missing in " + what);
  return found;
}

std::string RecordReader::text(llvm::StringRef key) {
  const SourceValue *found = require(key, SourceValue::Kind::Text, "text");
  if (!found)
    return {};
  if (llvm::StringRef(found->scalar.text).trim().empty())
    error(locationOf(key), llvm::Twine(quoted(key)) + " is empty");
  return found->scalar.text;
}

std::string RecordReader::optionalText(llvm::StringRef key) {
  markKnown(key);
  return has(key) ? text(key) : std::string();
}

std::string RecordReader::sentence(llvm::StringRef key) {
  const std::string raw = text(key);
  llvm::SmallVector<llvm::StringRef> parts;
  llvm::SplitString(raw, parts);
  return llvm::join(parts, " ");
}

std::vector<SourceText> RecordReader::words(const SourceValue &list, llvm::StringRef key) {
  std::vector<SourceText> result;
  for (const SourceValue &item : list.values) {
    const RuleLocation where{file, item.scalar.line, item.scalar.column};
    if (item.kind != SourceValue::Kind::Text)
      error(where, llvm::Twine("an item of ") + quoted(key) + " is a word, not " + kindName(item.kind));
    else if (item.scalar.text.empty())
      error(where, llvm::Twine("an item of ") + quoted(key) + " is empty");
    else
      result.push_back(item.scalar);
  }
  return result;
}

std::vector<SourceText> RecordReader::texts(llvm::StringRef key) {
  const SourceValue *found = require(key, SourceValue::Kind::List, "a list");
  if (!found)
    return {};
  if (found->values.empty())
    error(locationOf(key), llvm::Twine(quoted(key)) + " is an empty list");
  return words(*found, key);
}

std::vector<SourceText> RecordReader::optionalTexts(llvm::StringRef key) {
  const SourceValue *found = find(key, SourceValue::Kind::List, "a list");
  return found ? words(*found, key) : std::vector<SourceText>();
}

int RecordReader::parseNumber(const SourceText &text, llvm::StringRef key, int low, int high) {
  int number = low;
  const RuleLocation where{file, text.line, text.column};
  if (text.isQuoted || llvm::StringRef(text.text).getAsInteger(10, number))
    error(where, llvm::Twine(quoted(key)) + " is a number, not " + quoted(text.text));
  else if (number < low || number > high)
    error(where, llvm::Twine(quoted(key)) + " is " + llvm::Twine(number) + ", out of the range " + llvm::Twine(low) +
                     ".." + llvm::Twine(high));
  else
    return number;
  return low;
}

int RecordReader::number(llvm::StringRef key, int low, int high) {
  const SourceValue *found = require(key, SourceValue::Kind::Text, "a number");
  return found ? parseNumber(found->scalar, key, low, high) : low;
}

std::optional<int> RecordReader::optionalNumber(llvm::StringRef key, int low, int high) {
  const SourceValue *found = find(key, SourceValue::Kind::Text, "a number");
  if (!found)
    return std::nullopt;
  return parseNumber(found->scalar, key, low, high);
}

std::optional<bool> RecordReader::optionalFlag(llvm::StringRef key) {
  const SourceValue *found = find(key, SourceValue::Kind::Text, "true or false");
  if (!found)
    return std::nullopt;
  if (!found->scalar.isQuoted && (found->scalar.text == "true" || found->scalar.text == "false"))
    return found->scalar.text == "true";
  error(locationOf(key), llvm::Twine(quoted(key)) + " is true or false, not " + quoted(found->scalar.text));
  return std::nullopt;
}

std::span<const SourceValue> RecordReader::records(llvm::StringRef key) {
  const SourceValue *found = find(key, SourceValue::Kind::List, "a list");
  return found ? std::span(found->values) : std::span<const SourceValue>();
}

const SourceValue *RecordReader::record(llvm::StringRef key) { return find(key, SourceValue::Kind::Map, "a map"); }

void RecordReader::unknownName(const SourceText &text, llvm::StringRef key, std::span<const llvm::StringRef> names) {
  error({file, text.line, text.column},
        llvm::Twine("unknown ") + key + " " + quoted(text.text) + suggestName(text.text, names));
}

void RecordReader::finish() {
  for (const SourceText &key : value.keys)
    if (!llvm::is_contained(known, llvm::StringRef(key.text)))
      error({file, key.line, key.column},
            llvm::Twine("unknown key ") + quoted(key.text) + " in " + what + suggestName(key.text, known));
}

} // namespace bhlint
