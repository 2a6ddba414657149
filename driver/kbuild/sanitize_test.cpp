#include "driver/kbuild/sanitize.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bhlint {
namespace {

using testing::ElementsAre;
using Words = std::vector<std::string>;

Words sanitized(Words arguments, std::string file = "a.c") {
  return sanitizeCommand({"/out", std::move(file), std::move(arguments)}).arguments;
}

TEST(Sanitize, KeepsWhatParsingNeeds) {
  EXPECT_THAT(sanitized({"clang-19",
                         "-nostdinc",
                         "-I",
                         "include",
                         "-I./gen",
                         "-isystem",
                         "sys",
                         "-iquote",
                         "q",
                         "-include",
                         "kconfig.h",
                         "-DA=1",
                         "-D",
                         "B",
                         "-UC",
                         "-std=gnu11",
                         "-fshort-wchar",
                         "-fms-extensions",
                         "-m64",
                         "-mno-sse",
                         "-O2",
                         "-x",
                         "c",
                         "--target=x86_64-linux-gnu",
                         "-c",
                         "-o",
                         "a.o",
                         "a.c"}),
              ElementsAre("clang", "--target=x86_64-linux-gnu", "-nostdinc", "-Iinclude", "-I./gen", "-isystem", "sys",
                          "-iquote", "q", "-include", "kconfig.h", "-DA=1", "-DB", "-UC", "-std=gnu11", "-fshort-wchar",
                          "-fms-extensions", "-m64", "-mno-sse", "-O2", "-x", "c", "a.c"));
}

TEST(Sanitize, KeepsDirectoryAndFile) {
  CompileCommand command = sanitizeCommand({"/out", "/tree/a.c", {"gcc", "-c", "/tree/a.c"}});
  EXPECT_EQ(command.directory, "/out");
  EXPECT_EQ(command.file, "/tree/a.c");
  EXPECT_THAT(command.arguments, ElementsAre("clang", "/tree/a.c"));
}

TEST(Sanitize, DropsWarningsCodeGenerationAndOutputs) {
  EXPECT_THAT(sanitized({"clang-19",
                         "-Wp,-MMD,.a.o.d",
                         "-Wall",
                         "-Werror",
                         "-w",
                         "-g",
                         "-gdwarf-5",
                         "-pg",
                         "-mfentry",
                         "-fsanitize=kernel-address",
                         "-fsanitize-coverage=trace-pc",
                         "-fprofile-generate",
                         "-save-temps",
                         "-ftime-trace",
                         "-MD",
                         "-MF",
                         "dep",
                         "-MMD",
                         "-fpatchable-function-entry=59,59",
                         "-mretpoline-external-thunk",
                         "-flto",
                         "-S",
                         "-E",
                         "-emit-llvm",
                         "-c",
                         "-o",
                         "a.o",
                         "-oa.o",
                         "a.c"}),
              ElementsAre("clang", "a.c"));
}

// Each of these makes Clang load code, run a program, or read or write a file when it gets through.
class HostileOption : public testing::TestWithParam<Words> {};

TEST_P(HostileOption, IsDropped) {
  Words arguments = {"clang", "-DBEFORE"};
  arguments.insert(arguments.end(), GetParam().begin(), GetParam().end());
  arguments.insert(arguments.end(), {"-DAFTER", "-c", "a.c"});
  EXPECT_THAT(sanitized(arguments), ElementsAre("clang", "-DBEFORE", "-DAFTER", "a.c"));
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileOption,
    testing::Values(
        Words{"-fplugin=/tmp/evil.so"}, Words{"-fpass-plugin=/tmp/evil.so"}, Words{"-fplugin-arg-x-y"},
        Words{"-Xclang", "-load", "-Xclang", "/tmp/evil.so"}, Words{"-load", "/tmp/evil.so"},
        Words{"-Xclang", "-add-plugin", "-Xclang", "x"}, Words{"-mllvm", "-load=/tmp/evil.so"},
        Words{"-Xpreprocessor", "-MF"}, Words{"@/tmp/arguments"}, Words{"--config", "/tmp/evil.cfg"},
        Words{"--config=/tmp/evil.cfg"}, Words{"--config-user-dir=/tmp"}, Words{"-B/tmp"}, Words{"-B", "/tmp"},
        Words{"-o", "/etc/passwd"}, Words{"-o/etc/passwd"}, Words{"--output=/etc/passwd"}, Words{"-MF", "/etc/passwd"},
        Words{"-Wp,-MD,/etc/passwd"}, Words{"-dumpdir", "/tmp/"}, Words{"--serialize-diagnostics", "/tmp/x"},
        Words{"-ivfsoverlay", "/tmp/x.yaml"}, Words{"-vfsoverlay", "/tmp/x.yaml"}, Words{"-include-pch", "/tmp/x.pch"},
        Words{"-include-pch=/tmp/x"}, Words{"-fmodules", "-fmodules-cache-path=/tmp"},
        Words{"-fmodule-map-file=/tmp/x"}, Words{"-fmodule-file=/tmp/x"}, Words{"-fprofile-instr-use=/tmp/x"},
        Words{"-specs=/tmp/x"}, Words{"-wrapper", "sh,-c"}, Words{"-no-integrated-cpp"}, Words{"-fuse-ld=/tmp/x"},
        Words{"-working-directory", "/tmp"}, Words{"-working-directory=/tmp"}, Words{"-resource-dir", "/tmp"},
        Words{"-resource-dir=/tmp"}, Words{"-save-temps=obj"}, Words{"-frandomize-layout-seed-file=/tmp/x"},
        Words{"-fsanitize-ignorelist=/tmp/x"}, Words{"-x", "ir"}, Words{"-x", "c++"}, Words{"-xcuda"},
        Words{"-std=@/tmp/x"}, Words{"-march=/tmp/x"}, Words{"-include", "@/tmp/x"}, Words{"-include", "-load"},
        Words{"-isystem", "-fplugin=x"}, Words{"other.c"}, Words{"-"}, Words{""}, Words{"--target=-load"},
        Words{"--target=../../x"}, Words{"-target", "@x"}, Words{"-dependency-file", "/etc/passwd"},
        Words{"-header-include-file", "/etc/passwd"}, Words{"-foptimization-record-file=/etc/passwd"},
        Words{"-ftime-trace=/etc/passwd"}, Words{"--analyze"}, Words{"-cc1"}, Words{"-###"}, Words{"-v"},
        Words{"-print-file-name=x"}, Words{"-gsplit-dwarf"}, Words{"-fcrash-diagnostics-dir=/tmp"},
        Words{"-dwarf-debug-flags", "x"}, Words{"-L/tmp"}, Words{"-lfoo"}, Words{"-Wl,-plugin,x"}, Words{"-Wa,-I/tmp"},
        Words{"-T", "/tmp/x"}, Words{"--param", "x=1"}));

TEST(Sanitize, SwitchesAndTheirNegations) {
  Words kept = {
      "-fsigned-char", "-fno-signed-char", "-fno-builtin", "-fno-builtin-wcslen",  "-fPIE",     "-fno-PIE",  "-m64",
      "-mno-80387",    "-mno-sse4.1",      "-mno-avx512f", "-march=armv8.2-a+crc", "-mips64r2", "-std=gnu11"};
  Words expected = {"clang"};
  expected.insert(expected.end(), kept.begin(), kept.end());
  expected.push_back("a.c");
  EXPECT_EQ(sanitized(kept), expected);
  EXPECT_THAT(
      sanitized({"-f", "-fno-", "-m", "-mno-", "-fno-no-builtin", "-mavx256-split-unaligned-load", "-O9", "-builtin"}),
      ElementsAre("clang", "a.c"));
}

TEST(Sanitize, StopsAtEndOfOptions) {
  EXPECT_THAT(sanitized({"clang", "-DA", "--", "-DB", "evil.c"}), ElementsAre("clang", "-DA", "a.c"));
}

TEST(Sanitize, OptionWithoutItsValueAtTheEnd) {
  for (const char *option : {"-I", "-D", "-include", "-x", "-target", "-isystem"})
    EXPECT_THAT(sanitized({"clang", option}), ElementsAre("clang", "a.c")) << option;
  EXPECT_THAT(sanitized({}), ElementsAre("clang", "a.c"));
}

TEST(Sanitize, InputNamedLikeAnOption) {
  EXPECT_THAT(sanitized({"clang"}, "-fplugin=x.c"), ElementsAre("clang", "./-fplugin=x.c"));
  EXPECT_THAT(sanitized({"clang"}, "@x.c"), ElementsAre("clang", "./@x.c"));
}

TEST(Sanitize, MacroValuesAreKeptAsTheyAre) {
  EXPECT_THAT(sanitized({"clang", "-DKBUILD_MODNAME=\"e1000e\"", "-DX=$(reboot);`id`", "-D__user="}),
              ElementsAre("clang", "-DKBUILD_MODNAME=\"e1000e\"", "-DX=$(reboot);`id`", "-D__user=", "a.c"));
}

TEST(Sanitize, TakesTheTargetFromTheNameOfACrossGcc) {
  EXPECT_THAT(
      sanitized({"/opt/bin/aarch64-linux-gnu-gcc-12", "-mindirect-branch=thunk-extern", "-fplan9-extensions", "-DA"}),
      ElementsAre("clang", "--target=aarch64-linux-gnu", "-DA", "a.c"));
  EXPECT_THAT(sanitized({"ccache", "arm-linux-gnueabihf-gcc", "-marm"}),
              ElementsAre("clang", "--target=arm-linux-gnueabihf", "-marm", "a.c"));
  EXPECT_THAT(sanitized({"aarch64-linux-gnu-clang", "--target=arm-linux-gnueabi"}),
              ElementsAre("clang", "--target=arm-linux-gnueabi", "a.c"));
}

TEST(Sanitize, TargetOfCompiler) {
  EXPECT_EQ(targetOfCompiler("x86_64-linux-gnu-gcc"), "x86_64-linux-gnu");
  EXPECT_EQ(targetOfCompiler("riscv64-unknown-linux-musl-gcc-13.2"), "riscv64-unknown-linux-musl");
  EXPECT_EQ(targetOfCompiler("gcc"), "");
  EXPECT_EQ(targetOfCompiler("gcc-12"), "");
  EXPECT_EQ(targetOfCompiler("clang-19"), "");
  EXPECT_EQ(targetOfCompiler("ccache-gcc"), "");
  EXPECT_EQ(targetOfCompiler("-load-x-gcc"), "");
  EXPECT_EQ(targetOfCompiler(""), "");
}

} // namespace
} // namespace bhlint
