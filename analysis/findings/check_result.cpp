#include "analysis/findings/check_result.h"

#include "analysis/findings/check_result_generated.h"

namespace bhlint {

namespace wire = findings::wire;

namespace {

constexpr std::uint32_t version = 1;
using Text = flatbuffers::Offset<flatbuffers::String>;

class Writer {
public:
  std::string run(const CheckResult &result) {
    std::vector<flatbuffers::Offset<wire::Finding>> findings;
    for (const Finding &one : result.findings)
      findings.push_back(finding(one));
    std::vector<flatbuffers::Offset<wire::Comment>> comments;
    for (const SourceComment &comment : result.comments) {
      auto at = place(comment.place);
      comments.push_back(wire::CreateComment(builder, at, text(comment.text)));
    }
    auto written = builder.CreateVector(findings);
    wire::FinishResultBuffer(builder, wire::CreateResult(builder, version, written, builder.CreateVector(comments)));
    return {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()};
  }

private:
  /// Functions, files and steps come again and again.
  Text text(const std::string &string) { return builder.CreateSharedString(string); }

  flatbuffers::Offset<flatbuffers::Vector<Text>> texts(const std::vector<std::string> &strings) {
    std::vector<Text> written;
    for (const std::string &string : strings)
      written.push_back(text(string));
    return builder.CreateVector(written);
  }

  flatbuffers::Offset<wire::Place> place(const SourcePlace &place) {
    return wire::CreatePlace(builder, text(place.file), place.line, place.column);
  }

  flatbuffers::Offset<wire::Step> step(const std::string &function, const SourcePlace &where, const std::string &what) {
    auto name = text(function);
    auto at = place(where);
    return wire::CreateStep(builder, name, at, text(what));
  }

  flatbuffers::Offset<wire::Finding> finding(const Finding &from) {
    std::vector<flatbuffers::Offset<wire::Step>> steps;
    for (const ChainStep &one : from.chain)
      steps.push_back(step(one.function, one.place, one.what));
    auto rule = text(from.rule), function = text(from.function), sink = text(from.sink), context = text(from.context),
         fingerprint = text(from.fingerprint), message = text(from.message),
         mechanism = text(from.suggestion.mechanism), why = text(from.suggestion.why), heldBy = text(from.held.by);
    auto at = place(from.place);
    auto root = step(from.root.function, from.root.place, from.root.why);
    auto chain = builder.CreateVector(steps);
    auto assumptions = texts(from.assumptions), evidence = texts(from.evidence);
    return wire::CreateFinding(builder, rule, at, function, sink, context, fingerprint, message, root, chain, mechanism,
                               why, assumptions, evidence, heldBy, from.held.preempt, from.held.bottomHalf,
                               from.held.irq, from.held.rcu, from.conditionalCalls,
                               static_cast<std::uint8_t>(from.confidence), static_cast<std::uint8_t>(from.ambient),
                               static_cast<std::uint8_t>(from.sinkKind), static_cast<std::uint8_t>(from.replay));
  }

  flatbuffers::FlatBufferBuilder builder;
};

SourcePlace placeOf(const wire::Place &from) { return {from.file()->str(), from.line(), from.column()}; }

std::vector<std::string> textsOf(const flatbuffers::Vector<Text> &from) {
  std::vector<std::string> strings;
  for (const flatbuffers::String *string : from)
    strings.push_back(string->str());
  return strings;
}

template <typename Enum> bool take(std::uint8_t from, Enum last, Enum &to) {
  to = static_cast<Enum>(from);
  return from <= static_cast<std::uint8_t>(last);
}

/// False: an enumerator is out of range.
bool readFinding(const wire::Finding &from, Finding &to) {
  to.rule = from.rule()->str();
  to.place = placeOf(*from.place());
  to.function = from.function()->str();
  to.sink = from.sink()->str();
  to.context = from.context()->str();
  to.fingerprint = from.fingerprint()->str();
  to.message = from.message()->str();
  to.root = {from.root()->function()->str(), placeOf(*from.root()->place()), from.root()->what()->str()};
  for (const wire::Step *step : *from.chain())
    to.chain.push_back({step->function()->str(), placeOf(*step->place()), step->what()->str()});
  to.suggestion = {from.mechanism()->str(), from.mechanism_why()->str()};
  to.assumptions = textsOf(*from.assumptions());
  to.evidence = textsOf(*from.evidence());
  to.held = {from.held_preempt(), from.held_bottom_half(), from.held_irq(), from.held_rcu(), from.held_by()->str()};
  to.conditionalCalls = from.conditional_calls();
  return take(from.confidence(), Confidence::High, to.confidence) && from.ambient() < contextCount &&
         take(from.ambient(), static_cast<Context>(contextCount - 1), to.ambient) &&
         take(from.sink_kind(), SinkKind::Other, to.sinkKind) &&
         take(from.replay(), ReplayState::NotReproduced, to.replay);
}

} // namespace

std::string writeCheckResult(const CheckResult &result) { return Writer().run(result); }

std::optional<CheckResult> readCheckResult(llvm::StringRef bytes) {
  flatbuffers::Verifier::Options limits;
  limits.max_tables = 1u << 28; // of a whole tree
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size(), limits);
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE || !wire::VerifyResultBuffer(verifier))
    return std::nullopt;
  const wire::Result &from = *wire::GetResult(bytes.data());
  if (from.version() != version)
    return std::nullopt;
  CheckResult result;
  for (const wire::Finding *one : *from.findings())
    if (!readFinding(*one, result.findings.emplace_back()))
      return std::nullopt;
  for (const wire::Comment *comment : *from.comments())
    result.comments.push_back({placeOf(*comment->place()), comment->text()->str()});
  return result;
}

} // namespace bhlint
