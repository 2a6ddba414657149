#!/usr/bin/env python3
"""Runs bhlint on a slice of a real kernel: no crash, no failed unit, the same bytes whatever the way, and findings that
stand where the source has them. Which of them are right is judged elsewhere; this holds what must hold of all.

  kernel_slice_test.py BHLINT

The environment's BHLINT_KERNEL_TREE and BHLINT_KERNEL_BUILD name what tools/kernel has made; without them it is skipped.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

FOLDERS = ('drivers/net/ethernet/intel/e1000e', 'drivers/usb/class', 'drivers/tty/serial/8250', 'sound/core')
SKIPPED = 77


class KernelSliceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        recorded = subprocess.run([BHLINT, 'db', '--tree', TREE, '--build', BUILD, *FOLDERS], capture_output=True, text=True,
                                  check=False)
        assert recorded.returncode == 0, recorded.stderr
        assert 'warning' not in recorded.stderr, recorded.stderr
        cls.text = cls.check('first.json', '--no-cache', '-j', '1')
        cls.report = json.loads(cls.text)

    @classmethod
    def check(cls, name, *options):
        output = os.path.join(cls.folder.name, name)
        process = subprocess.run([BHLINT, 'check', '-p', BUILD, '--format', 'json', '-o', output, '--confidence', 'low',
                                  *options, *FOLDERS], capture_output=True, text=True, check=False)
        assert process.returncode in (0, 1), 'exit status %d: %s' % (process.returncode, process.stderr[-2000:])
        with open(output, encoding='utf-8') as file:
            return file.read()

    def test_every_unit_was_parsed(self):
        self.assertEqual(self.report['units']['failed'], [])
        self.assertGreater(self.report['units']['analysed'], 50)

    def test_the_same_bytes_whatever_the_way(self):
        self.assertEqual(self.text, self.check('jobs.json', '--no-cache', '-j', '2'))
        self.assertEqual(self.text, self.check('plain.json', '--no-cache', '--no-prelude', '-j', '2'))

    def lines(self, file):
        with open(os.path.join(TREE, file), encoding='utf-8', errors='replace') as source:
            return source.read().split('\n')

    def test_sinks_stand_where_findings_say(self):
        for finding in self.report['findings']:
            lines = self.lines(finding['file'])
            self.assertLessEqual(finding['line'], len(lines), finding)
            if finding['column'] == 1:
                continue  # a macro at file scope made the whole function; its line is all there is to point at
            if finding['sink'] == finding['root']['function']:
                continue  # a handler that may still come; the line is where its object goes
            self.assertRegex(lines[finding['line'] - 1], r'\b%s\b' % re.escape(finding['sink']), finding)

    def test_chains_are_complete(self):
        for finding in self.report['findings']:
            self.assertTrue(finding['chain'], finding)
            self.assertTrue(finding['root']['why'], finding)
            for step in finding['chain'] + [finding['root']]:
                self.assertTrue(os.path.isfile(os.path.join(TREE, step['file'])), step)
                self.assertGreater(step['line'], 0, step)

    def test_fingerprints_are_unique(self):
        fingerprints = [finding['fingerprint'] for finding in self.report['findings']]
        self.assertEqual(len(set(fingerprints)), len(fingerprints))


if __name__ == '__main__':
    BHLINT = sys.argv[1]
    TREE, BUILD = os.environ.get('BHLINT_KERNEL_TREE'), os.environ.get('BHLINT_KERNEL_BUILD')
    if not TREE or not BUILD:
        print('skipped: BHLINT_KERNEL_TREE and BHLINT_KERNEL_BUILD are not set; tools/kernel makes what they name')
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
