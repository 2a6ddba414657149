#include "driver/kbuild/unit_record.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/VirtualFileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <thread>

namespace bhlint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

namespace fs = llvm::sys::fs;

/// A build folder on disk, with sources.
class UnitRecordTest : public testing::Test {
protected:
  UnitRecordTest() {
    llvm::SmallString<128> made;
    EXPECT_FALSE(fs::createUniqueDirectory("bhlint-unit-record", made));
    llvm::SmallString<128> real;
    EXPECT_FALSE(fs::real_path(made, real));
    build = real.str().str();
    write("a.c", "");
    write("b.c", "");
  }
  ~UnitRecordTest() override { fs::remove_directories(build); }

  void write(const std::string &name, llvm::StringRef text) {
    std::error_code error;
    llvm::raw_fd_ostream file(build + "/" + name, error);
    ASSERT_FALSE(error);
    file << text;
  }

  CompileCommand command(const std::string &file, const std::string &macro) {
    return {build, file, {"gcc", "-D" + macro, file}};
  }

  void record(const CompileCommand &command, llvm::StringRef output) {
    llvm::Error error = recordUnit(build, command, output);
    EXPECT_FALSE(static_cast<bool>(error)) << llvm::toString(std::move(error));
  }

  /// When the file was written, in seconds from now.
  void setAge(const std::string &name, int seconds) {
    int file = 0;
    ASSERT_FALSE(fs::openFileForWrite(build + "/" + name, file, fs::CD_OpenExisting, fs::OF_Append));
    auto time = std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now()) +
                std::chrono::seconds(seconds);
    EXPECT_FALSE(fs::setLastAccessAndModificationTime(file, time, time));
    fs::closeFile(file);
  }

  std::string error() {
    auto database = readCompileDatabase(*llvm::vfs::getRealFileSystem(), build);
    return database ? "none" : llvm::toString(database.takeError());
  }

  /// The second word of each unit's command, in the database's order.
  std::vector<std::string> macros(const std::string &path = "") {
    auto database = readCompileDatabase(*llvm::vfs::getRealFileSystem(), path.empty() ? build : path);
    if (!database)
      return {llvm::toString(database.takeError())};
    auto commands = selectCommands(*database, {});
    if (!commands)
      return {llvm::toString(commands.takeError())};
    std::vector<std::string> macros;
    for (const CompileCommand &one : *commands)
      macros.push_back(one.arguments[1]);
    return macros;
  }

  std::string database(const std::string &macro) {
    return R"([{"directory": ")" + build + R"(", "file": "a.c", "output": "a.o", "arguments": ["clang", "-D)" + macro +
           R"(", "a.c"]}])";
  }

  std::string build;
};

TEST_F(UnitRecordTest, IsADatabaseOfItsOwn) {
  record(command("b.c", "B"), "b.o");
  record(command("a.c", "A"), "a.o");
  EXPECT_THAT(macros(), ElementsAre("-DA", "-DB"));
}

TEST_F(UnitRecordTest, TheNextBuildTakesThePlace) {
  record(command("a.c", "OLD"), "a.o");
  record(command("a.c", "NEW"), "a.o");
  EXPECT_THAT(macros(), ElementsAre("-DNEW"));
}

TEST_F(UnitRecordTest, OneSourceForTwoObjects) {
  record(command("a.c", "ONE"), "one/a.o");
  record(command("a.c", "TWO"), "two/a.o");
  EXPECT_THAT(macros(), ElementsAre("-DONE", "-DTWO"));
}

TEST_F(UnitRecordTest, TheNewerOfTwoIsRight) {
  record(command("a.c", "RECORDED"), "a.o");
  record(command("b.c", "ONLY_RECORDED"), "b.o");
  write("compile_commands.json", database("DATABASE"));
  setAge("compile_commands.json", -100);
  EXPECT_THAT(macros(), ElementsAre("-DRECORDED", "-DONLY_RECORDED"));
  setAge("compile_commands.json", 100);
  EXPECT_THAT(macros(), ElementsAre("-DDATABASE", "-DONLY_RECORDED"));
}

TEST_F(UnitRecordTest, AFileThatIsNamedIsReadAlone) {
  record(command("b.c", "RECORDED"), "b.o");
  write("compile_commands.json", database("DATABASE"));
  EXPECT_THAT(macros(build + "/compile_commands.json"), ElementsAre("-DDATABASE"));
}

TEST_F(UnitRecordTest, AFolderWithRecordsIsNotOneFile) {
  write("compile_commands.json", database("DATABASE"));
  EXPECT_EQ(jsonDatabaseFile(*llvm::vfs::getRealFileSystem(), build), build + "/compile_commands.json");
  record(command("b.c", "RECORDED"), "b.o");
  EXPECT_EQ(jsonDatabaseFile(*llvm::vfs::getRealFileSystem(), build), "");
}

TEST_F(UnitRecordTest, WhatKbuildLeavesIsNotToldTwice) {
  write(".a.o.cmd", "savedcmd_a.o := gcc -DKBUILT -D__KERNEL__ -c -o a.o a.c\n");
  setAge(".a.o.cmd", -100);
  record(command("a.c", "RECORDED"), "a.o");
  EXPECT_THAT(macros(), ElementsAre("-DRECORDED"));
  setAge(".a.o.cmd", 100);
  EXPECT_THAT(macros(), ElementsAre("-DKBUILT"));
}

TEST_F(UnitRecordTest, SourcesThatAreGoneAreLeftOut) {
  record(command("a.c", "A"), "a.o");
  record(command("gone.c", "GONE"), "gone.o");
  EXPECT_THAT(macros(), ElementsAre("-DA"));
}

TEST_F(UnitRecordTest, ManyAtOnce) {
  // LLVM gives the first thread that makes a temporary file an alternate stack for signals, as long as it lives: that has to
  // be this one, as it is in the program.
  record(command("a.c", "A"), "same.o");
  std::vector<std::thread> makes;
  for (int make = 0; make < 4; ++make)
    makes.emplace_back([&, make] {
      for (int i = 0; i < 25; ++i) {
        record(command("a.c", "A"), "same.o");
        record(command("b.c", "B" + std::to_string(100 + 25 * make + i)), std::to_string(25 * make + i) + ".o");
      }
    });
  for (std::thread &make : makes)
    make.join();
  EXPECT_THAT(macros(), SizeIs(101));
}

TEST_F(UnitRecordTest, ADamagedRecordIsNamed) {
  record(command("a.c", "A"), "a.o");
  write(".bhlint/units/broken.json", "[{\"directory\": ");
  EXPECT_THAT(error(), HasSubstr(".bhlint/units/broken.json"));
}

} // namespace
} // namespace bhlint
