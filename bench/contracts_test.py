#!/usr/bin/env python3
"""Tests what bench/contracts says of rows and calls."""
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))

CALLBACKS = """\
set_handler() argument 1: line.handler
line.handler
  hardirq at core.c:10: enter() run()
port.start
  bhoff at core.c:20: begin()
  process at core.c:20: other()
port.stop
  process at core.c:30: end()
"""
RULES = """\
callbacks:
  - {functions: [set_handler], argument: 1, context: hardirq}
  - {functions: [set_handler], argument: 2, context: process}
ops:
  - {record: port, fields: [start, stop], context: atomic, confidence: medium}
  - {record: port, fields: [start, stop, flush], context: process}
"""


class ContractsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.mkdir(os.path.join(self.folder, 'contracts'))
        self.write('contracts/some.yaml', RULES)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), 'w', encoding='utf-8') as file:
            file.write(text)
        return file.name

    def run_contracts(self, callbacks, *options):
        return subprocess.run([sys.executable, os.path.join(HERE, 'contracts'), '--rules', self.folder, '--callbacks', callbacks, *options],
                              capture_output=True, text=True, check=False)

    def test_counts(self):
        process = self.run_contracts(self.write('callbacks', CALLBACKS))
        self.assertEqual(process.stdout, 'atomic   high    1 confirmed, 0 contradicted, 0 not seen\n'
                                         'atomic   medium  1 confirmed, 1 contradicted, 0 not seen\n'
                                         'process  high    1 confirmed, 1 contradicted, 2 not seen\n')
        self.assertEqual((process.returncode, process.stderr), (0, ''))

    def test_list(self):
        process = self.run_contracts(self.write('callbacks', CALLBACKS), '--list', 'contradicted')
        self.assertEqual(process.stdout.split('\natomic   high')[0],
                         'some.yaml: port.stop: atomic (medium) is contradicted\n'
                         '    process at core.c:30: end()\n'
                         'some.yaml: port.start: process (high) is contradicted\n'
                         '    bhoff at core.c:20: begin()\n'
                         '    process at core.c:20: other()')

    def test_bad_input(self):
        for callbacks in (self.write('other', 'something else\n'), os.path.join(self.folder, 'missing')):
            with self.subTest(callbacks=callbacks):
                process = self.run_contracts(callbacks)
                self.assertEqual((process.returncode, process.stdout), (2, ''))
                self.assertIn('bench/contracts: error: ', process.stderr)


if __name__ == '__main__':
    unittest.main()
