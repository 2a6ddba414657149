#include "driver/kbuild/compile_database.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/VirtualFileSystem.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bhlint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A tree in memory, under the working directory "/".
class DatabaseTest : public testing::Test {
protected:
  DatabaseTest() { files.setCurrentWorkingDirectory("/"); }

  void add(llvm::StringRef path, llvm::StringRef text) {
    files.addFile(path, 0, llvm::MemoryBuffer::getMemBufferCopy(text));
  }

  CompileDatabase read(llvm::StringRef path) {
    auto database = readCompileDatabase(files, path);
    if (!database) {
      ADD_FAILURE() << llvm::toString(database.takeError());
      return {};
    }
    return std::move(*database);
  }

  std::string error(llvm::StringRef path) {
    auto database = readCompileDatabase(files, path);
    return database ? "no error" : llvm::toString(database.takeError());
  }

  llvm::vfs::InMemoryFileSystem files;
};

std::vector<std::string> pathsOf(const std::vector<CompileCommand> &commands) {
  std::vector<std::string> paths;
  for (const CompileCommand &command : commands)
    paths.push_back(command.path());
  return paths;
}

TEST_F(DatabaseTest, ReadsArgumentsAndCommandSortedByFile) {
  add("/out/compile_commands.json", R"json([
    {"directory": "/out", "file": "../tree/b.c", "arguments": ["gcc", "-DX=\"b\"", "../tree/b.c"]},
    {"directory": "/out", "file": "/tree/a.c", "command": "clang -DX='\"a\"' -DY=\\\"y\\\" /tree/a.c"},
    {"directory": "/out", "file": "/tree/entry.S", "command": "clang /tree/entry.S"}])json");
  CompileDatabase database = read("/out");
  EXPECT_EQ(database.source, "/out/compile_commands.json");
  EXPECT_EQ(database.tree, "/tree");
  EXPECT_THAT(pathsOf(database.commands), ElementsAre("/tree/a.c", "/tree/b.c"));
  EXPECT_THAT(database.commands[0].arguments, ElementsAre("clang", "-DX=\"a\"", "-DY=\"y\"", "/tree/a.c"));
  EXPECT_EQ(database.commands[1].file, "../tree/b.c");
  EXPECT_EQ(read("/out/compile_commands.json").commands, database.commands);
}

TEST_F(DatabaseTest, RelativeDirectoriesStartAtTheDatabase) {
  add("/demo/compile_commands.json", R"([{"directory": ".", "file": "a.c", "arguments": ["clang", "a.c"]}])");
  EXPECT_THAT(pathsOf(read("demo").commands), ElementsAre("/demo/a.c"));
}

TEST_F(DatabaseTest, KeepsUnitsThatAreBuiltTwiceAndDropsRepetitions) {
  add("/o/compile_commands.json", R"([
    {"directory": "/o", "file": "a.c", "arguments": ["cc", "-DTWO", "a.c"]},
    {"directory": "/o", "file": "a.c", "arguments": ["cc", "-DONE", "a.c"]},
    {"directory": "/o", "file": "a.c", "arguments": ["cc", "-DONE", "a.c"]}])");
  CompileDatabase database = read("/o");
  ASSERT_EQ(database.commands.size(), 2u);
  EXPECT_EQ(database.commands[0].arguments[1], "-DONE");
}

TEST_F(DatabaseTest, ErrorsSayWhere) {
  add("/j/compile_commands.json", "[\n{\"directory\": \"/o\",\n  file: 1}]");
  EXPECT_THAT(error("/j"), HasSubstr("/j/compile_commands.json: [3:"));
  add("/k/compile_commands.json", R"([{"directory":"/o","file":"a.c","command":"cc"},{"file":"a.c"}])");
  EXPECT_THAT(error("/k"), HasSubstr("/k/compile_commands.json: entry 2 has no string \"directory\""));
  add("/l/compile_commands.json", R"([{"directory":"/o","file":"a.c"}])");
  EXPECT_THAT(error("/l"), HasSubstr("entry 1 has neither \"arguments\" nor \"command\""));
  add("/m/compile_commands.json", R"([{"directory":"/o","file":"a.c","arguments":["cc", 7]}])");
  EXPECT_THAT(error("/m"), HasSubstr("entry 1 has something else than a string in \"arguments\""));
  add("/n/compile_commands.json", R"({"directory":"/o"})");
  EXPECT_THAT(error("/n"), HasSubstr("not an array"));
  add("/p/compile_commands.json", R"([3])");
  EXPECT_THAT(error("/p"), HasSubstr("entry 1 is not an object"));
  add("/q/compile_commands.json", R"([])");
  EXPECT_THAT(error("/q"), HasSubstr("no C unit is recorded here"));
  add("/r/.config", "");
  EXPECT_THAT(error("/r"), HasSubstr("bhlint db --tree TREE --build /r"));
  EXPECT_THAT(error("/nowhere"), HasSubstr("/nowhere: "));
}

