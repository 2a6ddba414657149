#include "checkers/words.h"

namespace bhlint {

using facts::ValueKind;

std::string nameOf(const Program &program, FunctionId id) { return program.text(program.functions[id].name).str(); }

SourcePlace placeOf(const Program &program, const Place &place) {
  return {program.text(place.file).str(), place.line, place.column};
}

std::string calleeOf(const Program &program, const BodyEvent &event) {
  if (event.macro != 0)
    return program.text(event.macro).str();
  if (event.call == facts::CallKind::Direct || event.call == facts::CallKind::Cleanup)
    return nameOf(program, event.index);
  return {};
}

std::string textOf(const Program &program, const LockName &lock) {
  if (lock.named != 0)
    return program.text(lock.named).str() + "()";
  if (lock.global != noId)
    return program.text(program.globals[lock.global].name).str();
  return program.text(lock.field.record).str() + "." + program.text(lock.field.field).str();
}

Finding findingAt(const Program &program, const Rule &rule, FunctionId function, std::uint32_t event) {
  const BodyEvent &where = program.bodyOf(function)->events[event];
  Finding finding;
  finding.rule = rule.id;
  finding.function = nameOf(program, function);
  finding.sink = calleeOf(program, where);
  finding.place = placeOf(program, where.place);
  finding.sinkKind = SinkKind::Other;
  return finding;
}

void tellWay(const Program &program, const ContextRoot &root, const CallWay &way, Finding &finding) {
  finding.root = {nameOf(program, root.function), placeOf(program, root.place), root.why};
  finding.chain.push_back({finding.root.function, finding.root.place, root.why});
  for (const auto &[function, event] : way) {
    const BodyEvent &call = program.bodyOf(function)->events[event];
    const std::string caller = nameOf(program, function);
    finding.chain.push_back(
        {caller, placeOf(program, call.place), caller + "() calls " + nameOf(program, call.index) + "()"});
  }
}

void doubt(Finding &finding, std::string assumption) {
  finding.confidence = std::min(finding.confidence, Confidence::Medium);
  finding.assumptions.push_back(std::move(assumption));
}

std::string fill(std::string text, const std::map<std::string, std::string> &values) {
  for (const auto &[name, value] : values) {
    std::string placeholder = "{" + name + "}";
    for (std::size_t at = text.find(placeholder); at != std::string::npos;
         at = text.find(placeholder, at + value.size()))
      text.replace(at, placeholder.size(), value);
  }
  return text;
}

Suggestion suggestionOf(const Rule &rule, std::string_view when, const std::map<std::string, std::string> &values) {
  for (const RuleSuggestion &suggestion : rule.suggestions)
    if (suggestion.when == when)
      return {fill(suggestion.use, values), fill(suggestion.why, values)};
  return {};
}

} // namespace bhlint
