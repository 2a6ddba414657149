#include "driver/kbuild/compile_database.h"

#include "llvm/Support/FormatVariadic.h"
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

std::vector<CompileCommand> commandsOf(const CompileDatabase &database, std::vector<std::string> paths = {}) {
  auto commands = selectCommands(database, paths);
  if (!commands) {
    ADD_FAILURE() << llvm::toString(commands.takeError());
    return {};
  }
  return std::move(*commands);
}

TEST_F(DatabaseTest, ReadsArgumentsAndCommandSortedByFile) {
  add("/out/compile_commands.json", R"json([
    {"directory": "/out", "file": "../tree/b.c", "arguments": ["gcc", "-DX=\"b\"", "../tree/b.c"]},
    {"directory": "/out", "file": "/tree/a.c", "command": "clang -DX='\"a\"' -DY=\\\"y\\\" /tree/a.c"},
    {"directory": "/out", "file": "/tree/entry.S", "command": "clang /tree/entry.S"}])json");
  CompileDatabase database = read("/out");
  EXPECT_EQ(database.source, "/out/compile_commands.json");
  EXPECT_EQ(database.tree, "/tree");
  std::vector<CompileCommand> commands = commandsOf(database);
  EXPECT_THAT(pathsOf(commands), ElementsAre("/tree/a.c", "/tree/b.c"));
  EXPECT_THAT(commands[0].arguments, ElementsAre("clang", "-DX=\"a\"", "-DY=\"y\"", "/tree/a.c"));
  EXPECT_THAT(commands[1].arguments, ElementsAre("gcc", "-DX=\"b\"", "../tree/b.c"));
  EXPECT_EQ(commands[1].file, "../tree/b.c");
  EXPECT_EQ(commandsOf(read("/out/compile_commands.json")), commands);
}

TEST_F(DatabaseTest, RelativeDirectoriesStartAtTheDatabase) {
  add("/demo/compile_commands.json", R"([{"directory": ".", "file": "a.c", "arguments": ["clang", "a.c"]}])");
  EXPECT_THAT(pathsOf(commandsOf(read("demo"))), ElementsAre("/demo/a.c"));
}

TEST_F(DatabaseTest, KeepsUnitsThatAreBuiltTwiceAndDropsRepetitions) {
  add("/o/compile_commands.json", R"([
    {"directory": "/o", "file": "a.c", "arguments": ["cc", "-DTWO", "a.c"]},
    {"directory": "/o", "file": "a.c", "arguments": ["cc", "-DONE", "a.c"]},
    {"directory": "/o", "file": "a.c", "arguments": ["cc", "-DONE", "a.c"]}])");
  std::vector<CompileCommand> commands = commandsOf(read("/o"));
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_EQ(commands[0].arguments[1], "-DONE");
}

TEST_F(DatabaseTest, ErrorsSayWhere) {
  struct {
    const char *json;
    const char *message;
  } const cases[] = {
      {"[\n{\"directory\": \"/o\",\n  file: 1}]", "/compile_commands.json:2:"},
      {"[{\"directory\":\"/o\",\"file\":\"a.c\",\"command\":\"cc\"},\n  {\"file\":\"a.c\",\"command\":\"cc\"}]",
       "/compile_commands.json:2:3: this entry has no \"directory\""},
      {R"([{"directory":"/o","file":"a.c"}])", ":1:2: this entry has no \"arguments\" or \"command\""},
      {R"([{"directory":"/o","command":"cc"}])", ":1:2: this entry has no \"file\""},
      {R"([{"directory":"/o","file":7,"command":"cc"}])", ":1:2: in this entry, \"file\""},
      {R"([{"directory":"/o","file":"a.c","arguments":["cc", 7]}])", ":1:45: an argument is not a string"},
      {R"([{"directory":"/o","file":"a.c","arguments":[]}])", ":1:45: this command is empty"},
      {R"([{"directory":"/o","file":"a.c","arguments":"cc a.c"}])", ":1:2: in this entry, \"arguments\""},
      {R"([{"directory":"/o","file":"a.c","command":3}])", ":1:43: this command is empty"},
      {R"([{"directory":"/o","file":"a.c","command":"cc)", "/compile_commands.json: "},
      {R"([{"directory":"/o","file":"a.c","arguments":["cc"})", "/compile_commands.json:"},
      {"{\"directory\":\"/o\"}", ":1:1: a compile database is an array of objects"},
      {"[3]", ":1:2: an entry is not an object"},
      {"[]", "no C unit is recorded here"},
      {"", "/compile_commands.json: "},
      {"[{\"directory\":\"\xff\"}]", "/compile_commands.json: "},
  };
  unsigned number = 0;
  for (const auto &[json, message] : cases) {
    std::string folder = ("/" + llvm::Twine(++number)).str();
    add((folder + "/compile_commands.json"), json);
    EXPECT_THAT(error(folder), HasSubstr(message)) << json;
  }
  EXPECT_THAT(error("/nowhere"), HasSubstr("/nowhere: "));
  add("/r/.config", "");
  EXPECT_THAT(error("/r"), HasSubstr("bhlint db --tree TREE --build /r"));
}

