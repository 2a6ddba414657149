#!/usr/bin/env python3
"""Tests the arithmetic of bench/scale, and what it says of files that are none of bench/speed's."""
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest

SCALE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'scale')


def load():
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader('scale', SCALE)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('scale', loader))
    loader.exec_module(module)
    return module


class ScaleTest(unittest.TestCase):
    def test_fit(self):
        scale = load()
        fixed, each = scale.fit([(20, 12.0), (200, 30.0)])
        self.assertAlmostEqual(fixed, 10.0)
        self.assertAlmostEqual(each, 0.1)
        self.assertEqual(scale.fit([(200, 30.0)]), (0.0, 0.15))
        self.assertEqual(scale.fit([(200, 30.0), (200, 50.0)]), (0.0, 0.2))

    def test_cost(self):
        total, elapsed = load().cost(fixed=10.0, each=0.1, units=1000, builds=100, shards=5, cores=4, join=20.0)
        self.assertAlmostEqual(total, 100 * (50 + 100 + 20))
        self.assertAlmostEqual(elapsed, (10 + 20) / 4 + 20)

    def run_on(self, *contents):
        with tempfile.TemporaryDirectory() as folder:
            names = []
            for number, content in enumerate(contents):
                names.append(os.path.join(folder, '%d.json' % number))
                with open(names[-1], 'w', encoding='utf-8') as file:
                    file.write(content)
            return subprocess.run([sys.executable, SCALE, '--units', '1000', '--shards', '5', '--join', '20', *names],
                                  capture_output=True, text=True, check=False)

    def test_output(self):
        process = self.run_on(json.dumps({'units': 200, 'bhlint_cpu': 30.0}), json.dumps({'units': 20, 'bhlint_cpu': 12.0}))
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIn('fixed 10.0 CPU s, each 0.100 CPU s', process.stdout)
        self.assertIn('    5 shards:     4.7 CPU hours in all; one configuration takes 0.5 min', process.stdout)

    def test_wrong_input(self):
        for content in ('', '[]', '{"units": 3}'):
            process = self.run_on(content)
            self.assertEqual(process.returncode, 2)
            self.assertIn('0.json: this is no result of bench/speed --json', process.stderr)
        process = self.run_on(json.dumps({'units': 200, 'bhlint_cpu': 10.0}), json.dumps({'units': 20, 'bhlint_cpu': 12.0}))
        self.assertEqual(process.returncode, 2)
        self.assertIn('contradict each other', process.stderr)


if __name__ == '__main__':
    unittest.main()
