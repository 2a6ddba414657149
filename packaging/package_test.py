#!/usr/bin/env python3
"""Tests an installation: it works with no source tree, and shells complete its commands.

  package_test.py CMAKE BUILD SOURCE

What dpkg makes of it is tried with tools/test-package, which needs root and a Debian mirror."""
import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

COMPLETIONS = {'bash': 'share/bash-completion/completions/bhlint', 'fish': 'share/fish/vendor_completions.d/bhlint.fish',
               'zsh': 'share/zsh/vendor-completions/_bhlint'}

# What comes between a script and its arguments.
BEFORE_ARGUMENTS = {'bash': ['bash'], 'fish': []}


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.prefix = os.path.join(cls.folder.name, 'usr')
        subprocess.run([CMAKE, '--install', BUILD, '--prefix', cls.prefix], check=True, stdout=subprocess.DEVNULL)

    def run_it(self, *command):
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder.name,
                              env={'PATH': os.environ['PATH'], 'HOME': self.folder.name})

    def bhlint(self, *arguments):
        return self.run_it(self.installed('bin/bhlint'), *arguments)

    def installed(self, name):
        return os.path.join(self.prefix, name)

    def test_examples_are_checked(self):
        tree = os.path.join(self.folder.name, 'tree')
        shutil.copytree(self.installed('share/doc/bhlint/examples'), tree)
        database = os.path.join(self.folder.name, 'database')
        subprocess.run([os.path.join(tree, 'demo', 'make-db'), database], check=True)
        result = self.bhlint('check', '-p', database)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn('demo/dma_heron.c:41:2: error: mutex_lock() may sleep', result.stdout)
        self.assertIn('note: instead: workqueue or threaded IRQ', result.stdout)
        rules = self.bhlint('rules', 'list').stdout
        self.assertIn('bh-mutex-in-atomic', rules)

    def test_learned_contracts_are_installed(self):
        self.assertTrue(os.listdir(self.installed('share/bhlint/rules/kernel')))

    def test_nothing_names_the_sources(self):
        for folder, _, names in os.walk(self.prefix):
            for name in names:
                with open(os.path.join(folder, name), 'rb') as file:
                    self.assertNotIn((SOURCE + '/').encode(), file.read(), os.path.join(folder, name))

    def test_every_command_has_a_page(self):
        pages = self.installed('share/man/man1')
        if not os.path.isdir(pages):
            self.skipTest('built without man pages')
        commands = re.findall(r'^  ([a-z][a-z-]*) ', self.bhlint('--help').stdout.split('Subcommands:')[1], re.M)
        self.assertIn('check', commands)
        with gzip.open(os.path.join(pages, 'bhlint.1.gz'), 'rt', encoding='utf-8') as page:
            self.assertIn('may sleep where it must not', page.read())
        for command in commands:
            options = set(re.findall(r'(?<=[ ,])--[a-z][a-z-]*', self.bhlint(command, '--help').stdout))
            with gzip.open(os.path.join(pages, f'bhlint-{command}.1.gz'), 'rt', encoding='utf-8') as page:
                text = page.read().replace('\\-', '-')
            self.assertIn(f'bhlint-{command} -', text.replace('\\', ''))
            for option in options:
                self.assertIn(option, text)

    def completes(self, shell, lines, script):
        if not shutil.which(shell):
            self.skipTest(f'no {shell}')
        for line, expected in lines:
            process = self.run_it(shell, '-c', script, *BEFORE_ARGUMENTS[shell], self.installed(COMPLETIONS[shell]), line)
            self.assertEqual(process.stderr, '')
            self.assertEqual(sorted(word.split('\t')[0] for word in process.stdout.splitlines()), expected, line)

    LINES = [('bhlint chec', ['check']), ('bhlint check --confi', ['--confidence']),
             ('bhlint check --confidence hi', ['high']), ('bhlint rules l', ['lint', 'list']),
             ('bhlint model matrix --oper', ['--operation'])]

    def test_bash(self):
        script = ('source "$1"; read -ra COMP_WORDS <<<"$2"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _bhlint; '
                  r'printf "%s\n" "${COMPREPLY[@]}"')
        self.completes('bash', self.LINES, script)

    def test_fish(self):
        self.completes('fish', self.LINES, 'source $argv[1]; complete -C $argv[2]')

    def test_zsh(self):
        if not shutil.which('zsh'):
            self.skipTest('no zsh')
        process = self.run_it('zsh', '-fn', self.installed(COMPLETIONS['zsh']))
        self.assertEqual((process.returncode, process.stderr), (0, ''))


if __name__ == '__main__':
    CMAKE, BUILD, SOURCE = sys.argv[1:]
    unittest.main(argv=sys.argv[:1])