TEST_F(DatabaseTest, DeepNestingIsNoProblem) {
  std::string deep(200000, '[');
  add("/x/compile_commands.json", "[{\"directory\":\"/o\",\"file\":\"a.c\",\"arguments\":" + deep);
  EXPECT_THAT(error("/x"), HasSubstr("/x/compile_commands.json"));
}

TEST_F(DatabaseTest, ReadsWhatKbuildLeaves) {
  add("/out/drivers/foo/.bar.o.cmd",
      "savedcmd_drivers/foo/bar.o := clang-19 -Wp,-MMD,drivers/foo/.bar.o.d -include /tree/include/linux/kconfig.h "
      "-D__KERNEL__ -DX=$$y$(pound)z -DKBUILD_MODNAME='\"bar\"' -c -o drivers/foo/bar.o /tree/drivers/foo/bar.c ; "
      "./tools/objtool/objtool --module drivers/foo/bar.o\n\nsource_drivers/foo/bar.o := /tree/drivers/foo/bar.c\n");
  add("/out/drivers/foo/.old.o.cmd",
      "cmd_drivers/foo/old.o := gcc -D__KERNEL__ -c -o drivers/foo/old.o /tree/drivers/foo/old.c\n");
  add("/out/drivers/foo/.all.o.cmd",
      "savedcmd_drivers/foo/all.o := ld.lld -r -o drivers/foo/all.o @drivers/foo/all.mod\n");
  add("/out/scripts/.tool.o.cmd", "savedcmd_scripts/tool.o := gcc -c -o scripts/tool.o /tree/scripts/tool.c\n");
  add("/out/arch/.entry.o.cmd", "savedcmd_arch/entry.o := gcc -D__KERNEL__ -c -o arch/entry.o /tree/arch/entry.S\n");
  CompileDatabase database = read("/out");
  std::vector<CompileCommand> commands = commandsOf(database);
  EXPECT_THAT(pathsOf(commands), ElementsAre("/tree/drivers/foo/bar.c", "/tree/drivers/foo/old.c"));
  EXPECT_EQ(database.tree, "/tree");
  EXPECT_EQ(commands[0].directory, "/out");
  EXPECT_THAT(commands[0].arguments,
              ElementsAre("clang-19", "-Wp,-MMD,drivers/foo/.bar.o.d", "-include", "/tree/include/linux/kconfig.h",
                          "-D__KERNEL__", "-DX=$y#z", "-DKBUILD_MODNAME=\"bar\"", "-c", "-o", "drivers/foo/bar.o",
                          "/tree/drivers/foo/bar.c"));
}

TEST(KbuildCommand, BrokenFilesGiveNothing) {
  for (const char *text : {"", "\n", "savedcmd_", "savedcmd_a.o := ", "savedcmd_a.o := ;", "cmd_a.o := -D__KERNEL__ '",
                           "x := clang -D__KERNEL__ a.c", "savedcmd_a.o := \"\\", "deps_a.o := a.c"})
    EXPECT_THAT(parseKbuildCommand(text, "/out"), IsEmpty()) << text;
}