TEST_F(DatabaseTest, ReadsWhatKbuildLeaves) {
  add("/out/drivers/foo/.bar.o.cmd",
      "savedcmd_drivers/foo/bar.o := clang-19 -Wp,-MMD,drivers/foo/.bar.o.d -include /tree/include/linux/kconfig.h "
      "-D__KERNEL__ -DX=$$y$(pound)z -DKBUILD_MODNAME='\"bar\"' -c -o drivers/foo/bar.o /tree/drivers/foo/bar.c ; "
      "./tools/objtool/objtool --module drivers/foo/bar.o\n\nsource_drivers/foo/bar.o := /tree/drivers/foo/bar.c\n");
  add("/out/drivers/foo/.old.o.cmd", "cmd_drivers/foo/old.o := gcc -D__KERNEL__ -c -o drivers/foo/old.o /tree/drivers/foo/old.c\n");
  add("/out/drivers/foo/.all.o.cmd", "savedcmd_drivers/foo/all.o := ld.lld -r -o drivers/foo/all.o @drivers/foo/all.mod\n");
  add("/out/scripts/.tool.o.cmd", "savedcmd_scripts/tool.o := gcc -c -o scripts/tool.o /tree/scripts/tool.c\n");
  add("/out/arch/.entry.o.cmd", "savedcmd_arch/entry.o := gcc -D__KERNEL__ -c -o arch/entry.o /tree/arch/entry.S\n");
  CompileDatabase database = read("/out");
  EXPECT_THAT(pathsOf(database.commands), ElementsAre("/tree/drivers/foo/bar.c", "/tree/drivers/foo/old.c"));
  EXPECT_EQ(database.tree, "/tree");
  EXPECT_EQ(database.commands[0].directory, "/out");
  EXPECT_THAT(database.commands[0].arguments,
              ElementsAre("clang-19", "-Wp,-MMD,drivers/foo/.bar.o.d", "-include", "/tree/include/linux/kconfig.h",
                          "-D__KERNEL__", "-DX=$y#z", "-DKBUILD_MODNAME=\"bar\"", "-c", "-o", "drivers/foo/bar.o",
                          "/tree/drivers/foo/bar.c"));
}

TEST(KbuildCommand, BrokenFilesGiveNothing) {
  for (const char *text : {"", "\n", "savedcmd_", "savedcmd_a.o := ", "savedcmd_a.o := ;", "cmd_a.o := -D__KERNEL__ '",
                           "x := clang -D__KERNEL__ a.c", "savedcmd_a.o := \"\\", "deps_a.o := a.c"})
    EXPECT_THAT(parseKbuildCommand(text, "/out"), IsEmpty()) << text;
}

TEST(TreeRoot, IsWhereMostUnitsTakeKconfigFrom) {
  auto unit = [](std::string kconfig, std::string file) {
    return CompileCommand{"/tree/out", file, {"cc", "-include", kconfig, file}};
  };
  EXPECT_EQ(treeRoot({unit("../include/linux/kconfig.h", "../a.c"), unit("/tree/include/linux/kconfig.h", "gen.c"),
                      unit("/elsewhere/include/linux/kconfig.h", "/elsewhere/m.c")}),
            "/tree");
  EXPECT_EQ(treeRoot({unit("/y/include/linux/kconfig.h", "a.c"), unit("/x/include/linux/kconfig.h", "b.c")}), "/x");
  EXPECT_EQ(treeRoot({unit("other.h", "/x/one/a.c"), unit("other.h", "/x/onetwo/b.c")}), "/x");
  EXPECT_EQ(treeRoot({}), "");
  CompileCommand trailing{"/t", "/t/a.c", {"cc", "/t/a.c", "-include"}};
  EXPECT_EQ(treeRoot({trailing}), "/t");
}

TEST(RelativeToTree, OnlyForWhatLiesInIt) {
  EXPECT_EQ(relativeToTree("/tree/drivers/a.c", "/tree"), "drivers/a.c");
  EXPECT_EQ(relativeToTree("/tree2/a.c", "/tree"), "/tree2/a.c");
  EXPECT_EQ(relativeToTree("/tree/a.c", ""), "/tree/a.c");
  EXPECT_EQ(relativeToTree("/a.c", "/"), "a.c");
}

class SelectTest : public testing::Test {
protected:
  std::vector<std::string> select(std::vector<std::string> paths) {
    auto selected = selectCommands(database, paths);
    if (selected)
      return pathsOf(*selected);
    return {"error: " + llvm::toString(selected.takeError())};
  }
  CompileDatabase database{"/out/compile_commands.json",
                           "/tree",
                           {{"/out", "/tree/net/a.c", {"cc"}}, {"/out", "/tree/net/b/c.c", {"cc"}}, {"/out", "gen.c", {"cc"}}}};
};

TEST_F(SelectTest, FilesAndFolders) {
  EXPECT_THAT(select({}), ElementsAre("/tree/net/a.c", "/tree/net/b/c.c", "/out/gen.c"));
  EXPECT_THAT(select({"net/a.c"}), ElementsAre("/tree/net/a.c"));
  EXPECT_THAT(select({"net/b/"}), ElementsAre("/tree/net/b/c.c"));
  EXPECT_THAT(select({"/tree/net", "net/b"}), ElementsAre("/tree/net/a.c", "/tree/net/b/c.c"));
  EXPECT_THAT(select({"/out"}), ElementsAre("/out/gen.c"));
}

TEST_F(SelectTest, TypingErrorIsAnError) {
  EXPECT_THAT(select({"net", "net/b/d.c"}), ElementsAre(HasSubstr("error: net/b/d.c: no unit of /out/compile_commands.json")));
  EXPECT_THAT(select({"ne"}), ElementsAre(HasSubstr("/tree/ne")));
}

} // namespace
} // namespace bhlint
