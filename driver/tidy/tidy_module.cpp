// The plugin's entry: `clang-tidy-19 -load=libbhlint-tidy.so`. Clang-Tidy asks a module for its checks before it has
// read any option, so the rules that name them are those beside the plugin (or of $BHLINT_RULES); the option `Rules`
// can change what they say, not which there are.
#include "driver/cli/rules_folder.h"
#include "driver/tidy/tidy_check.h"

#include "clang-tidy/ClangTidyModule.h"
#include "clang-tidy/ClangTidyModuleRegistry.h"
#include "llvm/Support/raw_ostream.h"

namespace bhlint {

namespace {

std::string checkName(llvm::StringRef rule) {
  rule.consume_front("bh-");
  return ("bhlint-" + rule).str();
}

llvm::Expected<RuleSet> ownRules() {
  llvm::Expected<std::string> folder = findRules("", pluginFile());
  if (!folder)
    return folder.takeError();
  Digest digest;
  return readRules(*folder, digest);
}

class TidyModule : public clang::tidy::ClangTidyModule {
public:
  void addCheckFactories(clang::tidy::ClangTidyCheckFactories &factories) override {
    llvm::Expected<RuleSet> rules = ownRules();
    if (!rules) {
      llvm::errs() << "bhlint: error: " << llvm::toString(rules.takeError()) << "\n";
      return;
    }
    auto session = std::make_shared<TidySession>();
    // The checks of a unit live together, and none of the next one's beside them.
    auto current = std::make_shared<std::weak_ptr<TidyUnit>>();
    for (const Rule &rule : rules->rules)
      factories.registerCheckFactory(
          checkName(rule.id),
          [id = rule.id, session, current](llvm::StringRef name, clang::tidy::ClangTidyContext *context) {
            std::shared_ptr<TidyUnit> unit = current->lock();
            if (!unit)
              *current = unit = std::make_shared<TidyUnit>(session);
            return std::make_unique<TidyCheck>(name, context, id, std::move(unit));
          });
  }
};

const clang::tidy::ClangTidyModuleRegistry::Add<TidyModule> registration("bhlint-module",
                                                                         "Code that may sleep where it must not.");

} // namespace

} // namespace bhlint
