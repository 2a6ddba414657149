"""Findings get edits: cases/NAME/, see ../migrate/case_tree.py."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'migrate'))

from case_tree import PROGRAM, SOURCE, Tree, check, read, run_cases, write  # noqa: E402


def refuse_what_does_not_hold():
    """A form that sleeps, too, and one that does not compile, are taken back."""
    for old, new, said in (('by: GFP_ATOMIC\n', 'by: GFP_NOIO\n', 'the finding is still there'),
                           ('by: GFP_ATOMIC\n', 'by: GFP_SOMETIMES\n', 'it does not parse')):
        with tempfile.TemporaryDirectory() as folder:
            rules = os.path.join(folder, 'rules')
            shutil.copytree(os.path.join(SOURCE, 'rules'), rules)
            path = os.path.join(rules, 'fixes', 'atomic.yaml')
            text = read(path)
            check(old in text, 'nothing was broken for: ' + said)
            write(path, text.replace(old, new, 1))
            told = Tree(folder, os.path.join(HERE, 'cases', 'atomic'), command='fix').run('--rules', rules)
            check(told.returncode == 1 and said in told.stdout, 'fix does not say: ' + said + ':\n' + told.stdout + told.stderr)


def carried_by_findings():
    """check --edits: the replacements make the same of a file as `fix` does, counted in bytes and in lines and columns."""
    case = os.path.join(HERE, 'cases', 'atomic')
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(folder, case, command='check')
        name = os.path.join(tree.drivers, 'driver.c')
        whole = '/* \u00e4\U0001f600 */ ' + read(name).replace('table = kmalloc(s', '/* \u00e4\U0001f600 */ table = kmalloc(s')
        write(name, whole)
        told = tree.run('--edits', '--format', 'json')
        check(told.returncode == 1, 'check --edits: ' + told.stderr)
        replacements = set()
        for finding in json.loads(told.stdout)['findings']:
            for one in finding.get('edit', {}).get('replacements', []):
                replacements.add((one['offset'], one['length'], one['line'], one['column'], one['endLine'], one['endColumn'], one['text']))
        text, characters, lines = whole.encode(), whole, whole.splitlines(keepends=True)
        starts = [sum(map(len, lines[:i])) for i in range(len(lines) + 1)]
        for offset, length, line, column, end_line, end_column, new in sorted(replacements, reverse=True):
            text = text[:offset] + new.encode() + text[offset + length:]
            characters = characters[:starts[line - 1] + column - 1] + new + characters[starts[end_line - 1] + end_column - 1:]
        tree.command = 'fix'
        tree.run('--in-place')
        check(read(name) != whole and text.decode() == read(name), 'offsets of --edits say something else than fix does')
        check(characters == read(name), 'columns of --edits say something else than fix does')


def settings_choose():
    """What check doesn't show has no edit."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(folder, os.path.join(HERE, 'cases', 'atomic'), {'.bhlint.yaml': 'version: 1\nrules:\n  bh-gfp-in-atomic: off\n'},
                    command='fix')
        told = tree.run()
        check('[bh-sleep-in-atomic]' in told.stdout and 'bh-gfp-in-atomic' not in told.stdout, 'settings are not heard:\n' + told.stdout)
        write(os.path.join(tree.drivers, '.bhlint.yaml'), 'version: 1\nrules: off\n')
        told = tree.run()
        check(told.returncode == 2 and '.bhlint.yaml:2:' in told.stderr, 'wrong settings are not told:\n' + told.stderr)


def chains_are_told():
    """In JSON, from what holds the lock to what sleeps."""
    with tempfile.TemporaryDirectory() as folder:
        told = Tree(folder, os.path.join(HERE, 'cases', 'owns'), command='fix').run('--format', 'json')
        report = json.loads(told.stdout)
        first = report['findings'][0]
        chain = [(step['function'], step['line']) for step in first['chain']]
        check(first['function'] == 'crow_request' and [name for name, _ in chain] == ['crow_probe', 'crow_probe', 'crow_request'] and
              chain[-1][1] == first['line'] and report['uncovered'] == [], 'chains: ' + told.stdout)


def failed_units_are_told():
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(folder, os.path.join(HERE, 'cases', 'atomic'), {'broken.c': '#include "nowhere.h"\n'}, command='fix')
        told = tree.run()
        check("drivers/birds/broken.c: " in told.stderr and "'nowhere.h' file not found" in told.stderr, 'a failed unit is not told:\n' + told.stderr)
        check('9 of 15 findings have an edit' in told.stdout, told.stdout)


def lint_rules():
    with tempfile.TemporaryDirectory() as folder:
        rules = os.path.join(folder, 'rules')
        shutil.copytree(os.path.join(SOURCE, 'rules'), rules)
        path = os.path.join(rules, 'fixes', 'atomic.yaml')
        text = read(path)
        for wrong, said in ((text.replace('replaces: GFP_NOIO', 'replaces: GFP_KERNEL'), "'GFP_KERNEL' has a row already"),
                            (text.replace('arguments: [0]', 'arguments: [first]', 1), "'first' is not the number of an argument"),
                            (text.replace('longest_poll:', 'longest_pole:', 1), "longest_pol")):
            check(wrong != text, 'nothing was broken for: ' + said)
            write(path, wrong)
            result = subprocess.run([PROGRAM, 'rules', 'lint', '--rules', rules], capture_output=True, text=True, check=False)
            check(result.returncode == 1 and said in result.stdout and 'atomic.yaml:' in result.stdout,
                  'lint does not say: ' + said + ':\n' + result.stdout)


run_cases(os.path.join(HERE, 'cases'), 'fix')
refuse_what_does_not_hold()
carried_by_findings()
settings_choose()
chains_are_told()
failed_units_are_told()
lint_rules()
sys.exit(1 if check.failed else 0)
