#include "driver/cli/completion.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace bhlint {

namespace {

/// For single quotes, as sh, bash and zsh have them: there is no escape in them.
std::string quoted(llvm::StringRef text) {
  std::string out = "'";
  for (char c : text)
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// fish's single quotes know two escapes.
std::string quotedForFish(llvm::StringRef text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + "'";
}

using Visit = llvm::function_ref<void(const CommandShape &, const std::vector<std::string> &path)>;

/// The program and all commands, each after those that it is part of; the program's path is empty.
void forEachCommand(const CommandShape &command, std::vector<std::string> &path, Visit visit) {
  visit(command, path);
  for (const CommandShape &inner : command.commands) {
    path.push_back(inner.name);
    forEachCommand(inner, path, visit);
    path.pop_back();
  }
}

void forEachCommand(const CommandShape &program, Visit visit) {
  std::vector<std::string> path;
  forEachCommand(program, path, visit);
}

std::vector<std::string> namesOf(const CommandShape &command) {
  std::vector<std::string> names;
  for (const CommandShape &inner : command.commands)
    names.push_back(inner.name);
  return names;
}

/// "/model/run"; what the scripts call a command.
std::string joined(const std::vector<std::string> &path) {
  std::string text;
  for (const std::string &name : path)
    text += "/" + name;
  return text;
}

/// One arm of the case that decides how an option's value is completed. Files are what bash does by itself.
void writeBashValue(const std::string &path, const OptionShape &option, llvm::raw_ostream &out) {
  if (!option.takesValue)
    return;
  std::vector<std::string> patterns;
  for (const std::string &name : option.names)
    patterns.push_back(quoted(path + ":" + name));
  out << "    " << llvm::join(patterns, "|") << ") COMPREPLY=($(compgen -W " << quoted(llvm::join(option.values, " "))
      << " -- \"$current\")); return ;;\n";
}

void writeBash(const CommandShape &program, llvm::raw_ostream &out) {
  std::vector<std::string> paths;
  forEachCommand(program, [&](const CommandShape &, const std::vector<std::string> &path) {
    if (!path.empty())
      paths.push_back(quoted(joined(path)));
  });
  const std::string function = "_" + program.name;
  out << "# bash completion for " << program.name << "; written by `" << program.name << " completion bash`\n"
      << function << "() {\n"
      << "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= at words\n"
      << "  COMPREPLY=()\n"
      << "  # --option=value are three words here.\n"
      << "  if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then "
         "previous=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
      << "  for ((at = 1; at < COMP_CWORD; at++)); do\n"
      << "    case \"$command/${COMP_WORDS[at]}\" in\n"
      << "      " << llvm::join(paths, "|") << ") command+=\"/${COMP_WORDS[at]}\" ;;\n"
      << "    esac\n"
      << "  done\n"
      << "  case \"$command:$previous\" in\n";
  forEachCommand(program, [&](const CommandShape &command, const std::vector<std::string> &path) {
    for (const OptionShape &option : command.options)
      writeBashValue(joined(path), option, out);
  });
  out << "  esac\n"
      << "  case \"$command\" in\n";
  forEachCommand(program, [&](const CommandShape &command, const std::vector<std::string> &path) {
    std::vector<std::string> options;
    for (const OptionShape &option : command.options)
      options.insert(options.end(), option.names.begin(), option.names.end());
    out << "    " << quoted(joined(path)) << ") words=" << quoted(llvm::join(namesOf(command), " "))
        << "; [[ $current == -* ]] && words=" << quoted(llvm::join(options, " ")) << " ;;\n";
  });
  out << "  esac\n"
      << "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      << "}\n"
      << "complete -o default -F " << function << " " << program.name << "\n";
}

/// In a specification of _arguments, where a colon and brackets mean something.
std::string escapedForZsh(llvm::StringRef text) {
  std::string out;
  for (char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\')
      out += '\\';
    out += c;
  }
  return out;
}

void writeZshOption(const OptionShape &option, llvm::raw_ostream &out) {
  std::string rest = "[" + escapedForZsh(option.description) + "]";
  if (!option.values.empty())
    rest += ":value:(" + llvm::join(option.values, " ") + ")";
  else if (option.takesValue)
    rest += option.isFile ? ":file:_files" : ":value: ";
  const std::string all = "(" + llvm::join(option.names, " ") + ")";
  for (const std::string &name : option.names)
    out << "    "
        << quoted(all + name + (option.takesValue && llvm::StringRef(name).starts_with("--") ? "=" : "") + rest)
        << " \\\n";
}

std::string zshFunction(const CommandShape &program, const std::vector<std::string> &path) {
  std::string name = "_" + program.name;
  for (const std::string &part : path)
    name += "_" + part;
  return name;
}

void writeZsh(const CommandShape &program, llvm::raw_ostream &out) {
  out << "#compdef " << program.name << "\n# written by `" << program.name << " completion zsh`\n";
  forEachCommand(program, [&](const CommandShape &command, const std::vector<std::string> &path) {
    const std::string function = zshFunction(program, path);
    out << function << "() {\n  local curcontext=\"$curcontext\" state line\n  _arguments -C \\\n";
    for (const OptionShape &option : command.options)
      writeZshOption(option, out);
    if (command.commands.empty()) {
      out << "    '*:file:_files'\n}\n";
      return;
    }
    out << "    '1:command:->command' '*::argument:->argument'\n"
        << "  case $state in\n"
        << "    command)\n      local -a commands=(\n";
    for (const CommandShape &inner : command.commands)
      out << "        " << quoted(escapedForZsh(inner.name) + ":" + inner.description) << "\n";
    out << "      )\n      _describe command commands ;;\n"
        << "    argument)\n      case $line[1] in\n        (" << llvm::join(namesOf(command), "|") << ") " << function
        << "_$line[1] ;;\n      esac ;;\n  esac\n}\n";
  });
  const std::string function = zshFunction(program, {});
  out << "if [[ $funcstack[1] = " << function << " ]]; then " << function << " \"$@\"; else compdef " << function << " "
      << program.name << "; fi\n";
}

void writeFishOption(const std::string &start, const OptionShape &option, llvm::raw_ostream &out) {
  out << start;
  for (llvm::StringRef name : option.names)
    out << (name.consume_front("--") ? " -l " : " -s ") << name.ltrim('-');
  if (!option.values.empty())
    out << " -x -a " << quotedForFish(llvm::join(option.values, " "));
  else if (option.takesValue)
    out << (option.isFile ? " -r -F" : " -x");
  out << " -d " << quotedForFish(option.description) << "\n";
}

void writeFish(const CommandShape &program, llvm::raw_ostream &out) {
  out << "# fish completion for " << program.name << "; written by `" << program.name << " completion fish`\n";
  forEachCommand(program, [&](const CommandShape &command, const std::vector<std::string> &path) {
    std::vector<std::string> conditions;
    for (const std::string &name : path)
      conditions.push_back("__fish_seen_subcommand_from " + name);
    if (path.empty())
      conditions.push_back("__fish_use_subcommand");
    const std::string inside = llvm::join(conditions, "; and ");
    const std::string start = "complete -c " + program.name + " -n ";
    for (const OptionShape &option : command.options)
      writeFishOption(start + quotedForFish(inside), option, out);
    const std::string without =
        path.empty() ? inside : inside + "; and not __fish_seen_subcommand_from " + llvm::join(namesOf(command), " ");
    for (const CommandShape &inner : command.commands)
      out << start << quotedForFish(without) << " -f -a " << inner.name << " -d " << quotedForFish(inner.description)
          << "\n";
  });
}

struct Shell {
  const char *name;
  void (*write)(const CommandShape &, llvm::raw_ostream &);
};
constexpr Shell table[] = {{"bash", writeBash}, {"zsh", writeZsh}, {"fish", writeFish}};

} // namespace

std::vector<std::string> shells() {
  std::vector<std::string> names;
  for (const Shell &shell : table)
    names.push_back(shell.name);
  return names;
}

void writeCompletion(const CommandShape &program, llvm::StringRef shell, llvm::raw_ostream &out) {
  for (const Shell &known : table)
    if (shell == known.name)
      known.write(program, out);
}

} // namespace bhlint
