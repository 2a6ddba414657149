#include "driver/kbuild/record.h"

#include "driver/kbuild/compile_database.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/VirtualFileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bhlint {
namespace {

namespace fs = llvm::sys::fs;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A small Kbuild of our own with the parts that recording rests on: O=, prepare, descending with need-builtin=,
// if_changed*, and the lists of what a folder builds.
constexpr const char *topMakefile = R"mk(
MAKEFLAGS += -rR
ifndef sub_make_done
export sub_make_done := 1
export srctree := $(CURDIR)
.PHONY: __sub-make $(MAKECMDGOALS)
$(MAKECMDGOALS): __sub-make
	@:
__sub-make:
	@$(MAKE) -C $(O) -f $(srctree)/Makefile $(MAKECMDGOALS)
else
CC = no-such-compiler
export CC
.PHONY: FORCE
miniconfig:
	@echo 'CONFIG_MINI=y' > .config
prepare: FORCE
	@$(MAKE) -f $(srctree)/scripts/Makefile.build obj=scripts
.: prepare
	@$(MAKE) -f $(srctree)/scripts/Makefile.build obj=. need-builtin=1 need-modorder=1
%/: prepare FORCE
	@$(MAKE) -f $(srctree)/scripts/Makefile.build obj=$(@:/=) need-builtin=1 need-modorder=1
%.o: prepare FORCE
	@$(MAKE) -f $(srctree)/scripts/Makefile.build obj=$(patsubst %/,%,$(dir $@)) need-builtin=1 need-modorder=1 $@
endif
)mk";

constexpr const char *kbuildInclude = R"mk(
empty :=
space := $(empty) $(empty)
dot-target = $(dir $@).$(notdir $@)
make-cmd = $(subst ','\'',$(cmd_$(1)))
cmd = @set -e; $(cmd_$(1))
newer-prereqs = $(filter-out FORCE,$?)
cmd-check = $(if $(savedcmd_$@),,1)
if_changed = $(if $(newer-prereqs)$(cmd-check),$(cmd); printf '%s\n' 'savedcmd_$@ := $(make-cmd)' > $(dot-target).cmd,@:)
if_changed_rule = $(if $(newer-prereqs)$(cmd-check),$(rule_$(1)),@:)
)mk";

constexpr const char *makefileBuild = R"mk(
src := $(srctree)/$(obj)
$(obj)/:
include $(srctree)/scripts/Kbuild.include
include $(or $(wildcard $(src)/Kbuild),$(src)/Makefile)
subdir-ym := $(addprefix $(obj)/,$(patsubst %/,%,$(filter %/,$(obj-y) $(obj-m))))
real-obj-y := $(addprefix $(obj)/,$(filter %.o,$(obj-y)))
real-obj-m := $(addprefix $(obj)/,$(filter %.o,$(obj-m)))
always := $(addprefix $(obj)/,$(always-y))
targets-for-builtin := $(if $(need-builtin),$(obj)/built-in.a)
targets-for-modules := $(real-obj-m)
c_flags = -D__KERNEL__ -I$(src) -include $(srctree)/include/linux/kconfig.h -DKBUILD_MODNAME='"$(basename $(notdir $@))"'
cmd_cc_o_c = $(CC) $(c_flags) -c -o $@ $<
define rule_cc_o_c
	$(call cmd,cc_o_c)
	objtool $@
endef
$(obj)/%.o: $(src)/%.c FORCE
	$(call if_changed_rule,cc_o_c)
$(obj)/%.o: $(obj)/%.c FORCE
	$(call if_changed_rule,cc_o_c)
cmd_ar = $(AR) cr $@ $(real-obj-y)
$(obj)/built-in.a: $(real-obj-y) FORCE
	$(call if_changed,ar)
$(subdir-ym): FORCE
	@$(MAKE) -f $(srctree)/scripts/Makefile.build obj=$@ need-builtin=1 need-modorder=1
$(obj)/: $(targets-for-builtin) $(targets-for-modules) $(subdir-ym) $(always)
	@:
.PHONY: FORCE $(subdir-ym)
$(shell mkdir -p $(obj))
)mk";

// A source that is generated; a header made from objects, one made from that header, and a source made from it.
constexpr const char *netMakefile = R"mk(
obj-y := core.o sub/
obj-m := gen.o image.o
always-y := image.h late.h
cmd_gen = echo 'int x;' > $@
$(obj)/gen.c: FORCE
	$(call if_changed,gen)
cmd_image = nm $< > $@
$(obj)/image.h: $(obj)/core.o FORCE
	$(call if_changed,image)
cmd_late = cat $< > $@
$(obj)/late.h $(obj)/image.c: $(obj)/image.h FORCE
	$(call if_changed,late)
)mk";

class RecordTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(fs::createUniqueDirectory("bhlint-record-test", folder));
    // On some systems the temporary folder is a link.
    ASSERT_FALSE(fs::real_path(llvm::SmallString<128>(folder), folder));
    write("tree/Makefile", topMakefile);
    write("tree/scripts/Kbuild.include", kbuildInclude);
    write("tree/scripts/Makefile.build", makefileBuild);
    write("tree/scripts/Makefile", "always-y := prepared.h\n$(obj)/prepared.h:\n\t@echo > $@\n");
    write("tree/net/Makefile", netMakefile);
    write("tree/net/core.c", "");
    write("tree/net/sub/Makefile", "obj-m := deep.o\n");
    write("tree/net/sub/deep.c", "");
    write("tree/usb/Makefile", "obj-y := hub.o\n");
    write("tree/usb/hub.c", "");
    write("tree/empty/Makefile", "");
    write("out/.config", "CONFIG_MINI=y\n");
    request.tree = at("tree");
    request.build = at("out");
    request.jobs = 2;
  }

  void TearDown() override { fs::remove_directories(folder); }

  std::string at(llvm::StringRef name) const { return (folder + "/" + name).str(); }
  bool exists(llvm::StringRef name) const { return fs::exists(at(name)); }

  void write(llvm::StringRef name, llvm::StringRef text) {
    std::string file = at(name);
    fs::create_directories(llvm::sys::path::parent_path(file));
    std::error_code error;
    llvm::raw_fd_ostream(file, error) << text;
    ASSERT_FALSE(error) << error.message();
  }

  RecordOutcome record(std::vector<std::string> paths) {
    request.paths = std::move(paths);
    auto outcome = recordDatabase(request);
    if (!outcome) {
      ADD_FAILURE() << llvm::toString(outcome.takeError());
      return {};
    }
    return std::move(*outcome);
  }

  std::string error(std::vector<std::string> paths) {
    request.paths = std::move(paths);
    auto outcome = recordDatabase(request);
    return outcome ? "no error" : llvm::toString(outcome.takeError());
  }

  /// Of the database, relative to the temporary folder.
  std::vector<std::string> units() {
    std::vector<std::string> files;
    for (const CompileCommand &command : commands())
      files.push_back(relativeToTree(command.path(), folder));
    return files;
  }

  std::vector<CompileCommand> commands() {
    auto database = readCompileDatabase(*llvm::vfs::getRealFileSystem(), at("out"));
    if (!database) {
      ADD_FAILURE() << llvm::toString(database.takeError());
      return {};
    }
    return llvm::cantFail(selectCommands(*database, {}));
  }

  llvm::SmallString<128> folder;
  RecordRequest request;
};

TEST_F(RecordTest, WritesDownWhatKbuildWouldCompile) {
  RecordOutcome outcome = record({"net"});
  EXPECT_THAT(outcome.warnings, IsEmpty());
  EXPECT_EQ(outcome.recorded, 3u);
  EXPECT_EQ(outcome.total, 3u);
  EXPECT_EQ(outcome.database, at("out/compile_commands.json"));
  EXPECT_THAT(units(), ElementsAre("out/net/gen.c", "tree/net/core.c", "tree/net/sub/deep.c"));
  EXPECT_THAT(commands()[1].arguments,
              ElementsAre("no-such-compiler", "-D__KERNEL__", "-I" + at("tree/net"), "-include",
                          at("tree/include/linux/kconfig.h"), "-DKBUILD_MODNAME=\"core\"", "-c", "-o", "net/core.o",
                          at("tree/net/core.c")));
  EXPECT_EQ(commands()[1].directory, at("out"));
}

TEST_F(RecordTest, GeneratesSourcesButNoObjectsNorWhatNeedsThem) {
  record({"net"});
  EXPECT_TRUE(exists("out/scripts/prepared.h"));
  EXPECT_TRUE(exists("out/net/gen.c"));
  for (const char *name : {"out/net/core.o", "out/net/gen.o", "out/net/built-in.a", "out/net/image.h", "out/net/late.h",
                           "out/net/image.c"})
    EXPECT_FALSE(exists(name)) << name;
}

TEST_F(RecordTest, SingleFile) {
  EXPECT_EQ(record({"net/sub/deep.c"}).recorded, 1u);
  EXPECT_THAT(units(), ElementsAre("tree/net/sub/deep.c"));
}

TEST_F(RecordTest, AbsolutePath) { EXPECT_EQ(record({at("tree/usb/")}).total, 1u); }

TEST_F(RecordTest, WholeTree) {
  write("tree/Kbuild", "obj-y := net/ usb/\n");
  EXPECT_EQ(record({}).recorded, 4u);
  EXPECT_EQ(record({at("tree")}).total, 4u);
  EXPECT_EQ(record({"net", "."}).total, 4u);
}

