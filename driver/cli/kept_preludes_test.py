#!/usr/bin/env python3
"""Preludes are built once and kept in the cache: later runs use them as long as they hold, and say the same bytes as runs
without.  kept_preludes_test.py BHLINT"""
import collections
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

import demo_tree

Costs = collections.namedtuple('Costs', 'cached used built found')
STEPPING = '''
#include <linux/interrupt.h>
#include <linux/step.h>
static struct tasklet_struct %(name)s_tasklet;
static void %(name)s_task(struct tasklet_struct *t) { step(); }
void %(name)s_start(void) { tasklet_setup(&%(name)s_tasklet, %(name)s_task); }
'''
STEP = '''#ifndef STEP_H
#define STEP_H
#include <linux/delay.h>
static inline void step(void) { %s }
#endif
'''
CHANGED = ('\nvoid changed_one(void) { step(); }\n', '\nvoid changed_two(void) { step(); }\n', '\nvoid changed_three(void) { step(); }\n')


class KeptPreludesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.cache = os.path.join(self.folder, 'cache')
        self.tree, self.build = demo_tree.make(self.folder)
        demo_tree.write(self.tree, 'include/linux/step.h', STEP % '')
        self.names = [os.path.basename(name) for name in sorted(glob.glob(os.path.join(self.tree, 'demo', '*.c')))]
        self.names.remove('broken.c')
        for name in self.names:
            self.append(name, STEPPING % {'name': name[:-2] + '_stepping'})

    def append(self, name, text):
        path = os.path.join('demo', name)
        demo_tree.write(self.tree, path, demo_tree.read(self.tree, path) + text)

    def bhlint(self, *options):
        time.sleep(0.05)  # what is written within a tick of the clock before a run isn't put into the cache
        return subprocess.run([BHLINT, 'check', '-p', self.build, *options], capture_output=True, text=True, check=False)

    def check(self, *options):
        return self.bhlint('--cache', self.cache, *options)

    def costs(self, *options):
        stderr = self.check('--timings', *options).stderr
        found = re.search(r'(\d+) from the cache, (\d+) parsed with a prelude \((\d+) built, (\d+) from the cache\)', stderr)
        self.assertTrue(found, stderr)
        return Costs(*(int(number) for number in found.groups()))

    def assert_as_without(self, *options):
        """Facts and findings, after a run that has made them in some other way."""
        for more in (('--print', 'facts'), ('--format', 'json', '--confidence', 'low')):
            plain = self.bhlint('--no-cache', '--no-prelude', *more, *options)
            self.assertEqual(self.check(*more, *options).stdout, plain.stdout)
        return plain.stdout

    def preludes(self):
        return glob.glob(os.path.join(self.cache, 'preludes', '*', '*.p'))

    def cold(self):
        costs = self.costs()
        self.assertEqual(costs, (0, len(self.names), 1, 0))
        self.assertEqual(len(self.preludes()), 1)

    def test_one_unit_changed(self):
        self.cold()
        for change in CHANGED:
            self.append('net_lark.c', change)
            self.assertEqual(self.costs(), (len(self.names) - 1, 1, 0, 1))
            self.assert_as_without()
        self.assertEqual(len(self.preludes()), 1)

    def test_from_below_and_beside(self):
        """A run of one file finds what was built for the folder; a file in a folder below it does, too."""
        self.cold()
        self.append('net_lark.c', CHANGED[0])
        self.assertEqual(self.costs('demo/net_lark.c'), (0, 1, 0, 1))
        entries = json.loads(demo_tree.read(self.build, 'compile_commands.json'))
        entry = dict(entries[0], file='demo/below/new.c')
        entry['arguments'] = entry['arguments'][:-1] + ['demo/below/new.c']
        demo_tree.write(self.tree, 'demo/below/new.c', STEPPING % {'name': 'new'})
        demo_tree.write(self.build, 'compile_commands.json', json.dumps(entries + [entry]))
        self.assertEqual(self.costs('demo/below/new.c'), (0, 1, 0, 1))
        self.assert_as_without('demo/below')

    def test_other_units_of_the_same_shape(self):
        """All are parsed again, with commands that differ only in what no header looks at."""
        self.cold()
        entries = json.loads(demo_tree.read(self.build, 'compile_commands.json'))
        for entry in entries:
            entry['arguments'].insert(1, '-DKBUILD_OTHER')
        demo_tree.write(self.build, 'compile_commands.json', json.dumps(entries))
        self.assertEqual(self.costs(), (0, len(self.names), 0, 1))
        self.assert_as_without()
        for entry in entries:
            entry['arguments'].insert(1, '-DOTHER')
        demo_tree.write(self.build, 'compile_commands.json', json.dumps(entries))
        self.assertEqual(self.costs(), (0, len(self.names), 1, 0))
        self.assert_as_without()

    def test_a_header_changes(self):
        self.cold()
        demo_tree.write(self.tree, 'include/linux/step.h', STEP % 'msleep(10);')
        self.append('net_lark.c', CHANGED[0])
        self.assertEqual(self.costs('demo/net_lark.c'), (0, 0, 0, 0))
        self.assertIn('net_lark_stepping', self.assert_as_without('demo/net_lark.c'))
        self.assertEqual(self.costs(), (1, len(self.names) - 1, 1, 0))
        self.assert_as_without()
        self.append('net_lark.c', CHANGED[1])
        self.assertEqual(self.costs(), (len(self.names) - 1, 1, 0, 1))
        # And back: the first one holds again.
        demo_tree.write(self.tree, 'include/linux/step.h', STEP % '')
        self.assertEqual(self.costs(), (len(self.names) - 1, 1, 0, 1))
        self.assertNotIn('net_lark_stepping', self.assert_as_without())

    def test_a_header_appears_before_another(self):
        """Another file is the header now, while the one that was read is what it was."""
        entries = json.loads(demo_tree.read(self.build, 'compile_commands.json'))
        for entry in entries:
            entry['arguments'].insert(1, '-Iearly')
        demo_tree.write(self.build, 'compile_commands.json', json.dumps(entries))
        os.mkdir(os.path.join(self.tree, 'early'))
        self.cold()
        demo_tree.write(self.tree, 'early/linux/step.h', STEP % 'msleep(10);')
        self.assertEqual(self.costs(), (0, len(self.names), 1, 0))
        self.assertIn('net_lark_stepping', self.assert_as_without())

    def test_touched_headers(self):
        """Contents count, not times."""
        self.cold()
        for folder, _, names in os.walk(os.path.join(self.tree, 'include')):
            for name in names:
                os.utime(os.path.join(folder, name), (1, 1))
        self.append('net_lark.c', CHANGED[0])
        self.assertEqual(self.costs(), (len(self.names) - 1, 1, 0, 1))
        self.assert_as_without()

    def test_overlay(self):
        """What was built from replaced headers is for runs with the same ones only."""
        overlay = os.path.join(self.folder, 'overlay')
        demo_tree.write(overlay, 'include/linux/step.h', STEP % 'msleep(10);')
        self.assertEqual(self.costs('--overlay', overlay), (0, len(self.names), 1, 0))
        self.assertIn('net_lark_stepping', self.assert_as_without('--overlay', overlay))
        self.cold_again()
        self.assertNotIn('net_lark_stepping', self.assert_as_without())
        for options, has in ((('--overlay', overlay), True), ((), False)):
            self.append('net_lark.c', CHANGED[has])
            self.assertEqual(self.costs(*options), (len(self.names) - 1, 1, 0, 1))
            self.assertEqual('net_lark_stepping' in self.assert_as_without(*options), has)

    def cold_again(self):
        self.assertEqual(self.costs(), (0, len(self.names), 1, 0))

    def test_overlay_of_a_unit(self):
        self.cold()
        overlay = os.path.join(self.folder, 'overlay')
        demo_tree.write(overlay, 'demo/net_lark.c', demo_tree.read(self.tree, 'demo/net_lark.c') + CHANGED[0])
        self.assertEqual(self.costs('--overlay', overlay), (len(self.names) - 1, 1, 0, 1))
        self.assert_as_without('--overlay', overlay)

    def test_damaged(self):
        self.cold()
        for number, damage in enumerate((lambda content: content[:-1], lambda content: b'',
                                         lambda content: content[:9000] + bytes([content[9000] ^ 4]) + content[9001:])):
            for path in self.preludes():
                with open(path, 'rb') as file:
                    content = file.read()
                with open(path, 'wb') as file:
                    file.write(damage(content))
            self.append('net_lark.c', CHANGED[number])
            self.assertEqual(self.costs(), (len(self.names) - 1, 0, 0, 0))
            self.assertEqual(self.preludes(), [])
            self.assert_as_without()
            for name in self.names:
                self.append(name, CHANGED[number].replace('changed', name[:-2]))
            self.assertEqual(self.costs(), (0, len(self.names), 1, 0))
            self.assert_as_without()

    def test_slow_ways(self):
        self.assertEqual(self.costs('--no-prelude'), (0, 0, 0, 0))
        self.check('--no-cache')
        self.assertEqual(self.preludes(), [])
        self.append('net_lark.c', CHANGED[0])
        self.assertEqual(self.costs(), (len(self.names) - 1, 0, 0, 0))
        for name in self.names:
            self.append(name, CHANGED[1].replace('changed', name[:-2]))
        self.cold()
        self.append('net_lark.c', CHANGED[2])
        self.assertEqual(self.costs('--no-prelude'), (len(self.names) - 1, 0, 0, 0))

    def test_two_at_once(self):
        time.sleep(0.05)
        command = [BHLINT, 'check', '-p', self.build, '--cache', self.cache, '--format', 'json']
        runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
        said = [run.communicate() for run in runs]
        plain = self.bhlint('--no-cache', '--format', 'json')
        self.assertEqual(set(said), {(plain.stdout, plain.stderr)})
        self.append('net_lark.c', CHANGED[0])
        self.assertEqual(self.costs(), (len(self.names) - 1, 1, 0, 1))
        self.assert_as_without()

    def test_what_cannot_be_written(self):
        """One warning, and all the rest as always."""
        folder = os.path.join(self.cache, 'preludes')
        os.makedirs(folder)
        os.symlink('/proc/self', os.path.join(folder, 'tmp'))  # a folder in which nobody makes files
        process = self.check()
        self.assertEqual(process.stdout, self.bhlint('--no-cache').stdout)
        self.assertEqual(len(re.findall(r'preludes are not kept', process.stderr)), 1, process.stderr)
        self.append('net_lark.c', CHANGED[0])
        self.assertEqual(self.costs(), (len(self.names) - 1, 0, 0, 0))


if __name__ == '__main__':
    BHLINT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
