#include "analysis/findings/settings.h"

#include "analysis/findings/yaml_file.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

namespace bhlint {
namespace {

constexpr unsigned settingsVersion = 1;
constexpr llvm::StringLiteral off = "off";

struct SettingsFile {
  FormatVersion version{settingsVersion, settingsVersion, {}};
  Settings settings;
};

using RuleLevels = std::map<std::string, std::optional<Severity>>;

/// A word that stands for something else. LLVM locates an error at the node that is read at the time, so what is wrong
/// with a word has to be said while it is; afterwards, the whole mapping would be named.
template <class T> struct Word {
  T meaning{};
  std::string problem; ///< with something in it before it is read: whatever the word is
};
using Level = Word<std::optional<Severity>>; ///< nothing: off
using Least = Word<std::optional<Confidence>>;

std::string unknownRule(llvm::StringRef id, llvm::ArrayRef<std::string> known) {
  return "no rule is called '" + id.str() + "'; there are " + llvm::join(known, ", ");
}

} // namespace
} // namespace bhlint

template <> struct llvm::yaml::ScalarTraits<bhlint::Level> {
  static void output(const bhlint::Level &, void *, raw_ostream &) {}
  static StringRef input(StringRef text, void *, bhlint::Level &level) {
    level.meaning = bhlint::severityFromName(text.str());
    if (level.problem.empty() && !level.meaning && text != bhlint::off)
      level.problem = "'" + text.str() + "' is no severity; write error, warning, note or off";
    return level.problem;
  }
  static QuotingType mustQuote(StringRef) { return QuotingType::None; }
};

template <> struct llvm::yaml::ScalarTraits<bhlint::Least> {
  static void output(const bhlint::Least &, void *, raw_ostream &) {}
  static StringRef input(StringRef text, void *, bhlint::Least &least) {
    least.meaning = bhlint::confidenceFromName(text.str());
    if (!least.meaning)
      least.problem = "'" + text.str() + "' is no confidence; write high, medium or low";
    return least.problem;
  }
  static QuotingType mustQuote(StringRef) { return QuotingType::None; }
};

template <> struct llvm::yaml::CustomMappingTraits<bhlint::RuleLevels> {
  static void inputOne(IO &io, StringRef key, bhlint::RuleLevels &levels) {
    const auto &known = *static_cast<const ArrayRef<std::string> *>(io.getContext());
    bhlint::Level level;
    if (!is_contained(known, key))
      level.problem = bhlint::unknownRule(key, known);
    io.mapRequired(key.str().c_str(), level);
    levels[key.str()] = level.meaning;
  }
  static void output(IO &, bhlint::RuleLevels &) {}
};

template <> struct llvm::yaml::MappingTraits<bhlint::SettingsFile> {
  static void mapping(IO &io, bhlint::SettingsFile &file) {
    bhlint::Least confidence;
    io.mapOptional("version", file.version);
    io.mapOptional("root", file.settings.isRoot);
    io.mapOptional("confidence", confidence);
    io.mapOptional("rules", file.settings.rules);
    file.settings.confidence = confidence.meaning;
  }
};

namespace bhlint {

llvm::Expected<Settings> parseSettings(llvm::StringRef text, llvm::StringRef name,
                                       llvm::ArrayRef<std::string> knownRules) {
  if (text.trim().empty())
    return Settings();
  llvm::Expected<SettingsFile> file = readYaml<SettingsFile>(text, name, "settings", &knownRules);
  if (!file)
    return file.takeError();
  return std::move(file->settings);
}

Settings merged(const Settings &outer, const Settings &inner) {
  if (inner.isRoot)
    return inner;
  Settings result = outer;
  if (inner.confidence)
    result.confidence = inner.confidence;
  for (const auto &[rule, severity] : inner.rules)
    result.rules[rule] = severity;
  return result;
}

const Settings &SettingsTree::of(llvm::StringRef file) { return ofFolder(llvm::sys::path::parent_path(file)); }

const Settings &SettingsTree::ofFolder(llvm::StringRef folder) {
  if (auto known = folders.find(folder); known != folders.end())
    return known->second;
  Settings outer;
  // Files outside the tree (absolute) have the settings of the tree's root at most.
  if (!folder.empty() && folder != "/")
    outer = ofFolder(llvm::sys::path::parent_path(folder));
  const std::string path = folder.empty() ? settingsFile.str() : (folder + "/" + settingsFile).str();
  Settings inner;
  if (std::optional<std::string> text = folder.starts_with("/") ? std::nullopt : read(path)) {
    llvm::Expected<Settings> parsed = parseSettings(*text, path, knownRules);
    if (parsed)
      inner = std::move(*parsed);
    else
      errors.push_back(llvm::toString(parsed.takeError()));
  }
  return folders[folder] = merged(outer, inner);
}

void applySettings(SettingsTree &settings, llvm::ArrayRef<RuleText> rules, std::vector<Finding> &findings) {
  llvm::StringMap<Severity> ofRule;
  llvm::StringSet<> optIn;
  for (const RuleText &rule : rules) {
    ofRule[rule.id] = rule.severity;
    if (!rule.isDefault)
      optIn.insert(rule.id);
  }
  std::erase_if(findings, [&](Finding &finding) {
    finding.severity = ofRule.lookup(finding.rule);
    if (finding.confidence != Confidence::High)
      finding.severity = std::max(finding.severity, Severity::Warning);
    const Settings &folder = settings.of(finding.place.file);
    auto said = folder.rules.find(finding.rule);
    if (said == folder.rules.end())
      return optIn.contains(finding.rule);
    finding.severity = said->second.value_or(finding.severity);
    return !said->second.has_value();
  });
}

bool isShown(SettingsTree &settings, std::optional<Confidence> asked, const Finding &finding) {
  const Confidence least =
      asked ? *asked : settings.of(finding.place.file).confidence.value_or(Confidence::High);
  return finding.confidence >= least;
}

} // namespace bhlint