TEST_F(RecordTest, MergesAndForgetsUnitsThatAreGone) {
  record({"net"});
  EXPECT_EQ(record({"usb"}).total, 4u);
  write("tree/net/Makefile", "obj-y := core.o\n");
  RecordOutcome outcome = record({"net"});
  EXPECT_EQ(outcome.recorded, 1u);
  EXPECT_EQ(outcome.total, 2u);
  EXPECT_THAT(units(), ElementsAre("tree/net/core.c", "tree/usb/hub.c"));
}

TEST_F(RecordTest, RecordsWhatIsBuiltAlready) {
  record({"usb"});
  write("out/usb/hub.o", "object");
  write("out/usb/.hub.o.cmd", "savedcmd_usb/hub.o := x\n");
  EXPECT_EQ(record({"usb"}).recorded, 1u);
}

TEST_F(RecordTest, TwoRunsWriteTheSameBytes) {
  record({"net", "usb"});
  auto first = llvm::MemoryBuffer::getFile(at("out/compile_commands.json"));
  fs::remove(at("out/compile_commands.json"));
  record({"usb", "net"});
  auto second = llvm::MemoryBuffer::getFile(at("out/compile_commands.json"));
  EXPECT_EQ((*first)->getBuffer(), (*second)->getBuffer());
}

TEST_F(RecordTest, WarnsWhenKbuildFailsSomewhere) {
  write("tree/usb/Makefile", "obj-y := hub.o lost.o\n");
  RecordOutcome outcome = record({"usb"});
  EXPECT_EQ(outcome.recorded, 1u);
  EXPECT_THAT(outcome.warnings, Contains(HasSubstr("No rule to make target 'usb/lost.o'")));
}

TEST_F(RecordTest, ErrorsSayWhatToDo) {
  EXPECT_THAT(error({"neet"}), HasSubstr("neet: is neither a folder nor a .c file of " + at("tree")));
  EXPECT_THAT(error({"net/Makefile"}), HasSubstr("net/Makefile: is neither a folder nor a .c file"));
  EXPECT_THAT(error({"../out"}), HasSubstr("../out: is neither a folder nor a .c file"));
  EXPECT_THAT(error({"empty"}), HasSubstr("Kbuild compiles nothing in empty/ with the configuration of " + at("out")));
  request.tree = at("out");
  EXPECT_THAT(error({}), HasSubstr("is not a kernel source tree"));
  request.tree = at("nowhere");
  EXPECT_THAT(error({}), HasSubstr(at("nowhere") + ": No such file"));
  request.tree = at("tree");
  request.build = at("new");
  EXPECT_THAT(error({}), HasSubstr(at("new") + ": No such file"));
  fs::create_directory(at("new"));
  EXPECT_THAT(error({}), HasSubstr("is not a configured build folder"));
}

TEST_F(RecordTest, DoesNotReplaceADatabaseThatItCannotRead) {
  write("out/compile_commands.json", "[{");
  EXPECT_THAT(error({"usb"}), HasSubstr("compile_commands.json"));
  auto text = llvm::MemoryBuffer::getFile(at("out/compile_commands.json"));
  EXPECT_EQ((*text)->getBuffer(), "[{");
}

TEST_F(RecordTest, RefusesAnotherTreeOrCompiler) {
  write("out/include/config/auto.conf.cmd", "ifneq \"$(srctree)\" \"/another/tree\"\n");
  EXPECT_THAT(error({"usb"}), HasSubstr("was configured for the tree /another/tree, not for " + at("tree")));
  write("out/include/config/auto.conf.cmd", "ifneq \"$(CC)\" \"bhlint-no-such-cc\"\n");
  write("out/.config", "CONFIG_CC_VERSION_TEXT=\"bhlint-no-such-cc 1.0\"\n");
  EXPECT_THAT(error({"usb"}), HasSubstr("bhlint-no-such-cc can't be run"));
  write("out/include/config/auto.conf.cmd", "ifneq \"$(CC)\" \"echo\"\n");
  EXPECT_THAT(error({"usb"}), HasSubstr("but echo is"));
}

TEST_F(RecordTest, ConfiguresANewFolder) {
  request.build = at("out2");
  request.configuration = "miniconfig";
  EXPECT_EQ(record({"usb"}).recorded, 1u);
  EXPECT_TRUE(exists("out2/.config"));
  request.build = at("out3");
  request.configuration = "nosuchconfig";
  EXPECT_THAT(error({"usb"}), HasSubstr("make nosuchconfig failed:"));
  request.configuration = "all; reboot";
  EXPECT_THAT(error({"usb"}), HasSubstr("is not a configuration goal"));
}

TEST_F(RecordTest, NamesThatMakeWouldTakeForSomethingElse) {
  for (const char *name : {"-k", "x=y", "a$(shell id)", "a b", "a:b", "a%"}) {
    fs::create_directory(at(("tree/" + llvm::StringRef(name)).str()));
    EXPECT_THAT(error({name}), HasSubstr("Kbuild can't build a folder of this name")) << name;
  }
}

} // namespace
} // namespace bhlint
