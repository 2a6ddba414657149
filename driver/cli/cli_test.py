#!/usr/bin/env python3
"""Tests the command line: exit statuses, where messages go, and how the rules are found.  cli_test.py BHLINT"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import demo_tree

RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'rules')


class CliTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def bhlint(self, *arguments, program=None, environment=None, stdout=subprocess.PIPE):
        variables = {name: value for name, value in os.environ.items() if name != 'BHLINT_RULES'}
        return subprocess.run([program or BHLINT, *arguments], stdout=stdout, stderr=subprocess.PIPE, text=True, check=False,
                              env={**variables, **(environment or {})})

    def assert_fails(self, message, *arguments, **how):
        process = self.bhlint(*arguments, **how)
        self.assertEqual(process.returncode, 2, process.stderr)
        self.assertIn('bhlint: error: ', process.stderr)
        self.assertIn(message, process.stderr)
        self.assertFalse(process.stdout)

    def rules_with(self, name, text):
        rules = os.path.join(self.folder, 'rules')
        shutil.copytree(RULES, rules)
        with open(os.path.join(rules, name), 'w', encoding='utf-8') as file:
            file.write(text)
        return rules

    def test_version_and_help(self):
        self.assertRegex(self.bhlint('--version').stdout, r'^bhlint \d+\.\d+\.\d+ \(LLVM 19\.')
        for arguments in (['--help'], ['check', '--help'], ['rules', 'show', '--help']):
            process = self.bhlint(*arguments)
            self.assertEqual(process.returncode, 0)
            self.assertIn('Usage: ', process.stdout)

    def test_usage(self):
        self.assert_fails('A subcommand is required')
        self.assert_fails('--database is required', 'check')
        self.assert_fails('--jobs', 'check', '-p', '/', '-j', '0')
        self.assert_fails('--sideways', 'rules', 'list', '--sideways')
        self.assert_fails('tcsh not in {bash,zsh,fish}', 'completion', 'tcsh')
        self.assert_fails('there is no file to check; Kbuild runs this as make C=1', 'kbuild')
        self.assert_fails('--build is required', 'db', '--tree', '/')
        self.assert_fails('is not VAR=VALUE: --eval', 'db', '--tree', '/', '--build', '/', '--make=--eval')

    def test_no_database(self):
        self.assert_fails('/nowhere: No such file', 'check', '-p', '/nowhere')
        self.assert_fails('no C unit is recorded here', 'check', '-p', self.folder)

    def test_no_tree(self):
        self.assert_fails('is not a kernel source tree', 'db', '--tree', self.folder, '--build', self.folder)

    def test_rules_beside_the_program(self):
        listed = self.bhlint('rules', 'list')
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertIn('bh-mutex-in-atomic', listed.stdout)
        program = os.path.join(self.folder, 'bhlint')
        os.symlink(BHLINT, program)
        self.assertEqual(self.bhlint('rules', 'list', program=program).stdout, listed.stdout)
        alone = os.path.join(self.folder, 'bin')
        os.mkdir(alone)
        shutil.copy(BHLINT, alone)
        program = os.path.join(alone, 'bhlint')
        self.assert_fails(os.path.join(self.folder, 'share/bhlint/rules'), 'rules', 'list', program=program)
        self.assertEqual(self.bhlint('rules', 'list', program=program, environment={'BHLINT_RULES': RULES}).stdout, listed.stdout)
        self.assertEqual(self.bhlint('rules', 'list', '--rules', RULES, program=program).stdout, listed.stdout)

    def test_show(self):
        self.assertIn('Why:', self.bhlint('rules', 'show', 'bh-mutex-in-atomic').stdout)
        listed = json.loads(self.bhlint('rules', 'list', '--format', 'json').stdout)['rules']
        shown = json.loads(self.bhlint('rules', 'show', 'bh-mutex-in-atomic', '--format', 'json').stdout)
        self.assertIn('why', shown)
        self.assertEqual([rule for rule in listed if rule['id'] == shown['id']], [{key: shown[key] for key in listed[0]}])
        self.assert_fails('did you mean bh-mutex-in-atomic?', 'rules', 'show', 'bh-mutex-in-atomc')

    def test_lint(self):
        self.assertEqual(self.bhlint('rules', 'lint').returncode, 0)
        rules = self.rules_with('bh-sleep-in-atomic.yaml', 'id: bh-sleep-in-atomic\ntitel: wrong\n')
        process = self.bhlint('rules', 'lint', '--rules', rules)
        self.assertEqual(process.returncode, 1)
        self.assertIn('bh-sleep-in-atomic.yaml:2:1: error: ', process.stdout)
        self.assert_fails('', 'rules', 'list', '--rules', rules)

    def test_explain(self):
        """By the place as check prints it, or by a fingerprint."""
        _, build = demo_tree.make(self.folder)
        options = ['-p', build, '--cache', os.path.join(self.folder, 'cache')]
        [place] = re.findall(r'^(demo/keys_finch.c:\d+):\d+: error: ', self.bhlint('check', *options).stdout, re.MULTILINE)
        told = self.bhlint('explain', *options, place)
        self.assertEqual(told.returncode, 1, told.stderr)
        [fingerprint] = re.findall(r'^fingerprint: (\w+)$', told.stdout, re.MULTILINE)
        self.assertEqual(self.bhlint('explain', *options, fingerprint[:12]).stdout, told.stdout)
        self.assert_fails('nothing is found there', 'explain', *options, place + '9')

    def test_columns_of_sarif(self):
        """They count characters; those of the other formats are the compiler's, which are bytes."""
        line = '\t/* \u00e4\u00f6\U0001f600 */ mutex_lock(&wide->big);'
        _, build = demo_tree.make(self.folder, {'wide.c': """#include <linux/mutex.h>
#include <linux/spinlock.h>
struct wide { spinlock_t lock; struct mutex big; };
void wide_take(struct wide *wide)
{
	spin_lock(&wide->lock);
%s
}
""" % line})

        def found(form):
            return json.loads(self.bhlint('check', '-p', build, '--no-cache', '--format', form, 'demo/wide.c').stdout)

        [finding] = found('json')['findings']
        self.assertEqual(line.encode()[finding['column'] - 1:][:11], b'mutex_lock(')
        [result] = found('sarif')['runs'][0]['results']
        for place in (result['locations'][0], result['codeFlows'][0]['threadFlows'][0]['locations'][-1]['location']):
            region = place['physicalLocation']['region']
            self.assertEqual(region['startLine'], finding['line'])
            self.assertTrue(line[region['startColumn'] - 1:].startswith('mutex_lock('), region)

    def test_output_that_cannot_be_written(self):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            process = self.bhlint('rules', 'list', stdout=full)
        self.assertEqual(process.returncode, 2)
        self.assertIn('standard output: ', process.stderr)


if __name__ == '__main__':
    BHLINT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
