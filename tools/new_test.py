#!/usr/bin/env python3
"""Tests that what tools/new writes is accepted: by the compiler, and by `bhlint rules lint`.

  tools/new_test.py BHLINT COMPILER LLVM-INCLUDE-FOLDER
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')


class NewTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        os.mkdir(os.path.join(self.root, 'tools'))
        shutil.copy(os.path.join(ROOT, 'tools', 'new'), os.path.join(self.root, 'tools'))
        for name in ('checkers', 'rules', 'runtime-model'):
            shutil.copytree(os.path.join(ROOT, name), os.path.join(self.root, name))
        os.symlink(os.path.join(ROOT, 'analysis'), os.path.join(self.root, 'analysis'))

    def run_new(self, *arguments):
        return subprocess.run([os.path.join(self.root, 'tools', 'new'), *arguments], capture_output=True, text=True, check=False)

    def assert_compiles(self, path):
        process = subprocess.run(
            [COMPILER, '-std=c++20', '-fsyntax-only', '-Wall', '-Wextra', '-Wno-unused-parameter', '-Werror', '-I', self.root,
             '-isystem', LLVM_INCLUDE, os.path.join(self.root, path)], capture_output=True, text=True, check=False)
        self.assertEqual(process.returncode, 0, process.stderr)

    def declare(self, path, line, before):
        """What tools/new leaves to be done by hand."""
        with open(os.path.join(self.root, path), 'r+', encoding='utf-8') as file:
            text = file.read()
            self.assertIn(before, text)
            file.seek(0)
            file.write(text.replace(before, line + '\n' + before, 1))

    def test_rule_is_valid(self):
        self.assertEqual(self.run_new('rule', 'bh-new-thing').returncode, 0)
        lint = subprocess.run([BHLINT, 'rules', 'lint', '--rules', os.path.join(self.root, 'rules')], capture_output=True,
                              text=True, check=False)
        self.assertEqual(lint.returncode, 0, lint.stdout + lint.stderr)
        with open(os.path.join(self.root, 'testdata/bh-new-thing/first.c'), encoding='utf-8') as file:
            self.assertIn('expect: bh-new-thing', file.read())

    def test_checker_compiles(self):
        self.assertEqual(self.run_new('checker', 'new_thing').returncode, 0)
        self.declare('checkers/checker.h', 'std::vector<Finding> checkNewThing(const Analysis &analysis);',
                     'std::vector<Finding> checkSleepInAtomic')
        self.assert_compiles('checkers/new_thing.cpp')

    def test_mechanism_compiles(self):
        self.assertEqual(self.run_new('mechanism', 'new_thing').returncode, 0)
        self.declare('runtime-model/mechanisms/mechanisms.h', 'extern const Mechanism newThingMechanism;',
                     'extern const Mechanism checksMechanism')
        self.assert_compiles('runtime-model/mechanisms/new_thing.cpp')

    def test_nothing_is_overwritten(self):
        process = self.run_new('checker', 'sleep_in_atomic')
        self.assertEqual(process.returncode, 2)
        self.assertIn('checkers/sleep_in_atomic.cpp exists already', process.stderr)

    def test_wrong_names(self):
        for arguments in (('rule', 'Bh_X'), ('checker', '../x'), ('mechanism', 'a b'), ('tool', 'x'), ('rule',)):
            self.assertEqual(self.run_new(*arguments).returncode, 2, arguments)


if __name__ == '__main__':
    BHLINT, COMPILER, LLVM_INCLUDE = sys.argv[1:]
    unittest.main(argv=sys.argv[:1])
