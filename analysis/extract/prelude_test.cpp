#include "analysis/extract/prelude.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace bhlint {
namespace {

using testing::ElementsAre;

/// A tree of real files: precompiled headers are written to disk and read back.
class PreludeTest : public testing::Test {
protected:
  void SetUp() override {
    llvm::SmallString<128> made;
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("bhlint-prelude-test", made));
    llvm::SmallString<128> real;
    ASSERT_FALSE(llvm::sys::fs::real_path(made, real));
    folder = real.str().str();
    for (const char *name : {"include", "prelude"})
      ASSERT_FALSE(llvm::sys::fs::create_directory(folder + "/" + name));
    write("include/core.h", "#ifndef CORE_H\n#define CORE_H\n"
                            "struct dev { int flags; };\n"
                            "#define use_twice(d) do { use(d); use(d); } while (0)\n"
                            "void use(struct dev *d);\n"
                            "static inline int is_ready(struct dev *d) { return d->flags & 1; }\n"
                            "#ifdef VERBOSE\n#define trace() use(0)\n#else\n#define trace() do { } while (0)\n#endif\n"
                            "#endif\n");
    write("include/extra.h", "#ifndef EXTRA_H\n#define EXTRA_H\n#define HAS_EXTRA 1\nvoid extra(void);\n#endif\n");
    write("include/limit.h", "#ifndef LIMIT\n#define LIMIT 1\n#endif\n");
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  void write(const std::string &name, const std::string &text) const {
    std::ofstream(folder + "/" + name, std::ios::binary) << text;
  }
  ExtractRequest request() const {
    ExtractRequest result;
    result.directory = result.treeRoot = folder;
    result.file = "driver.c";
    result.arguments = {"clang",    "--target=x86_64-linux-gnu",  "-nostdinc", "-std=gnu11", "-Iinclude",
                        "-DMODULE", "-DKBUILD_MODNAME=\"driver\""};
    return result;
  }
  std::shared_ptr<const Prelude> preludeOf(std::vector<std::string> headers) const {
    llvm::Expected<std::shared_ptr<const Prelude>> built =
        buildPrelude(request(), std::move(headers), folder + "/prelude/p.pch", llvm::vfs::getRealFileSystem());
    if (built)
      return *built;
    ADD_FAILURE() << llvm::toString(built.takeError());
    return nullptr;
  }
  /// Extracts `code` with and without a prelude; both must say the same. Whether the prelude was used.
  bool usesPrelude(const std::string &code, std::shared_ptr<const Prelude> prelude,
                   const std::vector<std::string> &moreArguments = {}) const {
    write("driver.c", code);
    ExtractRequest plainRequest = request();
    plainRequest.arguments.insert(plainRequest.arguments.end(), moreArguments.begin(), moreArguments.end());
    ExtractRequest fastRequest = plainRequest;
    fastRequest.prelude = std::move(prelude);
    ExtractResult plain = extractUnit(plainRequest, llvm::vfs::getRealFileSystem());
    ExtractResult fast = extractUnit(fastRequest, llvm::vfs::getRealFileSystem());
    EXPECT_EQ(plain.errors, 0u) << plain.firstError;
    EXPECT_FALSE(plain.usedPrelude);
    EXPECT_FALSE(plain.facts.functions.empty());
    EXPECT_EQ(plain.facts, fast.facts);
    EXPECT_EQ(plain.inputs, fast.inputs);
    return fast.usedPrelude;
  }
  std::string folder;
};

const std::string ordinary = "#include <core.h>\n"
                             "static void work(struct dev *d) { if (is_ready(d)) use_twice(d); trace(); }\n"
                             "void start(struct dev *d) { work(d); }\n";

TEST_F(PreludeTest, ChangesNothingInTheFacts) {
  auto prelude = preludeOf({"core.h", "extra.h"});
  ASSERT_TRUE(prelude);
  EXPECT_TRUE(usesPrelude(ordinary, prelude));
  EXPECT_TRUE(usesPrelude("#include <core.h>\n#include <extra.h>\nvoid f(void) { extra(); }\n", prelude));
}

TEST_F(PreludeTest, IsNotUsedAfterDefiningAMacroThatItsHeadersTest) {
  auto prelude = preludeOf({"core.h", "extra.h"});
  ASSERT_TRUE(prelude);
  EXPECT_FALSE(usesPrelude("#define VERBOSE\n" + ordinary, prelude));
  EXPECT_TRUE(usesPrelude("#define SOMETHING_ELSE\n" + ordinary, prelude));
}

TEST_F(PreludeTest, HidesMacrosOfHeadersThatAreNotIncluded) {
  auto prelude = preludeOf({"core.h", "extra.h"});
  ASSERT_TRUE(prelude);
  const std::string asks = "#ifdef HAS_EXTRA\nvoid f(void) { use(0); }\n#endif\nvoid g(void) { }\n";
  EXPECT_TRUE(usesPrelude("#include <core.h>\n" + asks, prelude));
  EXPECT_TRUE(usesPrelude("#include <core.h>\n#include <extra.h>\n" + asks, prelude));
  EXPECT_TRUE(usesPrelude("#include <core.h>\nvoid HAS_EXTRA(void) { use(0); }\n", prelude)); // else an error
}

TEST_F(PreludeTest, IsNotUsedWhereAHeaderHasLookedAtAMacroOfOneThatIsNotIncluded) {
  write("include/loud.h", "#define VERBOSE 1\n");
  auto prelude = preludeOf({"loud.h", "core.h"});
  ASSERT_TRUE(prelude);
  EXPECT_FALSE(usesPrelude("#include <core.h>\n#ifdef VERBOSE\nvoid f(void) { use(0); }\n#endif\n"
                           "void g(void) { trace(); }\n",
                           prelude));
}

TEST_F(PreludeTest, HidesDeclarationsOfHeadersThatAreNotIncluded) {
  write("include/clash.h",
        "#ifndef CLASH_H\n#define CLASH_H\nenum { RED, GREEN };\nstruct item { int count; };\ntypedef int number;\n"
        "static inline int before(int a, int b) { return a < b; }\nextern int total;\n#endif\n");
  auto prelude = preludeOf({"core.h", "clash.h"});
  ASSERT_TRUE(prelude);
  const std::string own = "enum { GREEN = 5 };\nstruct item { struct dev *of; };\ntypedef struct item *number;\n"
                          "static void before(number a) { use(a->of); }\nstatic char total;\n"
                          "void f(number a) { if (total == GREEN) before(a); }\n";
  EXPECT_TRUE(usesPrelude("#include <core.h>\n" + own, prelude));
  EXPECT_TRUE(usesPrelude("#include <core.h>\n#include <clash.h>\n"
                          "void f(struct dev *d) { if (before(GREEN, d->flags)) use(d); }\n",
                          prelude));
}

TEST_F(PreludeTest, LeavesNoFiles) {
  {
    ASSERT_TRUE(preludeOf({"core.h"}));
  }
  EXPECT_FALSE(llvm::sys::fs::exists(folder + "/prelude/p.pch"));
  EXPECT_FALSE(llvm::sys::fs::exists(folder + "/prelude/p.h"));
}

TEST_F(PreludeTest, IsNotUsedForMacrosOfTheCommandThatItsHeadersTest) {
  auto prelude = preludeOf({"core.h"});
  ASSERT_TRUE(prelude);
  ExtractRequest verbose = request(), other = request(), named = request();
  verbose.arguments.push_back("-DVERBOSE");
  other.arguments.push_back("-DOTHER=3");
  named.arguments.push_back("-DKBUILD_BASENAME=\"x\"");
  EXPECT_FALSE(mayUse(*prelude, shapeOf(verbose)));
  EXPECT_TRUE(mayUse(*prelude, shapeOf(other)));
  EXPECT_TRUE(mayUse(*prelude, shapeOf(named)));
  EXPECT_TRUE(usesPrelude(ordinary + "int other(void) { return OTHER; }\n", prelude, {"-DOTHER=3"}));
}

TEST_F(PreludeTest, IsUsedWhereTheUnitReplacesADefaultThatNoHeaderExpands) {
  auto prelude = preludeOf({"limit.h"});
  ASSERT_TRUE(prelude);
  EXPECT_TRUE(usesPrelude("#define LIMIT 5\n#include <limit.h>\nint f(void) { return LIMIT; }\n", prelude));
}

TEST_F(PreludeTest, IsNotUsedWhereTheUnitReplacesADefaultThatAHeaderExpands) {
  write("include/bounded.h", "#ifndef BOUNDED_H\n#define BOUNDED_H\n#ifndef BOUND\n#define BOUND 1\n#endif\n"
                             "void use(int);\nstatic inline void bounded(void) { use(BOUND); }\n#endif\n");
  auto prelude = preludeOf({"bounded.h"});
  ASSERT_TRUE(prelude);
  EXPECT_FALSE(usesPrelude("#define BOUND 5\n#include <bounded.h>\nvoid f(void) { bounded(); }\n", prelude));
  EXPECT_TRUE(
      usesPrelude("#include <bounded.h>\n#undef BOUND\n#define BOUND 5\nvoid f(void) { bounded(); }\n", prelude));
}

TEST_F(PreludeTest, IsUsedWhateverTheUnitPutsAroundFormats) {
  write("include/print.h", "#ifndef PRINT_H\n#define PRINT_H\n#ifndef pr_fmt\n#define pr_fmt(fmt) fmt\n#endif\n"
                           "int print(const char *fmt, ...);\nextern int level;\n"
                           "static inline void hello(void) { print(pr_fmt(\"hello\")); }\n#endif\n");
  auto prelude = preludeOf({"print.h"});
  ASSERT_TRUE(prelude);
  const std::string rest = "#include <print.h>\nvoid f(void) { hello(); print(pr_fmt(\"%d\"), 1); }\n";
  EXPECT_TRUE(usesPrelude("#define pr_fmt(fmt) \"driver: \" fmt\n" + rest, prelude));
  EXPECT_TRUE(usesPrelude("#define pr_fmt(f) KBUILD_MODNAME \"%s: \" f, __func__\n" + rest, prelude));
  EXPECT_FALSE(usesPrelude("int tell(void);\n#define pr_fmt(fmt) \"%d \" fmt, tell()\n" + rest, prelude));
}

TEST_F(PreludeTest, IsUsedWhenItsHeadersLookedAtTheMacroBeforeItChanged) {
  auto prelude = preludeOf({"core.h", "extra.h"});
  ASSERT_TRUE(prelude);
  const std::string change = "#define VERBOSE\n#include <extra.h>\n";
  EXPECT_TRUE(usesPrelude("#include <core.h>\n" + change + "void f(void) { trace(); }\n", prelude));
  EXPECT_FALSE(usesPrelude(change + "#include <core.h>\nvoid f(void) { trace(); }\n", prelude));
}

TEST_F(PreludeTest, LeavesOutHeadersThatDoNotParseAlone) {
  write("include/needy.h", "struct needs { missing_type x; };\n");
  auto prelude = preludeOf({"core.h", "needy.h", "extra.h"});
  ASSERT_TRUE(prelude);
  EXPECT_THAT(prelude->headers, ElementsAre("core.h", "extra.h"));
  llvm::Expected<std::shared_ptr<const Prelude>> none =
      buildPrelude(request(), {"needy.h"}, folder + "/prelude/n.pch", llvm::vfs::getRealFileSystem());
  ASSERT_FALSE(none);
  EXPECT_THAT(llvm::toString(none.takeError()), testing::HasSubstr("missing_type"));
}

TEST(CommandShape, KeepsWhatUnitsMustAgreeOnApartFromMacros) {
  ExtractRequest a, b;
  a.arguments = {"clang", "-O2", "-Iinclude", "-DX=1", "-DKBUILD_MODNAME=\"a\"", "-UY"};
  b.arguments = {"clang", "-O2", "-I", "other", "-UY", "-DX=1", "-DKBUILD_MODNAME=\"b\"", "-D__KBUILD_MODNAME=kmod_b",
                 "-DX=1"};
  EXPECT_EQ(shapeOf(a).base, shapeOf(b).base);
  EXPECT_THAT(shapeOf(a).macros, ElementsAre("-DX=1", "-UY"));
  EXPECT_EQ(shapeOf(a).macros, shapeOf(b).macros);
  b.arguments[1] = "-O1";
  EXPECT_NE(shapeOf(a).base, shapeOf(b).base);
}

} // namespace
} // namespace bhlint
