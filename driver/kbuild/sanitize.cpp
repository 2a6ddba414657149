#include "driver/kbuild/sanitize.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

#include <optional>

namespace bhlint {

using llvm::StringRef;

namespace {

/// Options with a value, in the next argument or stuck to the option. The longer of two with the same start comes
/// first.
struct ValueOption {
  StringRef name;
  bool isJoined; ///< how it is written back: "-Ifoo", or "-include" "foo"
};
constexpr ValueOption valueOptions[] = {
    {"-isystem", false},  {"-iquote", false}, {"-idirafter", false}, {"-include", false}, {"-imacros", false},
    {"-isysroot", false}, {"-I", true},       {"-D", true},          {"-U", true},
};

/// Options that stand alone. -O because headers test __OPTIMIZE__.
constexpr StringRef plainOptions =
    "-nostdinc -nostdlibinc -nobuiltininc -undef -ansi -trigraphs -EL -EB -O -O0 -O1 -O2 -O3 -Os -Oz -Og";

/// -f<word> and -fno-<word>: keywords, types, and what headers see as predefined macros (__PIC__).
constexpr StringRef languageSwitches =
    "short-wchar signed-char unsigned-char ms-extensions gnu89-inline short-enums asm gnu-keywords "
    "lax-vector-conversions pack-struct builtin freestanding hosted signed-bitfields pic PIC pie PIE";

/// -m<word> and -mno-<word>: instruction sets and ABIs.
constexpr StringRef machineSwitches =
    "16 32 x32 64 soft-float hard-float general-regs-only 80387 arm thumb little-endian big-endian strict-align "
    "unaligned-access abicalls altivec vsx spe vx msa mmx sse sse2 sse3 ssse3 sse4 sse4.1 sse4.2 sse4a avx avx2";

/// Options with "=" and a value, or with a suffix. The value is one that can't name a file.
constexpr StringRef prefixOptions[] = {
    "-std=",
    "-fno-builtin-",
    "-flax-vector-conversions=",
    "-fpack-struct=",
    "-fcf-protection=",
    "-march=",
    "-mcpu=",
    "-mabi=",
    "-mfpu=",
    "-mfloat-abi=",
    "-mbranch-protection=",
    "-mips32",
    "-mips64",
    "-mavx512",
    "-mno-avx512",
};

llvm::StringSet<> wordsOf(StringRef list) {
  llvm::SmallVector<StringRef, 64> words;
  list.split(words, ' ', -1, /*KeepEmpty=*/false);
  llvm::StringSet<> set;
  for (StringRef word : words)
    set.insert(word);
  return set;
}

bool isWord(StringRef text) {
  return llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || StringRef("-_.+,").contains(c); });
}

bool isTarget(StringRef text) { return !text.empty() && llvm::isAlnum(text.front()) && isWord(text); }

bool isSwitch(StringRef argument, StringRef letter, const llvm::StringSet<> &words) {
  if (!argument.consume_front(letter))
    return false;
  argument.consume_front("no-");
  return words.contains(argument);
}

bool isKeptAlone(StringRef argument) {
  static const llvm::StringSet<> plain = wordsOf(plainOptions), language = wordsOf(languageSwitches),
                                 machine = wordsOf(machineSwitches);
  if (plain.contains(argument) || isSwitch(argument, "-f", language) || isSwitch(argument, "-m", machine))
    return true;
  return llvm::any_of(prefixOptions, [&](StringRef prefix) {
    return argument.starts_with(prefix) && isWord(argument.drop_front(prefix.size()));
  });
}

const ValueOption *valueOption(StringRef argument) {
  const auto *found =
      llvm::find_if(valueOptions, [&](const ValueOption &option) { return argument.starts_with(option.name); });
  // "-include-pch" and "-isystem-after" are other options, not "-include" with a value.
  if (found == std::end(valueOptions) || (!found->isJoined && argument.starts_with((found->name + "-").str())))
    return nullptr;
  return found;
}

/// A driver takes "@file" for a file of arguments and "-x" for an option, wherever they stand.
bool isPlainValue(StringRef value) { return !value.empty() && value.front() != '@' && value.front() != '-'; }

/// Walks over recorded arguments and collects the ones that are let through.
class ArgumentFilter {
public:
  explicit ArgumentFilter(const std::vector<std::string> &given) : given(given) {}

  std::vector<std::string> run() {
    // Behind "--" there are only inputs.
    while (next < given.size() && given[next] != "--")
      take(given[next++]);
    if (!target.empty())
      kept.insert(kept.begin(), "--target=" + target);
    return std::move(kept);
  }

private:
  void take(StringRef argument) {
    if (argument.consume_front("--target="))
      return setTarget(argument);
    if (argument == "-target" || argument == "--target")
      return setTarget(value());
    if (argument == "-x" || argument == "-xc")
      return takeLanguage(argument == "-x" ? value() : "c");
    if (const ValueOption *option = valueOption(argument))
      return takeValue(*option, argument.drop_front(option->name.size()));
    if (isKeptAlone(argument))
      kept.push_back(argument.str());
  }

  void takeValue(const ValueOption &option, StringRef joined) {
    StringRef text = joined.empty() ? value() : joined;
    if (option.isJoined && !text.empty() && text.front() != '-') {
      kept.push_back((option.name + text).str());
    } else if (!option.isJoined && isPlainValue(text)) {
      kept.push_back(option.name.str());
      kept.push_back(text.str());
    }
  }

  /// All units are C; another language for headers or assembly would not be.
  void takeLanguage(StringRef language) {
    if (language == "c")
      kept.insert(kept.end(), {"-x", "c"});
  }

  void setTarget(StringRef text) {
    if (isTarget(text))
      target = text.str();
  }

  StringRef value() { return next < given.size() ? StringRef(given[next++]) : StringRef(); }

  const std::vector<std::string> &given;
  std::size_t next = 0;
  std::vector<std::string> kept;
  std::string target;
};

/// The compiler in a command that may start with a launcher (`ccache gcc ...`): the last word before the options.
std::size_t compilerIndex(const std::vector<std::string> &arguments) {
  std::size_t index = 0;
  while (index + 1 < arguments.size() && !arguments[index + 1].empty() && arguments[index + 1].front() != '-' &&
         !targetOfCompiler(arguments[index + 1]).empty())
    ++index;
  return index;
}

} // namespace

std::string targetOfCompiler(StringRef compiler) {
  static const llvm::Regex crossCompiler("^(.+-.+)-(gcc|cc|clang)(-[0-9.]+)?$");
  llvm::SmallVector<StringRef, 4> parts;
  if (!crossCompiler.match(llvm::sys::path::filename(compiler), &parts) || !isTarget(parts[1]))
    return {};
  return parts[1].str();
}

CompileCommand sanitizeCommand(const CompileCommand &command) {
  CompileCommand result{command.directory, command.file, {"clang"}};
  std::vector<std::string> options = ArgumentFilter(command.arguments).run();
  if (options.empty() || !StringRef(options.front()).starts_with("--target="))
    if (!command.arguments.empty())
      if (std::string target = targetOfCompiler(command.arguments[compilerIndex(command.arguments)]); !target.empty())
        result.arguments.push_back("--target=" + target);
  llvm::move(options, std::back_inserter(result.arguments));
  // A file named like an option must not become one.
  if (!isPlainValue(result.file))
    result.file = "./" + result.file;
  result.arguments.push_back(result.file);
  return result;
}

} // namespace bhlint