/// A database with one unit for each (kconfig.h, file).
std::string databaseOf(std::vector<std::pair<std::string, std::string>> units) {
  std::string text;
  for (const auto &[kconfig, file] : units)
    text += llvm::formatv(R"({0}{{"directory":"/tree/out","file":"{1}","command":"cc -include {2} x.c"})",
                          text.empty() ? "[" : ",", file, kconfig);
  return text + "]";
}

TEST_F(DatabaseTest, TreeIsWhereMostUnitsTakeKconfigFrom) {
  add("/a/compile_commands.json", databaseOf({{"../include/linux/kconfig.h", "../a.c"},
                                              {"/tree/include/linux/kconfig.h", "gen.c"},
                                              {"/elsewhere/include/linux/kconfig.h", "/elsewhere/m.c"}}));
  EXPECT_EQ(read("/a").tree, "/tree");
  add("/b/compile_commands.json",
      databaseOf({{"/z/include/linux/kconfig.h", "/1.c"}, {"/y/include/linux/kconfig.h", "/2.c"}}));
  EXPECT_EQ(read("/b").tree, "/y") << "the smaller name wins a tie";
}

TEST_F(DatabaseTest, TreeWithoutKconfigIsTheCommonFolder) {
  add("/a/compile_commands.json", databaseOf({{"k.h", "/x/one/a.c"}, {"k.h", "/x/onetwo/b.c"}}));
  EXPECT_EQ(read("/a").tree, "/x");
  add("/b/compile_commands.json", databaseOf({{"", "/t/a.c"}}));
  EXPECT_EQ(read("/b").tree, "/t");
}

TEST(RelativeToTree, OnlyForWhatLiesInIt) {
  EXPECT_EQ(relativeToTree("/tree/drivers/a.c", "/tree"), "drivers/a.c");
  EXPECT_EQ(relativeToTree("/tree2/a.c", "/tree"), "/tree2/a.c");
  EXPECT_EQ(relativeToTree("/tree/a.c", ""), "/tree/a.c");
  EXPECT_EQ(relativeToTree("/a.c", "/"), "a.c");
}

class SelectTest : public DatabaseTest {
protected:
  SelectTest() {
    add("/out/compile_commands.json",
        R"([{"directory":"/out","file":"gen.c","command":"cc -include /tree/include/linux/kconfig.h gen.c"},
            {"directory":"/out","file":"/tree/net/a.c","command":"cc"},
            {"directory":"/out","file":"/tree/net/b/c.c","command":"cc"}])");
  }
  std::vector<std::string> select(std::vector<std::string> paths) {
    CompileDatabase database = read("/out");
    auto selected = selectCommands(database, paths);
    if (selected)
      return pathsOf(*selected);
    return {"error: " + llvm::toString(selected.takeError())};
  }
};

TEST_F(SelectTest, FilesAndFolders) {
  EXPECT_THAT(select({}), ElementsAre("/out/gen.c", "/tree/net/a.c", "/tree/net/b/c.c"));
  EXPECT_THAT(select({"net/a.c"}), ElementsAre("/tree/net/a.c"));
  EXPECT_THAT(select({"net/b/"}), ElementsAre("/tree/net/b/c.c"));
  EXPECT_THAT(select({"/tree/net", "net/b"}), ElementsAre("/tree/net/a.c", "/tree/net/b/c.c"));
  EXPECT_THAT(select({"/out"}), ElementsAre("/out/gen.c"));
}

TEST_F(SelectTest, TypingErrorIsAnError) {
  EXPECT_THAT(select({"net", "net/b/d.c"}),
              ElementsAre(HasSubstr("error: net/b/d.c: no unit of /out/compile_commands.json")));
  EXPECT_THAT(select({"ne"}), ElementsAre(HasSubstr("/tree/ne")));
}

} // namespace
} // namespace bhlint
