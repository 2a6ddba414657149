#!/usr/bin/env python3
"""A run with a filled cache says the same bytes as one without, whatever was changed in between, and does again only
what the change concerns.  warm_test.py BHLINT"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import demo_tree

RULES = os.path.join(demo_tree.SOURCE, 'rules')
FORMS = (('--format', 'text'), ('--format', 'json', '--confidence', 'low'), ('--strict',), ('demo/net_lark.c', 'demo/usb_kestrel.c'))
SLEEPING = '''
#include <linux/interrupt.h>
#include <linux/delay.h>
static struct tasklet_struct %(name)s_tasklet;
static void %(name)s_task(struct tasklet_struct *t) { %(step)s; }
void %(name)s_start(void) { tasklet_setup(&%(name)s_tasklet, %(name)s_task); }
'''


def sleeping(name, step='msleep(10)'):
    return SLEEPING % {'name': name, 'step': step}


class WarmTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.cache = os.path.join(self.folder, 'cache')
        self.tree, self.build = demo_tree.make(self.folder)
        self.units = len(json.loads(demo_tree.read(self.build, 'compile_commands.json')))

    def bhlint(self, command, *options):
        time.sleep(0.05)  # what is written within a tick of the clock before a run isn't put into the cache
        return subprocess.run([BHLINT, command, '-p', self.build, *options], capture_output=True, text=True, check=False)

    def check(self, *options):
        return self.bhlint('check', '--cache', self.cache, *options)

    def costs(self, *options):
        """Which stages a run had, and how many units it took from the cache."""
        stderr = self.check('--timings', *options).stderr
        stages = re.findall(r'^(\w+) +[\d.]+ +[\d.]+', stderr, re.M)
        self.assertIn('prepare', stages, stderr)
        return stages, int(re.search(r'units, (\d+) from the cache', stderr).group(1))

    def assert_same_bytes(self, *options):
        """Of a warm run, of the one after it, and of one without cache."""
        runs = [self.check(*options), self.check(*options), self.bhlint('check', '--no-cache', *options)]
        self.assertIn(runs[0].returncode, (0, 1, 2))
        for run in runs[1:]:
            self.assertEqual(runs[0].stdout, run.stdout)
            self.assertEqual(runs[0].stderr, run.stderr)
            self.assertEqual(runs[0].returncode, run.returncode)
        return runs[0].stdout

    def assert_parsed_again(self, count):
        """Of the units that parse at all; broken.c never comes from the cache."""
        stages, cached = self.costs()
        self.assertEqual(cached, self.units - 1 - count)
        self.assertIn('link', stages)

    def edit(self, name, old, new):
        text = demo_tree.read(self.tree, name)
        self.assertIn(old, text)
        demo_tree.write(self.tree, name, text.replace(old, new, 1))

    def append(self, name, text):
        demo_tree.write(self.tree, name, demo_tree.read(self.tree, name) + text)

    def results(self):
        return [os.path.join(folder, name) for folder, _, names in os.walk(self.cache) for name in names if name.endswith('.r')]

    def test_nothing_changed(self):
        for form in FORMS:
            self.assertIn('demo/net_lark.c', self.assert_same_bytes(*form) + demo_tree.read(self.tree, 'demo/net_lark.c'))
        stages, cached = self.costs()
        self.assertEqual(cached, self.units - 1)
        self.assertIn('results', stages)
        self.assertNotIn('link', stages)
        self.assertIn('link', self.costs('--no-result-cache')[0])
        self.assertIn('link', self.costs('--no-cache')[0])

    def test_other_commands(self):
        found = json.loads(self.check('--format', 'json').stdout)['findings'][0]['fingerprint']
        for command in (('explain', found), ('contexts', 'lark_poll')):
            warm = self.bhlint(*command[:1], '--cache', self.cache, *command[1:])
            plain = self.bhlint(*command[:1], '--no-cache', *command[1:])
            self.assertEqual((warm.stdout, warm.stderr), (plain.stdout, plain.stderr))
        for noun in ('facts', 'program', 'summaries', 'contexts'):
            self.assertEqual(self.check('--print', noun).stdout, self.bhlint('check', '--no-cache', '--print', noun).stdout)

    def test_one_unit_changed(self):
        self.check()
        self.append('demo/net_lark.c', sleeping('added'))
        self.assert_parsed_again(1)
        self.assertIn('added_task', self.assert_same_bytes())

    def test_changed_and_changed_back(self):
        before = self.check().stdout
        text = demo_tree.read(self.tree, 'demo/net_lark.c')
        self.append('demo/net_lark.c', sleeping('added'))
        self.assertNotEqual(self.check().stdout, before)
        demo_tree.write(self.tree, 'demo/net_lark.c', text)
        self.assertEqual(self.check().stdout, before)
        self.assertNotIn('link', self.costs()[0])

    def test_one_header_changed(self):
        """One that two units include, one of them through another header."""
        demo_tree.write(self.tree, 'demo/shared.h', 'static inline void step(void) { }\n')
        demo_tree.write(self.tree, 'demo/outer.h', '#include "shared.h"\n')
        self.append('demo/net_lark.c', '#include "shared.h"\n' + sleeping('near', 'step()'))
        self.append('demo/spi_wren.c', '#include "outer.h"\n' + sleeping('far', 'step()'))
        self.assertNotIn('near_task', self.check().stdout)
        demo_tree.write(self.tree, 'demo/shared.h', '#include <linux/delay.h>\nstatic inline void step(void) { msleep(10); }\n')
        self.assert_parsed_again(2)
        found = self.assert_same_bytes()
        self.assertIn('near_task', found)
        self.assertIn('far_task', found)
        self.append('demo/outer.h', '#define OUTER 1\n')
        self.assertEqual(self.costs()[1], self.units - 1 - 1)

    def test_a_header_appears_before_another(self):
        """Nothing that a unit has read changes, but it would read something else: a file in a folder searched earlier,
        and one in a folder that was not there at all."""
        demo_tree.write(self.tree, 'include/quiet/step.h', 'static inline void step(void) { }\n')
        self.append('demo/net_lark.c', '#include "quiet/step.h"\n' + sleeping('near', 'step()'))
        self.assertNotIn('near_task', self.check().stdout)
        demo_tree.write(self.tree, 'demo/quiet/step.h', '#include <linux/delay.h>\nstatic inline void step(void) { msleep(10); }\n')
        self.assert_parsed_again(1)
        self.assertIn('near_task', self.assert_same_bytes())

    def test_constants_of_the_tree(self):
        self.check()
        header = 'include/linux/gfp_types.h'
        text = demo_tree.read(self.tree, header)
        changed = re.sub(r'(#define\s+___GFP_DIRECT_RECLAIM\s+).*', r'\g<1>0u', text)
        self.assertNotEqual(text, changed)
        demo_tree.write(self.tree, header, changed)
        self.assert_same_bytes('--format', 'json', '--confidence', 'low')

    def test_rules_changed(self):
        rules = os.path.join(self.folder, 'rules')
        shutil.copytree(RULES, rules)
        self.check('--rules', rules)
        self.assertNotIn('link', self.costs('--rules', rules)[0])
        name = 'bh-mutex-in-atomic.yaml'
        demo_tree.write(rules, name, demo_tree.read(rules, name) + '# nothing that counts\n')
        self.assertIn('link', self.costs('--rules', rules)[0])
        contracts = os.path.join(rules, 'contracts')
        changed = 0
        for name in os.listdir(contracts):
            text = demo_tree.read(contracts, name)
            changed += 'msleep' in text
            demo_tree.write(contracts, name, text.replace('msleep', 'mssleep'))
        self.assertGreater(changed, 0)
        self.assert_same_bytes('--rules', rules)

    def test_learned_contracts(self):
        learned = os.path.join(self.folder, 'learned.json')
        process = self.bhlint('learn', '--cache', self.cache, '-o', learned)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.check('demo/net_lark.c')
        self.assert_same_bytes('demo/net_lark.c', '--learned', learned)
        demo_tree.write(self.folder, 'learned.json', '{')
        process = self.check('demo/net_lark.c', '--learned', learned)
        self.assertEqual(process.returncode, 2)
        self.assertIn('learned.json', process.stderr)

    def test_comments(self):
        self.append('demo/net_lark.c', sleeping('added'))
        self.assertIn('added_task', self.check().stdout)
        self.edit('demo/net_lark.c', 'msleep(10);', 'msleep(10); /* bhlint: allow(bh-sleep-in-atomic) a test */')
        self.assertNotIn('added_task', self.assert_same_bytes())
        self.edit('demo/net_lark.c', 'allow(bh-sleep-in-atomic) a test', 'allow(bh-sleep-in-atomc) a test')
        self.assertIn('added_task', self.assert_same_bytes())
        self.assertIn('did you mean', self.check().stderr)

    def test_overlay(self):
        before = self.check().stdout
        overlay = os.path.join(self.folder, 'overlay')
        os.makedirs(os.path.join(overlay, 'demo'))
        demo_tree.write(overlay, 'demo/net_lark.c',
                        demo_tree.read(self.tree, 'demo/net_lark.c') + sleeping('overlaid'))
        self.assertIn('overlaid_task', self.assert_same_bytes('--overlay', overlay))
        self.assertEqual(self.check().stdout, before)

    def test_confidence_and_place_of_the_output(self):
        output = os.path.join(self.folder, 'findings.json')
        shown = self.check('--format', 'json', '-o', output)
        self.assertFalse(shown.stdout)
        for options in (('--confidence', 'low'), ('--confidence', 'medium'), ()):
            self.assert_same_bytes(*options)
        self.assertEqual(self.check('--format', 'json').stdout, demo_tree.read(self.folder, 'findings.json'))

    def test_database_changed(self):
        self.check('demo')
        entries = json.loads(demo_tree.read(self.build, 'compile_commands.json'))
        self.append('demo/net_lark.c', '#ifdef EXTRA\n' + sleeping('extra') + '#endif\n')
        self.assertNotIn('extra_task', self.assert_same_bytes('demo'))
        for entry in entries:
            entry['arguments'].insert(1, '-DEXTRA')
        demo_tree.write(self.build, 'compile_commands.json', json.dumps(entries))
        self.assertIn('extra_task', self.assert_same_bytes('demo'))
        demo_tree.write(self.build, 'compile_commands.json', json.dumps(entries[1:]))
        self.assert_same_bytes('demo')
        gone = self.check(entries[0]['file'])
        self.assertEqual(gone.returncode, 2)
        self.assertEqual(gone.stderr, self.bhlint('check', '--no-cache', entries[0]['file']).stderr)
        demo_tree.write(self.build, 'compile_commands.json', json.dumps(entries)[:-40])
        broken = self.check('demo')
        self.assertEqual(broken.returncode, 2)
        self.assertEqual(broken.stderr, self.bhlint('check', '--no-cache', 'demo').stderr)

    def test_damaged_results(self):
        before = self.check().stdout
        self.assertEqual(len(self.results()), 1)
        for damage in (lambda content: content[:-1], lambda content: content[:40] + b'?' + content[41:], lambda content: b''):
            with open(self.results()[0], 'rb') as file:
                content = file.read()
            with open(self.results()[0], 'wb') as file:
                file.write(damage(content))
            stages, _ = self.costs()
            self.assertIn('link', stages)
            self.assertEqual(self.check().stdout, before)
            self.assertNotIn('link', self.costs()[0])


if __name__ == '__main__':
    BHLINT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
