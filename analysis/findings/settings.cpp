#include "analysis/findings/settings.h"

#include "analysis/findings/yaml_file.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

namespace bhlint {
namespace {

constexpr unsigned settingsVersion = 1;
constexpr llvm::StringLiteral off = "off";

struct SettingsFile {
  unsigned version = settingsVersion;
  Settings settings;
};

using RuleLevels = std::map<std::string, std::optional<Severity>>;

std::string unknownRule(llvm::StringRef id, llvm::ArrayRef<std::string> known) {
  return "no rule is called '" + id.str() + "'; there are " + llvm::join(known, ", ");
}

} // namespace
} // namespace bhlint

template <> struct llvm::yaml::CustomMappingTraits<bhlint::RuleLevels> {
  static void inputOne(IO &io, StringRef key, bhlint::RuleLevels &levels) {
    const auto &known = *static_cast<const ArrayRef<std::string> *>(io.getContext());
    std::string level;
    // Read first: an error is located at the value that was looked at last.
    io.mapRequired(key.str().c_str(), level);
    if (!is_contained(known, key))
      return io.setError(bhlint::unknownRule(key, known));
    const std::optional<bhlint::Severity> severity = bhlint::severityFromName(level);
    if (!severity && level != bhlint::off)
      return io.setError("'" + level + "' is no severity; write error, warning, note or off");
    levels[key.str()] = severity;
  }
  static void output(IO &, bhlint::RuleLevels &) {}
};

template <> struct llvm::yaml::MappingTraits<bhlint::SettingsFile> {
  static void mapping(IO &io, bhlint::SettingsFile &file) {
    std::string confidence;
    io.mapOptional("version", file.version);
    io.mapOptional("root", file.settings.isRoot);
    io.mapOptional("confidence", confidence);
    if (!confidence.empty()) {
      file.settings.confidence = bhlint::confidenceFromName(confidence);
      if (!file.settings.confidence)
        io.setError("'" + confidence + "' is no confidence; write high, medium or low");
    }
    io.mapOptional("rules", file.settings.rules);
  }
  static std::string validate(IO &, bhlint::SettingsFile &file) {
    if (file.version == bhlint::settingsVersion)
      return "";
    return "this is version " + std::to_string(file.version) + " of the format; this bhlint reads version " +
           std::to_string(bhlint::settingsVersion);
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
  for (const RuleText &rule : rules)
    ofRule[rule.id] = rule.severity;
  std::erase_if(findings, [&](Finding &finding) {
    finding.severity = ofRule.lookup(finding.rule);
    if (finding.confidence != Confidence::High)
      finding.severity = std::max(finding.severity, Severity::Warning);
    const Settings &folder = settings.of(finding.place.file);
    auto said = folder.rules.find(finding.rule);
    if (said == folder.rules.end())
      return false;
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
