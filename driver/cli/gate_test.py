#!/usr/bin/env python3
"""Runs `bhlint gate` on series of patches to the demo drivers, in a git repository of its own.  gate_test.py BHLINT"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import demo_tree


def git(folder, *arguments, **how):
    environment = {**os.environ, 'GIT_CONFIG_GLOBAL': '/dev/null', 'GIT_CONFIG_NOSYSTEM': '1'}
    return subprocess.run(['git', '-C', folder, '-c', 'user.name=A Tester', '-c', 'user.email=tester@example.org', *arguments],
                          check=True, capture_output=True, text=True, env=environment, **how).stdout


SENSOR = '''// SPDX-License-Identifier: GPL-2.0
#include <linux/spinlock.h>
#include <linux/mutex.h>
#include "sensor.h"

struct sensor {
	spinlock_t lock;
	struct mutex big;
	int value;
};

static int sensor_settle(struct sensor *s)
{
	return s->value;
}

int sensor_read(struct sensor *s)
{
	int value;

	spin_lock(&s->lock);
	value = sensor_settle(s);
	sensor_note(value);
	spin_unlock(&s->lock);
	return value;
}
'''
CORE = '''// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include "sensor.h"

void sensor_note(int value)
{
	(void)value;
}
'''
HEADER = '''#ifndef SENSOR_H
#define SENSOR_H
struct sensor;
void sensor_note(int value);
int sensor_read(struct sensor *s);
#endif
'''


class GateTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.tree, self.build = demo_tree.make(self.folder, {'sensor.c': SENSOR, 'core.c': CORE, 'sensor.h': HEADER})
        git(self.folder, 'init', '-q', '-b', 'main', self.tree)
        git(self.tree, 'add', '.')
        git(self.tree, 'commit', '-q', '-m', 'base')
        git(self.tree, 'branch', 'base')

    def edit(self, name, old, new):
        text = demo_tree.read(self.tree, name)
        self.assertEqual(text.count(old), 1, (name, old))
        demo_tree.write(self.tree, name, text.replace(old, new))

    def commit(self, subject):
        git(self.tree, 'add', '-A')
        git(self.tree, 'commit', '-q', '-m', subject)

    def run_gate(self, *options, status=None):
        process = subprocess.run([BHLINT, 'gate', '-p', self.build, '--cache', os.path.join(self.folder, 'cache'), '--base', 'base',
                                  *options], capture_output=True, text=True, check=False)
        if status is not None:
            self.assertEqual(process.returncode, status, process.stdout + process.stderr)
        return process

    def gate(self, *options, status):
        return json.loads(self.run_gate('--format', 'json', *options, status=status).stdout)

    def add_direct_bug(self):
        self.edit('demo/sensor.c', '\tvalue = sensor_settle(s);\n', '\tmutex_lock(&s->big);\n\tvalue = sensor_settle(s);\n')
        self.commit('sensor: take the big lock')

    def line_of(self, name, text):
        return demo_tree.read(self.tree, name).split('\n').index(text) + 1

    def test_no_change(self):
        report = self.gate(status=0)
        self.assertEqual(report['findings'], [])
        self.assertEqual(report['gate']['patches'], [])

    def test_direct(self):
        self.add_direct_bug()
        report = self.gate(status=1)
        self.assertEqual([f['sink'] for f in report['findings']], ['mutex_lock'])
        line = self.line_of('demo/sensor.c', '\tmutex_lock(&s->big);')
        self.assertEqual(report['findings'][0]['introduced'], {'patch': 1, 'file': 'demo/sensor.c', 'line': line})
        self.assertGreater(report['gate']['known'], 0)

    def test_in_a_callee(self):
        self.edit('demo/sensor.c', '\treturn s->value;\n', '\tmutex_lock(&s->big);\n\treturn s->value;\n')
        self.commit('sensor: settle under the lock')
        found = self.gate(status=1)['findings']
        self.assertEqual([(f['function'], f['introduced']['patch']) for f in found], [('sensor_settle', 1)])

    def test_caused_by_another_file(self):
        """The finding's chain begins in a file that the patch leaves alone; it is shown at the line of the patch."""
        self.edit('demo/core.c', '\t(void)value;\n', '\tmsleep(value);\n')
        self.commit('core: wait')
        found = self.gate(status=1)['findings']
        self.assertEqual(len(found), 1)
        self.assertEqual(found[0]['introduced']['file'], 'demo/core.c')
        self.assertEqual(found[0]['introduced']['line'], self.line_of('demo/core.c', '\tmsleep(value);'))
        self.assertIn('demo/sensor.c', [found[0]['root']['file']])

    def test_through_a_header(self):
        self.edit('demo/sensor.h', 'void sensor_note(int value);\n',
                  '#include <linux/delay.h>\nstatic inline void sensor_note(int value)\n{\n\tmsleep(value);\n}\n')
        self.edit('demo/core.c', 'void sensor_note(int value)\n{\n\t(void)value;\n}\n', '')
        self.commit('sensor: note inline')
        found = self.gate(status=1)['findings']
        self.assertEqual([(f['file'], f['introduced']['file']) for f in found], [('demo/sensor.c', 'demo/sensor.h')])

    def test_new_file(self):
        demo_tree.write(self.tree, 'demo/fresh.c', SENSOR.replace('sensor_', 'fresh_').replace('fresh_note', 'sensor_note')
                        .replace('\treturn s->value;', '\tmutex_lock(&s->big);\n\treturn s->value;'))
        self.commit('fresh: new')
        report = self.gate(status=1)
        self.assertEqual([f['file'] for f in report['findings']], ['demo/fresh.c'])

    def test_series_names_the_patch(self):
        self.edit('demo/sensor.c', 'struct sensor {\n', '/* what it is */\nstruct sensor {\n')
        self.commit('sensor: comment')
        self.add_direct_bug()
        self.edit('demo/sensor.c', '/* what it is */\n', '/*\n * What it is\n */\n')
        self.commit('sensor: longer comment')
        report = self.gate(status=1)
        self.assertEqual([f['introduced']['patch'] for f in report['findings']], [2])
        self.assertEqual(report['findings'][0]['introduced']['line'], self.line_of('demo/sensor.c', '\tmutex_lock(&s->big);'))
        self.assertEqual([p['subject'] for p in report['gate']['patches']],
                         ['sensor: comment', 'sensor: take the big lock', 'sensor: longer comment'])

    def test_mended_within_the_series(self):
        self.add_direct_bug()
        self.edit('demo/sensor.c', '\tmutex_lock(&s->big);\n', '')
        self.commit('sensor: no lock')
        report = self.gate(status=0)
        self.assertEqual(report['findings'], [])
        self.assertEqual(len(report['gate']['transient']), 1)

    def test_fixed(self):
        """What was there and is gone is said; what was there and has moved is neither new nor fixed."""
        self.edit('demo/keys_finch.c', '\t\tmsleep(', '\t\tudelay(')
        self.commit('finch: do not sleep')
        report = self.gate(status=0)
        self.assertEqual([f['file'] for f in report['gate']['fixed']], ['demo/keys_finch.c'])

    def test_harmless(self):
        git(self.tree, 'mv', 'demo/keys_finch.c', 'demo/keys_hawk.c')
        self.commit('finch is a hawk')
        text = demo_tree.read(self.tree, 'demo/net_lark.c')
        demo_tree.write(self.tree, 'demo/net_lark.c', '/*\n * One\n * two\n */\n' + text)
        self.commit('lark: comment')
        text = demo_tree.read(self.tree, 'demo/uart_tern.c')
        demo_tree.write(self.tree, 'demo/uart_tern.c', text.replace('tern_queue_chunk', 'tern_enqueue'))
        self.commit('tern: rename a function')
        report = self.gate(status=0)
        self.assertEqual(report['findings'] + report['gate']['fixed'], [])

    def test_worktree(self):
        self.edit('demo/sensor.c', '\tvalue = sensor_settle(s);\n', '\tmutex_lock(&s->big);\n\tvalue = sensor_settle(s);\n')
        self.assertEqual(self.gate(status=0)['findings'], [])
        report = self.gate('--worktree', status=1)
        self.assertEqual([f['introduced']['patch'] for f in report['findings']], [1])
        self.assertEqual(report['gate']['head'], '')

    def mailbox(self):
        path = os.path.join(self.folder, 'series.mbox')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(git(self.tree, 'format-patch', '--stdout', '--cover-letter', 'base'))
        git(self.tree, 'checkout', '-q', 'base')
        return path

    def test_mailbox(self):
        self.edit('demo/sensor.c', 'struct sensor {\n', '/* what it is */\nstruct sensor {\n')
        self.commit('sensor: comment')
        self.add_direct_bug()
        before = os.listdir(os.path.join(self.tree, '.git', 'objects'))
        mailbox = self.mailbox()
        report = self.gate('--mbox', mailbox, status=1)
        self.assertEqual([f['introduced']['patch'] for f in report['findings']], [2])
        self.assertEqual(report['gate']['patches'][1],
                         {'commit': '', 'subject': 'sensor: take the big lock', 'author': 'A Tester <tester@example.org>'})
        self.assertEqual(git(self.tree, 'status', '--porcelain'), '')
        self.assertEqual(before, os.listdir(os.path.join(self.tree, '.git', 'objects')))

    def make_facts(self):
        """Of what is in the tree now, by somebody who has another cache."""
        facts = os.path.join(self.folder, 'facts')
        subprocess.run([BHLINT, 'facts', '-p', self.build, '--no-cache', '-o', facts], check=True, capture_output=True)
        return facts

    def parsed(self, *options, status):
        """The report without a cache, how many units were parsed, all states together, and what was said."""
        process = self.run_gate('--no-cache', '--timings', '--format', 'json', *options, status=status)
        units = re.search(r'^units of all states: (\d+) parsed, 0 from the cache', process.stderr, re.M)
        return json.loads(process.stdout), int(units.group(1)), process.stderr

    def test_facts_of_the_base(self):
        """The base's facts are brought along: only what the patch changes is parsed, and the findings are the same."""
        facts = self.make_facts()
        self.add_direct_bug()
        without, all_units, _ = self.parsed(status=1)
        report, parsed, said = self.parsed('--facts', facts, status=1)
        self.assertEqual(report, without)
        self.assertEqual([f['sink'] for f in report['findings']], ['mutex_lock'])
        self.assertEqual(parsed, 3)  # what the patch changes, and demo/broken.c of both states, which has no facts
        self.assertGreater(all_units, 15)
        self.assertNotIn('differ', said)

    def test_facts_of_another_revision(self):
        """What differs from the base, and who includes it, is parsed; facts of another configuration are of no use at all."""
        facts = self.make_facts()
        self.edit('demo/sensor.h', 'struct sensor;\n', '#include <linux/delay.h>\nstruct sensor;\nstatic inline void sensor_rest(void)\n'
                  '{\n\tmsleep(1);\n}\n')
        self.commit('sensor: rest')
        git(self.tree, 'branch', '-f', 'base')
        self.edit('demo/sensor.c', '\tvalue = sensor_settle(s);\n', '\tsensor_rest();\n\tvalue = sensor_settle(s);\n')
        self.commit('sensor: rest before it is read')
        report, parsed, said = self.parsed('--facts', facts, status=1)
        self.assertEqual([f['introduced']['file'] for f in report['findings']], ['demo/sensor.c'])
        self.assertEqual(parsed, 6)  # core.c, sensor.c and demo/broken.c of both states
        self.assertIn('1 file differs (demo/sensor.h)', said)
        self.edit('include/linux/kconfig.h', '/* Included', '#define OTHER 1\n/* Included')
        self.commit('another configuration')
        git(self.tree, 'branch', '-f', 'base')
        self.edit('demo/core.c', '\t(void)value;\n', '\tmsleep(value);\n')
        self.commit('core: wait')
        report, parsed, said = self.parsed('--facts', facts, status=1)
        self.assertGreater(parsed, 15)
        self.assertIn('another configuration', said)

    def test_facts_that_are_none(self):
        process = self.run_gate('--facts', self.tree, status=2)
        self.assertIn('there is no shard of facts in this folder', process.stderr)

    def test_tree_by_a_relative_name(self):
        self.add_direct_bug()
        process = subprocess.run([BHLINT, 'gate', '-p', self.build, '--no-cache', '--base', 'base', '--tree', 'tree'], cwd=self.folder,
                                 capture_output=True, text=True, check=False)
        self.assertEqual(process.returncode, 1, process.stderr)
        self.assertTrue(process.stdout.startswith('demo/sensor.c:'), process.stdout)

    def test_merge_base(self):
        git(self.tree, 'checkout', '-q', '-b', 'topic')
        self.add_direct_bug()
        git(self.tree, 'checkout', '-q', 'base')
        self.edit('demo/core.c', '\t(void)value;\n', '\tmsleep(value);\n')
        self.commit('core: wait')
        report = self.gate('--head', 'topic', status=1)
        self.assertEqual([(f['sink'], f['introduced']['patch']) for f in report['findings']], [('mutex_lock', 1)])

    def test_comment_and_settings(self):
        self.edit('demo/sensor.c', '\tvalue = sensor_settle(s);\n',
                  '\t/* bhlint: allow(bh-mutex-in-atomic) only at boot */\n\tmutex_lock(&s->big);\n\tvalue = sensor_settle(s);\n')
        self.commit('sensor: take the big lock')
        self.assertEqual(self.gate(status=0)['gate']['allowed'], 1)
        # A patch does not say what is said of it.
        self.edit('demo/sensor.c', ' only at boot', '')
        demo_tree.write(self.tree, '.bhlint.yaml', 'rules:\n  bh-mutex-in-atomic: off\n')
        self.commit('silence')
        process = self.run_gate(status=1)
        self.assertIn('has no effect without a reason', process.stderr)
        git(self.tree, 'branch', '-f', 'base', git(self.tree, 'rev-parse', 'HEAD').strip())
        self.edit('demo/core.c', '\t(void)value;\n', '\tmsleep(value);\n')
        self.commit('core: wait')
        self.assertEqual([f['sink'] for f in self.gate(status=1)['findings']], ['sensor_note'])

    def test_edits(self):
        """Edits are for the tree as the series leaves it; so are the columns of SARIF, which count characters."""
        self.edit('demo/sensor.c', '#include "sensor.h"\n', '#include "sensor.h"\n#include <linux/slab.h>\n')
        self.edit('demo/sensor.c', '\tvalue = sensor_settle(s);\n',
                  '\t/* \u00e4\U0001f600 */ last = kmalloc(sizeof(*last), GFP_KERNEL);\n\tif (!last)\n\t\tgoto out;\n'
                  '\tvalue = sensor_settle(s);\nout:\n')
        self.edit('demo/sensor.c', '\tint value;\n\n', '\tint value = 0, *last;\n\n')
        self.commit('sensor: remember')
        self.assertNotIn('edit', self.gate(status=1)['findings'][0])
        [found] = self.gate('--edits', status=1)['findings']
        self.assertIn('GFP_KERNEL becomes GFP_ATOMIC', found['edit']['what'])
        series = os.path.join(self.folder, 'series.mbox')
        with open(series, 'w', encoding='utf-8') as file:
            file.write(git(self.tree, 'format-patch', '--stdout', 'base'))
        lines = demo_tree.read(self.tree, 'demo/sensor.c').split('\n')
        git(self.tree, 'reset', '-q', '--hard', 'base')
        report = json.loads(self.run_gate('--mbox', series, '--edits', '--format', 'sarif', status=1).stdout)
        [result] = report['runs'][0]['results']
        [replacement] = result['fixes'][0]['artifactChanges'][0]['replacements']
        flow = result['codeFlows'][0]['threadFlows'][0]['locations']
        for region, text in ((replacement['deletedRegion'], 'GFP_KERNEL'), (flow[-1]['location']['physicalLocation']['region'], 'kmalloc(')):
            self.assertTrue(lines[region['startLine'] - 1][region['startColumn'] - 1:].startswith(text), (region, text))
        self.assertEqual(demo_tree.read(self.tree, 'demo/sensor.c').count('GFP_'), 0)

    def test_an_edit_of_where_the_call_is_made(self):
        self.add_direct_bug()
        self.assertIn('mutex_lock() moves before', self.gate('--edits', status=1)['findings'][0]['edit']['what'])

    def test_text_and_limit(self):
        self.add_direct_bug()
        text = self.run_gate('--format', 'text', status=1).stdout
        self.assertRegex(text, r'^demo/sensor\.c:\d+:\d+: error: mutex_lock\(\) may sleep')
        self.assertIn('note: brought by the patch, "sensor: take the big lock"', text)
        self.assertIn('\n1 new finding in 1 patch; 0 fixed, ', text)
        self.edit('demo/core.c', '\t(void)value;\n', '\tmsleep(value);\n')
        self.commit('core: wait')
        self.assertIn('\nand 1 more (--limit 0 shows all)\n', self.run_gate('--limit', '1', status=1).stdout)

    def test_errors(self):
        process = self.run_gate('--head', 'nowhere', status=2)
        self.assertIn("no commit is called 'nowhere'", process.stderr)
        with open(os.path.join(self.folder, 'x.mbox'), 'w', encoding='utf-8') as file:
            file.write('From x\nSubject: [PATCH] y\n\n---\n')
        self.assertIn('there is no patch in it', self.run_gate('--mbox', file.name, status=2).stderr)


if __name__ == '__main__':
    BHLINT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
