#!/usr/bin/env python3
"""Tests what bench/precision prints for the rules' `measured:` lines."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def finding(fingerprint, rule, confidence='high'):
    return {'fingerprint': fingerprint, 'rule': rule, 'confidence': confidence, 'context': 'hard IRQ'}


class PrecisionTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def run_precision(self, *options):
        findings = self.write('findings.json', json.dumps({'findings': [
            finding('a', 'bh-x'), finding('b', 'bh-x'), finding('c', 'bh-x'), finding('d', 'bh-x', 'medium'), finding('e', 'bh-y')]}))
        triage = self.write('triage.yaml', ''.join(
            '- {fingerprint: %s, verdict: %s}\n' % row for row in (('a', 'real'), ('b', "'false'"), ('d', 'real'), ('gone', 'real'))))
        process = subprocess.run([sys.executable, os.path.join(HERE, 'precision'), findings, triage, *options],
                                 capture_output=True, text=True, check=True)
        return process.stdout

    def test_measured(self):
        """Of high confidence, and of what was found this time."""
        self.assertEqual(self.run_precision('--measured', '6.12', '--of', 'drivers'),
                         'bh-x.yaml: measured: {kernel: "6.12", tree: "drivers", findings: 3, judged: 2, real: 1}\n'
                         'bh-y.yaml: measured: {kernel: "6.12", tree: "drivers", findings: 1, judged: 0, real: 0}\n')

    def test_known_bugs(self):
        cases = self.write('corpus.json', json.dumps({'cases': [
            {'chain': True, 'finding': {'rule': 'bh-y'}}, {'chain': False}, {'chain': True, 'finding': {'rule': 'bh-z'}}]}))
        self.assertEqual(self.run_precision('--measured', '6.12', '--corpus', cases).splitlines()[1:], [
            'bh-y.yaml: measured: {kernel: "6.12", findings: 1, judged: 0, real: 0, cases: 1}',
            'bh-z.yaml: measured: {kernel: "6.12", findings: 0, judged: 0, real: 0, cases: 1}'])

    def test_one_rule(self):
        self.assertEqual([row['fingerprint'] for row in json.loads(self.run_precision('--rule', 'bh-x', '--list'))], ['c'])


if __name__ == '__main__':
    unittest.main()
