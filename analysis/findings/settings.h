// Settings of a folder: `.bhlint.yaml`, for the files in and below it.
//
//     version: 1
//     root: true              # nothing above this folder counts
//     confidence: medium      # the least that is shown
//     rules:
//       bh-gfp-in-atomic: warning
//       bh-uaccess-in-atomic: off
//
// The files on the way from a finding's file up to the root of the tree are merged; what is nearer wins. One finding at
// one place is accepted by a comment (suppress.h), known findings by a baseline (baseline.h).
//
// To add a setting: a field of Settings, its key in settings.cpp's traits, its rule for merging, a line in docs/cli.md.
#pragma once

#include "analysis/findings/finding.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bhlint {

inline constexpr llvm::StringLiteral settingsFile = ".bhlint.yaml";

struct Settings {
  bool isRoot = false;
  std::optional<Confidence> confidence;
  std::map<std::string, std::optional<Severity>> rules; ///< by id; no severity: the rule is off
  friend bool operator==(const Settings &, const Settings &) = default;
};

/// `name` is the file's name for messages: file, line, column and what would be right. Rules must be known.
llvm::Expected<Settings> parseSettings(llvm::StringRef text, llvm::StringRef name,
                                       llvm::ArrayRef<std::string> knownRules);

/// What `inner` says, else what `outer` says.
Settings merged(const Settings &outer, const Settings &inner);

/// The settings of each folder, read once.
class SettingsTree {
public:
  /// The text of a file of the tree, by its path relative to the tree; nothing when there is none.
  using Reader = std::function<std::optional<std::string>(llvm::StringRef path)>;

  SettingsTree(Reader read, std::vector<std::string> knownRules)
      : read(std::move(read)), knownRules(std::move(knownRules)) {}

  /// For a file, by its path relative to the tree. Errors are kept in `errors`; such a file sets nothing.
  const Settings &of(llvm::StringRef file);

  std::vector<std::string> errors;

private:
  const Settings &ofFolder(llvm::StringRef folder);

  Reader read;
  std::vector<std::string> knownRules;
  llvm::StringMap<Settings> folders;
};

/// Sets the severity of each finding: that of its rule, of lower confidence at most a warning, or as the settings say.
/// Removes those whose rule is off.
void applySettings(SettingsTree &settings, llvm::ArrayRef<RuleText> rules, std::vector<Finding> &findings);

/// Whether a finding is as certain as is asked for: by `asked` (the command line), else the settings, else high.
bool isShown(SettingsTree &settings, std::optional<Confidence> asked, const Finding &finding);

} // namespace bhlint
