#include "driver/kbuild/database_index.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/VirtualFileSystem.h"
#include "gtest/gtest.h"

namespace bhlint {
namespace {

/// b.c is built twice, and both forms of a command occur; assembly is no unit.
constexpr llvm::StringLiteral text = R"json([
  {"directory": "/out", "file": "/tree/drivers/b.c", "arguments": ["cc", "-DB=\"{}\"", "/tree/drivers/b.c"]} ,
  {"directory": "/out", "file": "/tree/drivers/b.c", "arguments": ["cc", "-DB2", "/tree/drivers/b.c"]},
  {"directory": "/out", "file": "/tree/net/n.S", "arguments": ["cc", "/tree/net/n.S"]},
  {"directory": ".", "file": "../tree/net/a.c", "command": "cc -DA='x y' ../tree/net/a.c"}
])json";

class DatabaseIndexTest : public testing::Test {
protected:
  DatabaseIndexTest() {
    files.setCurrentWorkingDirectory("/");
    files.addFile("/out/compile_commands.json", 0, llvm::MemoryBuffer::getMemBufferCopy(text));
  }
  CompileDatabase whole() { return llvm::cantFail(readCompileDatabase(files, "/out")); }

  llvm::vfs::InMemoryFileSystem files;
};

TEST_F(DatabaseIndexTest, GivesTheCommandsThatTheWholeDatabaseGives) {
  CompileDatabase database = whole();
  DatabaseIndex index = *DatabaseIndex::of(database);
  for (const std::vector<std::string> &paths :
       {std::vector<std::string>{"drivers"}, {"net/a.c"}, {"/tree/net", "drivers/b.c"}, {"."}}) {
    std::optional<CompileDatabase> part = readIndexed(files, index, database.tree, paths);
    ASSERT_TRUE(part);
    EXPECT_EQ(llvm::cantFail(selectCommands(*part, paths)), llvm::cantFail(selectCommands(database, paths)));
  }
  EXPECT_EQ(readIndexed(files, index, database.tree, {"net"})->units.size(), 1u);
  EXPECT_TRUE(readIndexed(files, index, database.tree, {"nowhere"})->units.empty());
}

TEST_F(DatabaseIndexTest, ComesBackAsItWas) {
  DatabaseIndex index = *DatabaseIndex::of(whole());
  std::optional<DatabaseIndex> again = DatabaseIndex::read(index.write());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->source, "/out/compile_commands.json");
  EXPECT_EQ(again->tree, "/tree");
  EXPECT_EQ(again->entries, index.entries);
  std::string bytes = index.write();
  unsigned refused = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::optional<DatabaseIndex> part = DatabaseIndex::read(bytes.substr(0, size));
    refused += !part;
    EXPECT_TRUE(!part || part->entries == index.entries) << size; // the last bytes are padding
  }
  EXPECT_GT(refused, bytes.size() - 8);
}

/// Whoever keeps it has to see to that; but an index is never believed against what the file says.
TEST_F(DatabaseIndexTest, AnIndexOfAnotherFileIsOfNoUse) {
  CompileDatabase database = whole();
  DatabaseIndex index = *DatabaseIndex::of(database);
  DatabaseIndex beyond = index;
  beyond.entries.front().offset = text.size() + 100;
  EXPECT_FALSE(readIndexed(files, beyond, database.tree, {"."}));
  beyond = index;
  beyond.entries.front().size = ~0ull;
  EXPECT_FALSE(readIndexed(files, beyond, database.tree, {"."}));
  DatabaseIndex swapped = index;
  std::swap(swapped.entries.front().path, swapped.entries.back().path);
  EXPECT_FALSE(readIndexed(files, swapped, database.tree, {"."}));
  DatabaseIndex gone = index;
  gone.source = "/nowhere/compile_commands.json";
  EXPECT_FALSE(readIndexed(files, gone, database.tree, {"."}));
}

TEST_F(DatabaseIndexTest, OnlyOfAJsonFile) {
  EXPECT_EQ(jsonDatabaseFile(files, "/out"), "/out/compile_commands.json");
  EXPECT_EQ(jsonDatabaseFile(files, "out/compile_commands.json"), "/out/compile_commands.json");
  EXPECT_EQ(jsonDatabaseFile(files, "/nowhere"), "");
  files.addFile("/built/.x.o.cmd", 0,
                llvm::MemoryBuffer::getMemBufferCopy("savedcmd_x.o := cc -D__KERNEL__ -c -o x.o /tree/x.c\n"));
  EXPECT_EQ(jsonDatabaseFile(files, "/built"), "");
  EXPECT_FALSE(DatabaseIndex::of(llvm::cantFail(readCompileDatabase(files, "/built"))));
}

} // namespace
} // namespace bhlint
