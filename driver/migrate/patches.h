// A migration as mails that `git send-email` takes: one for each driver, with a message in the kernel's style that says
// what was changed, what changes with it, and what was verified.
#pragma once

#include "driver/migrate/migration.h"

namespace bhlint {

struct PatchMail {
  std::string name; ///< of the file: "0001-atm-fore200e-convert-tasklets-to-bh-workqueue.patch"
  std::string text;
};

/// One for each driver: groups whose edits share a file are one. `author`: "Name <address>", who also signs it off.
std::vector<PatchMail> patchMails(const MigrationResult &result, const std::string &author, const std::string &version);

} // namespace bhlint
