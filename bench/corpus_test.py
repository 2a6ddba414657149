#!/usr/bin/env python3
"""Tests bench/corpus with an analyser that reports each line of a file on which `SLEEP` stands."""
import json
import os
import stat
import subprocess
import sys
import tempfile
import textwrap
import unittest

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'corpus')

# Reads the real files as `check` would, so that the edits, the overlay and the grouping are what is tested.
ANALYSER = r'''
import json, os, re, sys
arguments = sys.argv[1:]
option = lambda name: arguments[arguments.index(name) + 1] if name in arguments else None
tree, overlay, output = option('--tree'), option('--overlay'), option('-o')
paths = [a for i, a in enumerate(arguments[1:]) if not a.startswith('-') and not arguments[i].startswith('-')]
findings = []
for path in paths:
    if path == 'broken':
        sys.exit('broken on purpose')
    for name in sorted(os.listdir(os.path.join(tree, path))):
        file = os.path.join(path, name)
        if os.path.isdir(os.path.join(tree, file)):
            continue
        real = os.path.join(overlay or '', file)
        function = ''
        for line, text in enumerate(open(real if overlay and os.path.exists(real) else os.path.join(tree, file)), 1):
            function = (re.match(r'void (\w+)', text) or [0, function])[1]
            if 'SLEEP' in text:
                place = {'file': file, 'function': function, 'line': line}
                caller = {'file': file, 'function': 'caller', 'line': 1, 'what': ''}
                findings.append(dict(place, rule='r', column=1, sink='s', context='tasklet', message='m', root=caller,
                                     confidence='high' if 'HIGH' in text else 'low', chain=[caller],
                                     fingerprint=file + function + text.strip()))
json.dump({'findings': findings, 'units': {'analysed': 1, 'failed': []}}, open(output, 'w'))
sys.exit(1 if findings else 0)
'''


class CorpusTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.write('bhlint', '#!%s\n%s' % (sys.executable, ANALYSER))
        os.chmod(self.path('bhlint'), stat.S_IRWXU)
        self.write('compile_commands.json', '[]')
        self.write('tree/net/a.c', 'void caller\nvoid a\n  rest\n  lock\n  end\n')
        self.write('tree/net/b.c', 'void caller\nvoid b\n  rest\n  SLEEP HIGH known\n  lock\n')
        self.write('tree/usb/c.c', 'void caller\nvoid c\n  SLEEP right\n')
        self.edits = {}

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(textwrap.dedent(text))

    def case(self, id, file, function, line, edits=None, **more):
        if edits is not None:
            self.edits[id] = edits
        return dict({'id': id, 'file': file, 'function': function, 'line': line, 'set': 'test', 'kind': 'k', 'tier': 't',
                     'context_kind': 'c', 'depth': 1}, **more)

    def run_corpus(self, cases, negatives=(), status=0, more=()):
        self.write('cases.json', json.dumps({'cases': cases, 'hard_negatives': list(negatives)}))
        self.write('edits.json', json.dumps(self.edits))
        process = subprocess.run(
            [sys.executable, CORPUS, '--tree', self.path('tree'), '--build', self.path('compile_commands.json'), '--cases',
             self.path('cases.json'), '--bhlint', self.path('bhlint'), '--json', self.path('out.json'), '-j', '1', *more],
            capture_output=True, text=True, check=False)
        self.assertEqual(process.returncode, status, process.stderr)
        self.output, self.errors = process.stdout, process.stderr
        if not os.path.exists(self.path('out.json')):
            return None
        with open(self.path('out.json'), encoding='utf-8') as file:
            return json.load(file)

    def test_finds_a_bug_that_is_put_back(self):
        twin = {'file': 'net/a.c', 'function': 'a', 'line': 4}
        case = self.case('a', 'net/a.c', 'a', 5, [['net/a.c', 'lock', 'SLEEP HIGH', 1]], negative_twin=twin)
        result = self.run_corpus([case])
        self.assertEqual(result['totals']['recall'], {'cases': 1, 'place': 1, 'chain': 1, 'high': 1, 'high_place': 1})
        self.assertEqual(result['totals']['twins'], {'places': 1, 'reported': 0, 'reported_high': 0})
        self.assertNotIn('missed', self.output)

    def test_too_far_away_or_in_another_function_is_missed(self):
        edits = [['net/a.c', 'lock', 'SLEEP', 1]]
        result = self.run_corpus([self.case('far', 'net/a.c', 'a', 7, edits), self.case('other', 'net/a.c', 'x', 7, edits)])
        self.assertEqual(result['totals']['recall']['chain'], 0)
        self.assertIn('missed: far: net/a.c:7: a()', self.output)

    def test_a_step_of_the_chain_counts_apart(self):
        result = self.run_corpus([self.case('a', 'net/a.c', 'caller', 1, [['net/a.c', 'lock', 'SLEEP', 1]])])
        self.assertEqual(result['totals']['recall'], {'cases': 1, 'place': 0, 'chain': 1, 'high': 0, 'high_place': 0})

    def test_what_was_there_before_is_not_found(self):
        result = self.run_corpus([self.case('b', 'net/b.c', 'b', 4, [['net/b.c', 'rest', 'other', 1]])])
        self.assertEqual(result['totals']['recall']['chain'], 0)

    def test_a_case_without_edits_is_looked_for_in_the_tree(self):
        result = self.run_corpus([self.case('b', 'net/b.c', 'b', 4)])
        self.assertEqual(result['totals']['recall']['high'], 1)

    def test_false_alarms(self):
        twin = {'file': 'usb/c.c', 'function': 'c', 'line': 3}
        cases = [self.case('c', 'usb/c.c', 'c', 3, [['usb/c.c', 'right', 'wrong', 1]], negative_twin=twin),
                 self.case('d', 'usb/c.c', 'c', 3, [['usb/c.c', 'right', 'bad', 1]], negative_twin=dict(twin, may_report=True))]
        negative = {'id': 'n', 'file': 'net/b.c', 'function': 'b', 'line': 5}
        quiet = {'id': 'q', 'file': 'net/a.c', 'function': 'a', 'line': 4}
        result = self.run_corpus(cases, [negative, quiet])
        self.assertEqual(result['totals']['twins'], {'places': 1, 'reported': 1, 'reported_high': 0})
        self.assertEqual(result['totals']['hard_negatives'], {'places': 2, 'reported': 1, 'reported_high': 1})
        self.assertIn('twin reported: c', self.output)
        self.assertIn('hard negative reported: n', self.output)

    def test_one_run_serves_cases_of_different_files(self):
        cases = [self.case('a', 'net/a.c', 'a', 4, [['net/a.c', 'lock', 'SLEEP', 1]]),
                 self.case('b', 'net/b.c', 'b', 5, [['net/b.c', 'lock', 'SLEEP', 1]]),
                 self.case('b2', 'net/b.c', 'b', 3, [['net/b.c', 'rest', 'SLEEP', 1]])]
        result = self.run_corpus(cases)
        self.assertEqual([run['ids'] for run in result['runs']], [[], ['a', 'b'], ['b2']])
        self.assertEqual(result['totals']['recall']['place'], 3)

    def test_a_case_in_two_folders_has_both_checked(self):
        self.write('tree/net/sub/d.c', 'x')
        case = self.case('x', 'net/a.c', 'a', 4, [['net/a.c', 'lock', 'SLEEP', 1], ['usb/c.c', 'right', 'left', 1],
                                                  ['net/sub/d.c', 'x', 'y', 1]])
        self.assertEqual(self.run_corpus([case])['runs'][0]['folders'], ['net', 'usb'])

    def test_edits_that_do_not_fit(self):
        result = self.run_corpus([self.case('a', 'net/a.c', 'a', 4, [['net/a.c', 'lick', 'SLEEP', 1]])], status=2)
        self.assertIn('a: net/a.c: a snippet stands there 0 times, not 1', self.errors)
        self.assertEqual(result['totals']['recall'], {'cases': 1, 'place': 0, 'chain': 0, 'high': 0, 'high_place': 0})

    def test_a_run_that_fails(self):
        self.write('tree/broken/e.c', '')
        result = self.run_corpus([self.case('e', 'broken/e.c', 'e', 1), self.case('b', 'net/b.c', 'b', 4)], status=2)
        self.assertIn('broken on purpose', self.errors)
        self.assertEqual(result['totals']['recall']['place'], 1)

    def test_wrong_usage(self):
        self.run_corpus([], status=2, more=('--ids', 'nobody'))
        self.assertIn('no such id: nobody', self.errors)
        self.run_corpus([], status=2, more=('--bhlint', '/nonexistent'))
        self.assertIn('--bhlint: /nonexistent does not exist', self.errors)


if __name__ == '__main__':
    unittest.main()
