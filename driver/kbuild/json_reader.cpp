#include "driver/kbuild/json_reader.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/MemoryBuffer.h"
#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace bhlint {

using llvm::StringRef;

namespace {

/// Reads one compile_commands.json. simdjson, because LLVM's parser takes 1.5 s for the array form of a whole tree.
class JsonReader {
public:
  JsonReader(StringRef name, const PaddedText &padded, StringRef folder)
      : name(name), text(padded.text()), folder(folder), capacity(padded.buffer->getBufferSize()) {}

  llvm::Expected<std::vector<RecordedUnit>> run() {
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    if (auto error = parser.iterate(text.data(), text.size(), capacity).get(document))
      return llvm::createStringError(name + ": " + simdjson::error_message(error));
    simdjson::ondemand::array entries;
    if (auto error = document.get_array().get(entries))
      return at(text.data(), error == simdjson::INCORRECT_TYPE ? "a compile database is an array of objects"
                                                               : simdjson::error_message(error));
    std::vector<RecordedUnit> units;
    for (auto element : entries) {
      const char *place = nullptr;
      if (element.error() || document.current_location().get(place))
        return at(here(document), simdjson::error_message(element.error()));
      simdjson::ondemand::object object;
      if (auto error = element.get_object().get(object))
        return at(place,
                  error == simdjson::INCORRECT_TYPE ? "an entry is not an object" : simdjson::error_message(error));
      llvm::Expected<RecordedUnit> unit = entry(object, place);
      if (!unit)
        return unit.takeError();
      unit->entry = StringRef(place, static_cast<std::size_t>(here(document) - place));
      units.push_back(std::move(*unit));
    }
    return units;
  }

  std::optional<RecordedUnit> runOne() {
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (parser.iterate(text.data(), text.size(), capacity).get(document) || document.get_object().get(object))
      return std::nullopt;
    llvm::Expected<RecordedUnit> unit = entry(object, text.data());
    if (unit)
      return std::move(*unit);
    llvm::consumeError(unit.takeError());
    return std::nullopt;
  }

private:
  llvm::Expected<RecordedUnit> entry(simdjson::ondemand::object object, const char *place) {
    RecordedUnit unit;
    bool hasDirectory = false;
    for (auto field : object) {
      std::string_view key, value;
      if (auto error = field.unescaped_key().get(key))
        return at(place, simdjson::error_message(error));
      simdjson::error_code error = simdjson::SUCCESS;
      if (key == "directory") {
        error = field.value().get_string().get(value);
        unit.directory = absolutePath(folder, value);
        hasDirectory = !error;
      } else if (key == "file") {
        error = field.value().get_string().get(value);
        unit.file = value;
      } else if (key == "output") {
        error = field.value().get_string().get(value);
        unit.output = value;
      } else if (key == "arguments") {
        error = rawArray(field.value(), unit);
      } else if (key == "command" && unit.command.empty()) {
        value = field.value().raw_json_token();
        unit.command = StringRef(value).trim();
        unit.form = RecordedUnit::Form::JsonString;
      }
      if (error)
        return at(place, "in this entry, \"" + llvm::Twine(StringRef(key)) + "\": " + simdjson::error_message(error));
    }
    if (!hasDirectory || unit.file.empty() || unit.command.empty())
      return at(place, llvm::Twine("this entry has no ") + (!hasDirectory       ? "\"directory\""
                                                            : unit.file.empty() ? "\"file\""
                                                                                : "\"arguments\" or \"command\""));
    unit.path = absolutePath(unit.directory, unit.file);
    return unit;
  }

  static simdjson::error_code rawArray(simdjson::ondemand::value value, RecordedUnit &unit) {
    simdjson::ondemand::array array;
    if (auto error = value.get_array().get(array))
      return error;
    std::string_view raw;
    if (auto error = array.raw_json().get(raw))
      return error;
    unit.command = raw;
    unit.form = RecordedUnit::Form::JsonArray;
    return simdjson::SUCCESS;
  }

  const char *here(simdjson::ondemand::document &document) const {
    const char *place = nullptr;
    return document.current_location().get(place) ? text.end() : place;
  }

  llvm::Error at(const char *place, const llvm::Twine &message) const {
    return llvm::createStringError(locate(name, text, place) + ": " + message);
  }

  StringRef name, text, folder;
  std::size_t capacity;
};

} // namespace

PaddedText PaddedText::copyOf(StringRef text, const llvm::Twine &name) {
  auto padded = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(text.size() + simdjson::SIMDJSON_PADDING, name);
  std::memcpy(padded->getBufferStart(), text.data(), text.size());
  std::memset(padded->getBufferStart() + text.size(), 0, simdjson::SIMDJSON_PADDING);
  return {std::move(padded), text.size()};
}

llvm::Expected<std::vector<RecordedUnit>> readJsonEntries(StringRef name, const PaddedText &text, StringRef folder) {
  return JsonReader(name, text, folder).run();
}

std::optional<RecordedUnit> readJsonEntry(const PaddedText &text, StringRef folder) {
  return JsonReader("", text, folder).runOne();
}

/// "file:line:column" of a place in a text.
std::string locate(StringRef name, StringRef text, const char *place) {
  StringRef before = text.take_front(std::clamp<std::ptrdiff_t>(place - text.data(), 0, text.size()));
  std::size_t lineStart = before.rfind('\n') + 1; // npos + 1 is 0
  return (name + ":" + llvm::Twine(before.count('\n') + 1) + ":" + llvm::Twine(before.size() - lineStart + 1)).str();
}

} // namespace bhlint
