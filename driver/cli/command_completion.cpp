// bhlint completion: what a shell reads to complete bhlint's commands and options (completion.h).
#include "driver/cli/command.h"
#include "driver/cli/completion.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

/// CLI::IsMember says what it accepts only as part of the type's name: "TEXT:{text,json}".
std::vector<std::string> choicesIn(llvm::StringRef type) {
  std::vector<std::string> choices;
  llvm::StringRef list = type.split('{').second.split('}').first;
  llvm::SmallVector<llvm::StringRef, 8> parts;
  list.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef part : parts)
    choices.push_back(part.str());
  return choices;
}

OptionShape shapeOf(const CLI::Option &option) {
  OptionShape shape;
  for (const std::string &name : option.get_snames())
    shape.names.push_back("-" + name);
  for (const std::string &name : option.get_lnames())
    shape.names.push_back("--" + name);
  shape.description = option.get_description();
  shape.takesValue = option.get_items_expected_max() != 0;
  if (shape.takesValue) {
    const std::string type = option.get_type_name();
    shape.values = choicesIn(type);
    llvm::StringRef kind = type;
    shape.isFile = kind.starts_with("FILE") || kind.starts_with("FOLDER") || kind.starts_with("PATH");
  }
  return shape;
}

CommandShape shapeOf(CLI::App &app) {
  CommandShape shape;
  shape.name = app.get_name();
  shape.description = app.get_description();
  for (const CLI::Option *option : app.get_options())
    if (option->nonpositional() && !option->get_group().empty()) // without a group, it is hidden
      shape.options.push_back(shapeOf(*option));
  for (CLI::App *inner : app.get_subcommands([](CLI::App *inner) { return !inner->get_group().empty(); }))
    shape.commands.push_back(shapeOf(*inner));
  return shape;
}

} // namespace

void addCompletionCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("completion", "Write what a shell needs to complete commands and options");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember(shells()));
  command->callback([&app, shell, &invocation] { writeCompletion(shapeOf(app), *shell, invocation.out); });
}

} // namespace bhlint
