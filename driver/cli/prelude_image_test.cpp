#include "driver/cli/prelude_image.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

#include "gtest/gtest.h"

#include <fstream>

namespace bhlint {
namespace {

/// A tree of real files: precompiled headers are written to disk.
class PreludeImageTest : public testing::Test {
protected:
  PreludeImageTest() {
    llvm::SmallString<128> made;
    if (!llvm::sys::fs::createUniqueDirectory("bhlint-image-test", made))
      folder = made.str().str();
    llvm::sys::fs::create_directory(folder + "/prelude");
    write("core.h", "#ifndef CORE_H\n#define CORE_H\nstruct dev { int flags; };\n#ifndef LIMIT\n#define LIMIT "
                    "3\n#endif\n#ifdef VERBOSE\nint loud;\n#endif\n"
                    "#ifndef pr_fmt\n#define pr_fmt(fmt) fmt\n#endif\n#include <more.h>\n"
                    "static inline int is_ready(struct dev *d) { return d->flags & MORE; }\n#endif\n");
    write("more.h", "#define MORE 4\n");
    write("driver.c", "#include <core.h>\nint work(struct dev *d) { return is_ready(d) + LIMIT; }\n");
  }
  ~PreludeImageTest() override { llvm::sys::fs::remove_directories(folder); }

  void write(const std::string &name, const std::string &text) const {
    std::ofstream(folder + "/" + name, std::ios::binary) << text;
  }
  ExtractRequest request() const {
    ExtractRequest result;
    result.directory = result.treeRoot = folder;
    result.file = "driver.c";
    result.arguments = {"clang", "--target=x86_64-linux-gnu", "-nostdinc", "-std=gnu11", "-I" + folder, "-DMODULE"};
    return result;
  }
  std::shared_ptr<const Prelude> build() const {
    auto built = buildPrelude(request(), {"core.h"}, folder + "/prelude/p.pch", llvm::vfs::getRealFileSystem());
    if (!built)
      ADD_FAILURE() << llvm::toString(built.takeError());
    return built ? *built : nullptr;
  }
  std::string folder;
};

template <typename Map> std::vector<std::pair<std::string, std::vector<std::string>>> sorted(const Map &map) {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  for (const auto &entry : map)
    out.emplace_back(entry.getKey().str(), entry.second);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> sorted(const llvm::StringSet<> &set) {
  std::vector<std::string> out;
  for (const auto &entry : set)
    out.push_back(entry.getKey().str());
  std::sort(out.begin(), out.end());
  return out;
}

TEST_F(PreludeImageTest, SaysWhatThePreludeSaid) {
  std::shared_ptr<const Prelude> prelude = build();
  ASSERT_TRUE(prelude);
  std::shared_ptr<const PreludeImage> image = readPrelude(writePrelude(*prelude).value_or(""));
  ASSERT_TRUE(image);
  const Prelude &again = *image->prelude;
  EXPECT_EQ(again.pch, prelude->pch);
  EXPECT_EQ(again.macros, prelude->macros);
  EXPECT_EQ(again.headers, prelude->headers);
  EXPECT_EQ(sorted(again.testers), sorted(prelude->testers));
  EXPECT_EQ(sorted(again.definers), sorted(prelude->definers));
  EXPECT_EQ(sorted(again.includes), sorted(prelude->includes));
  EXPECT_EQ(sorted(again.defaults), sorted(prelude->defaults));
  EXPECT_EQ(sorted(again.decorators), sorted(prelude->decorators));
  for (const auto *map : {&prelude->testers, &prelude->definers, &prelude->includes})
    EXPECT_FALSE(map->empty());
  EXPECT_FALSE(prelude->defaults.empty());
  EXPECT_FALSE(prelude->decorators.empty());
}

/// The files are gone with the one who built it, and may be another's when this one goes.
TEST_F(PreludeImageTest, IsReadFromMemory) {
  std::string bytes = writePrelude(*build()).value_or("");
  EXPECT_FALSE(llvm::sys::fs::exists(folder + "/prelude/p.pch"));
  EXPECT_FALSE(llvm::sys::fs::exists(folder + "/prelude/p.h"));
  write("prelude/p.pch", "another's");
  write("prelude/p.h", "another's");
  std::shared_ptr<const PreludeImage> image = readPrelude(bytes);
  ASSERT_TRUE(image && image->isInMemory());
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  auto files = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(llvm::vfs::getRealFileSystem());
  files->pushOverlay(memory);
  image->addFiles(*memory);
  ExtractRequest fast = request();
  fast.prelude = image->prelude;
  ExtractResult plain = extractUnit(request(), llvm::vfs::getRealFileSystem()), result = extractUnit(fast, files);
  EXPECT_TRUE(result.usedPrelude);
  EXPECT_EQ(plain.errors, 0u) << plain.firstError;
  EXPECT_EQ(plain.facts, result.facts);
  EXPECT_EQ(plain.inputs, result.inputs);
  fast.prelude.reset();
  image.reset();
  EXPECT_TRUE(llvm::sys::fs::exists(folder + "/prelude/p.pch"));
  EXPECT_TRUE(llvm::sys::fs::exists(folder + "/prelude/p.h"));
}

TEST_F(PreludeImageTest, OtherBytesAreNone) {
  std::string bytes = writePrelude(*build()).value_or("");
  ASSERT_TRUE(readPrelude(bytes));
  EXPECT_FALSE(readPrelude(""));
  EXPECT_FALSE(readPrelude(bytes.substr(0, 7)));
  EXPECT_FALSE(readPrelude(bytes.substr(0, 100)));
  EXPECT_FALSE(readPrelude(bytes.substr(0, bytes.size() - 1)));
  EXPECT_FALSE(readPrelude(std::string(8, '\xff') + bytes.substr(8)));
  EXPECT_FALSE(readPrelude(bytes.substr(8)));
}

} // namespace
} // namespace bhlint
