#!/usr/bin/env python3
"""Rules that are off by default: asked for by an option or by settings of a folder, else not looked for.  opt_in_test.py BHLINT"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import demo_tree

UNIT = """#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct opt { spinlock_t lock; struct workqueue_struct *wq; struct mutex big; };

void opt_setup(struct opt *opt)
{
	opt->wq = create_workqueue("opt");
	spin_lock(&opt->lock);
	mutex_lock(&opt->big);
	mutex_unlock(&opt->big);
	spin_unlock(&opt->lock);
}
"""
OPT_IN = 'bh-legacy-api'


class OptInTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree, self.build = demo_tree.make(folder.name, {'opt.c': UNIT})
        self.cache = os.path.join(folder.name, 'cache')

    def bhlint(self, command, *arguments):
        return subprocess.run([BHLINT, command, '-p', self.build, '--cache', self.cache, *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)

    def rules_of(self, *arguments):
        report = json.loads(self.bhlint('check', '--format', 'json', '--confidence', 'low', *arguments, 'demo/opt.c').stdout)
        return sorted(finding['rule'] for finding in report['findings'])

    def checkers_in(self, *arguments):
        """Those that have run, as --timings says; none where the findings were known."""
        text = self.bhlint('check', '--timings', *arguments, 'demo/opt.c').stderr
        return re.findall(r'^  ([a-z-]+) ', text, re.MULTILINE)

    def test_only_what_is_asked_for_is_computed(self):
        before = self.checkers_in('--no-result-cache')
        self.assertIn('lock-walk', before)
        self.assertNotIn('legacy-api', before)
        self.assertNotIn('shared-fields', before)
        self.assertIn('legacy-api', self.checkers_in('--no-result-cache', '--enable', OPT_IN))
        self.assertIn('shared-fields', self.checkers_in('--no-result-cache', '--enable', 'bh-unprotected-shared'))

    def test_a_known_result_is_of_the_same_question(self):
        self.assertEqual(self.rules_of(), ['bh-mutex-in-atomic'])
        self.assertEqual(self.rules_of('--enable', OPT_IN), [OPT_IN, 'bh-mutex-in-atomic'])
        self.assertEqual(self.rules_of(), ['bh-mutex-in-atomic'])
        self.assertEqual(self.checkers_in(), [])

    def test_settings_ask_too(self):
        demo_tree.write(self.tree, 'demo/.bhlint.yaml', 'version: 1\nrules:\n  %s: warning\n' % OPT_IN)
        self.assertEqual(self.rules_of(), [OPT_IN, 'bh-mutex-in-atomic'])
        demo_tree.write(self.tree, 'demo/.bhlint.yaml', 'version: 1\nrules:\n  %s: off\n' % OPT_IN)
        self.assertEqual(self.rules_of('--enable', OPT_IN), ['bh-mutex-in-atomic'])

    def test_mistakes_in_settings_are_told_without_findings(self):
        demo_tree.write(self.tree, 'demo/quiet/quiet.h', '\n')
        demo_tree.write(self.tree, 'demo/opt.c', 'int opt;\n')
        demo_tree.write(self.tree, 'demo/.bhlint.yaml', 'version: 1\nrules:\n  bh-nonsense: off\n')
        told = self.bhlint('check', 'demo/opt.c')
        self.assertEqual(told.returncode, 2, told.stderr)
        self.assertIn('demo/.bhlint.yaml:3', told.stderr)

    def test_explain_finds_what_is_off(self):
        line = UNIT.split('\n').index('\topt->wq = create_workqueue("opt");') + 1
        told = self.bhlint('explain', 'demo/opt.c:%d' % line, 'demo/opt.c')
        self.assertEqual(told.returncode, 1, told.stderr)
        self.assertIn(OPT_IN, told.stdout)

    def test_a_baseline_may_have_rules_that_are_off(self):
        report = json.loads(self.bhlint('check', '--format', 'json', '--enable', OPT_IN, 'demo/opt.c').stdout)
        entries = ''.join("  - fingerprint: '%s'\n    rule: %s\n    file: %s\n    function: %s\n    sink: %s\n" %
                          tuple(finding[key] for key in ('fingerprint', 'rule', 'file', 'function', 'sink'))
                          for finding in report['findings'])
        demo_tree.write(self.tree, 'baseline.yaml', 'version: 1\nfindings:\n' + entries)
        accepted = self.bhlint('check', '--baseline', os.path.join(self.tree, 'baseline.yaml'), 'demo/opt.c')
        self.assertEqual(accepted.returncode, 0, accepted.stdout + accepted.stderr)
        self.assertNotIn('matches no finding', accepted.stderr)
        changed = entries.replace("fingerprint: '", "fingerprint: '0")
        demo_tree.write(self.tree, 'baseline.yaml', 'version: 1\nfindings:\n' + changed)
        stale = self.bhlint('check', '--baseline', os.path.join(self.tree, 'baseline.yaml'), '--enable', OPT_IN, 'demo/opt.c')
        self.assertEqual(stale.stderr.count('matches no finding'), 2)


if __name__ == '__main__':
    BHLINT = sys.argv.pop(1)
    unittest.main()
