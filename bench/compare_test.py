#!/usr/bin/env python3
"""Tests how bench/compare sets places of other tools beside bhlint's, with tools that say what the test wants."""
import json
import os
import stat
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


class CompareTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text, isProgram=False):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        if isProgram:
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        return path

    def run_compare(self, *options):
        unit = self.write('tree/drivers/a/b.c', '')
        self.write('tree/drivers/c/d.c', '')
        self.write('out/compile_commands.json', json.dumps([
            {'directory': self.folder, 'file': path, 'command': 'cc -Iinclude -DX=1 -O2 -c %s' % path}
            for path in (unit, os.path.join(self.folder, 'tree/drivers/c/d.c'))]))
        findings = self.write('findings.json', json.dumps({'findings': [
            {'rule': 'bh-threaded-irq', 'file': 'drivers/a/b.c', 'line': 12, 'confidence': 'medium', 'chain': []},
            {'rule': 'bh-nested-context', 'file': 'drivers/a/b.c', 'line': 70, 'confidence': 'high', 'chain': []},
            {'rule': 'bh-teardown', 'file': 'drivers/c/d.c', 'line': 1, 'confidence': 'high', 'chain': []}]}))
        self.write('bin/spatch', '#!/bin/sh\ncase "$*" in *irqf_oneshot*) echo "$(pwd)/drivers/a/b.c:10:1-20: ERROR: no ONESHOT";;\n'
                                 '*flags*) echo "Fatal error: exception Timeout" >&2;; esac\n', True)
        self.write('bin/sparse', '#!/bin/sh\necho "%s:30:5: warning: context imbalance in \'f\' - wrong count at exit" >&2\n'
                                 'echo "%s:31:5: warning: something else" >&2\n' % (unit, unit), True)
        process = subprocess.run([sys.executable, os.path.join(HERE, 'compare'), '--tree', os.path.join(self.folder, 'tree'),
                                  '--build', os.path.join(self.folder, 'out'), '--findings', findings, '-j', '1', *options],
                                 capture_output=True, text=True, check=False,
                                 env=dict(os.environ, PATH=os.path.join(self.folder, 'bin') + ':' + os.environ['PATH']))
        return process

    def test_both_and_only(self):
        lines = self.run_compare('drivers/a').stdout.splitlines()
        self.assertEqual(lines[0], '1 units')
        rows = {line.split()[0]: line.split()[1:] for line in lines[2:9]}
        self.assertEqual(rows['misc/irqf_oneshot.cocci'], ['1', '1', '0', '0', 'high', '0'])
        self.assertEqual(rows['locks/flags.cocci'], ['0', '0', '0', '1', 'high', '1'], 'did not end on the file')
        self.assertEqual(rows['sparse'], ['1', '0', '1', '1', 'high', '0'])
        self.assertEqual(rows['free/devm_free.cocci'], ['0', '0', '0', '0', 'high', '0'], 'of another folder')
        self.assertIn('both: misc/irqf_oneshot.cocci: drivers/a/b.c:10: ERROR: no ONESHOT', lines)

    def test_one_tool(self):
        self.assertNotIn('irqf_oneshot.cocci: drivers', self.run_compare('--tool', 'sparse', 'drivers/a').stdout)

    def test_no_units(self):
        process = self.run_compare('drivers/x')
        self.assertEqual((process.returncode, process.stderr), (2, 'bench/compare: error: no units in drivers/x\n'))


if __name__ == '__main__':
    unittest.main()
