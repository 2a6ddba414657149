#include "driver/kbuild/settings.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/VirtualFileSystem.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bhlint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

KbuildSettings read(llvm::StringRef config, llvm::StringRef tested) {
  llvm::vfs::InMemoryFileSystem files;
  files.addFile("/out/.config", 0, llvm::MemoryBuffer::getMemBufferCopy(config));
  if (!tested.empty())
    files.addFile("/out/include/config/auto.conf.cmd", 0, llvm::MemoryBuffer::getMemBufferCopy(tested));
  auto settings = readKbuildSettings(files, "/out");
  if (!settings) {
    ADD_FAILURE() << llvm::toString(settings.takeError());
    return {};
  }
  return std::move(*settings);
}

TEST(KbuildSettings, OfAFolderConfiguredWithClang) {
  KbuildSettings settings =
      read("# Linux/x86 6.12.1 Kernel Configuration\nCONFIG_CC_VERSION_TEXT=\"Debian clang version 19.1.7\"\n",
           "autoconfig := include/config/auto.conf\n\nifneq \"$(ARCH)\" \"x86_64\"\n"
           "include/config/auto.conf: FORCE\nendif\nifneq \"$(CC)\" \"clang-19\"\nendif\n"
           "ifneq \"$(LD)\" \"ld.lld-19\"\nendif\nifneq \"$(srctree)\" \"..\"\n");
  EXPECT_THAT(settings.makeArguments, ElementsAre("ARCH=x86_64", "LLVM=-19"));
  EXPECT_EQ(settings.tree, "..");
  EXPECT_EQ(settings.compiler, "clang-19");
  EXPECT_EQ(settings.compilerVersion, "Debian clang version 19.1.7");
}

TEST(KbuildSettings, OfOtherCompilers) {
  auto arguments = [](std::string compiler, std::string linker, std::string more = "") {
    return read("x\n", "ifneq \"$(CC)\" \"" + compiler + "\"\nifneq \"$(LD)\" \"" + linker + "\"\n" + more)
        .makeArguments;
  };
  EXPECT_THAT(arguments("clang", "ld.lld"), ElementsAre("LLVM=1"));
  EXPECT_THAT(arguments("/opt/llvm/bin/clang", "/opt/llvm/bin/ld.lld"), ElementsAre("LLVM=/opt/llvm/bin/"));
  EXPECT_THAT(arguments("clang-18", "ld"), ElementsAre("CC=clang-18", "LD=ld"));
  EXPECT_THAT(arguments("clang", "ld.lld-19"), ElementsAre("CC=clang", "LD=ld.lld-19"));
  EXPECT_THAT(arguments("aarch64-linux-gnu-gcc", "aarch64-linux-gnu-ld"),
              ElementsAre("CROSS_COMPILE=aarch64-linux-gnu-"));
  EXPECT_THAT(arguments("gcc-12", "ld"), ElementsAre("CC=gcc-12", "LD=ld"));
  EXPECT_THAT(arguments("clang", "ld.lld", "ifneq \"$(CLANG_FLAGS)\" \"-fno-integrated-as\"\n"),
              ElementsAre("LLVM=1", "LLVM_IAS=0"));
}

TEST(KbuildSettings, OfAConfigThatKbuildHasNotSeen) {
  EXPECT_THAT(read("#\n# Linux/arm64 6.12.1 Kernel Configuration\n#\nCONFIG_CC_VERSION_TEXT=\"clang version 19.1.7\"\n"
                   "CONFIG_CC_IS_CLANG=y\nCONFIG_LD_IS_LLD=y\n",
                   "")
                  .makeArguments,
              ElementsAre("ARCH=arm64", "LLVM=-19"));
  EXPECT_THAT(read("# Linux/arm64 6.12.1 Kernel Configuration\n"
                   "CONFIG_CC_VERSION_TEXT=\"aarch64-linux-gnu-gcc (Debian 12.2.0-14) 12.2.0\"\n",
                   "")
                  .makeArguments,
              ElementsAre("ARCH=arm64", "CROSS_COMPILE=aarch64-linux-gnu-"));
  EXPECT_THAT(read("CONFIG_FOO=y\n", "").makeArguments, ElementsAre());
}

TEST(KbuildSettings, WithoutConfigSaysWhatToDo) {
  llvm::vfs::InMemoryFileSystem files;
  auto settings = readKbuildSettings(files, "/out");
  ASSERT_FALSE(static_cast<bool>(settings));
  std::string message = llvm::toString(settings.takeError());
  EXPECT_THAT(message, HasSubstr("/out: is not a configured build folder"));
  EXPECT_THAT(message, HasSubstr("bhlint db --config allmodconfig"));
}

TEST(CompilerOf, LaterAndMoreSpecificWins) {
  EXPECT_EQ(compilerOf({"LLVM=-19"}), "clang-19");
  EXPECT_EQ(compilerOf({"LLVM=1"}), "clang");
  EXPECT_EQ(compilerOf({"LLVM=/opt/bin/"}), "/opt/bin/clang");
  EXPECT_EQ(compilerOf({"CC=ccache clang", "LLVM=-19"}), "ccache clang");
  EXPECT_EQ(compilerOf({"CROSS_COMPILE=arm-linux-gnueabi-"}), "arm-linux-gnueabi-gcc");
  EXPECT_EQ(compilerOf({"ARCH=x86"}), "");
}

} // namespace
} // namespace bhlint
