#!/usr/bin/env python3
"""The plugin in Debian's real clang-tidy-19 and run-clang-tidy-19.  tidy_test.py BHLINT PLUGIN CMAKE BUILD"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
TESTDATA = os.path.realpath(os.path.join(SOURCE, 'testdata'))
RULES = os.path.join(SOURCE, 'rules')
EDITED = os.path.join(SOURCE, 'driver', 'fix', 'cases', 'atomic')  # a file before and after its edits
LINE = re.compile(r'^(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<level>error|warning|note): (?P<text>.*?)'
                  r'(?: \[(?P<rule>[\w,-]+)\])?$')


def said(output, folder):
    """(file, line, column, level, text, rule) of each line in the compiler's form; files relative to the folder."""
    found = []
    for match in filter(None, map(LINE.match, output.splitlines())):
        file = os.path.relpath(os.path.join(folder, match['file']), folder)
        rule = match['rule'].replace('bhlint-', 'bh-') if match['rule'] else None
        level = 'note' if match['level'] == 'note' else 'finding'
        found.append((file, int(match['line']), int(match['column']), level, match['text'], rule))
    return found


class TidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        self.tree = os.path.join(self.folder, 'tree')
        shutil.copytree(TESTDATA, self.tree, ignore=shutil.ignore_patterns('*.expected'))

    def path(self, name):
        return os.path.join(self.tree, name)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name), encoding='utf-8') as file:
            return file.read()

    def replace(self, name, old, new):
        text = self.read(name)
        self.assertIn(old, text)
        self.write(name, text.replace(old, new, 1))

    def database(self, files, more=(), compiler='clang'):
        """As the kernel's gen_compile_commands.py writes it: one string for each command."""
        entries = []
        for file in files:
            module = os.path.splitext(os.path.basename(file))[0]
            flags = ['-std=gnu11', '-nostdinc', '-Iinclude', '-include', self.path('include/linux/kconfig.h'),
                     '-D__KERNEL__', '-DMODULE', f"-DKBUILD_MODNAME='\"{module}\"'", *more]
            entries.append({'command': ' '.join([compiler, *flags, '-c', '-o', module + '.o', self.path(file)]),
                            'directory': self.tree, 'file': self.path(file)})
        self.write('compile_commands.json', json.dumps(entries))

    def demo(self):
        return sorted(os.path.relpath(file, self.tree) for file in glob.glob(self.path('demo/*.c')))

    def run_program(self, words, environment=None, cwd=None):
        variables = {name: value for name, value in os.environ.items() if name != 'BHLINT_RULES'}
        return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                              cwd=cwd or self.tree, env={**variables, **(environment or {})})

    def tidy(self, *files, options=None, checks='-*,bhlint-*', arguments=(), environment=None):
        config = {'Checks': checks, 'CheckOptions': options or {}}
        return self.run_program(['clang-tidy-19', f'-load={PLUGIN}', '-p', self.tree, '--quiet',
                                 f'--config={json.dumps(config)}', *arguments, *map(self.path, files)], environment)

    def bhlint(self, *words):
        process = self.run_program([BHLINT, *words])
        self.assertLess(process.returncode, 2, process.stderr)
        return process.stdout

    def check(self, *arguments):
        return self.bhlint('check', '-p', self.tree, '--no-cache', '--tree', self.tree, '--edits', *arguments)

    def assert_says_what_check_says(self, process, *arguments):
        self.assertEqual(process.returncode, 0, process.stderr)
        expected = said(self.check(*arguments), self.tree)
        self.assertEqual(sorted(said(process.stdout, self.tree), key=str), sorted(expected, key=str))
        return expected

    def test_checks_are_the_rules(self):
        def listed(environment=None):
            process = self.tidy(arguments=['--list-checks'], environment=environment)
            return {line.strip() for line in process.stdout.splitlines()[1:] if line.strip()}
        rules = {os.path.basename(file)[3:-5] for file in glob.glob(os.path.join(RULES, 'bh-*.yaml'))}
        self.assertGreater(len(rules), 3)
        self.assertEqual(listed(), {'bhlint-' + rule for rule in rules})
        other = os.path.join(self.folder, 'rules')
        shutil.copytree(RULES, other)
        with open(os.path.join(RULES, 'bh-sleep-in-atomic.yaml'), encoding='utf-8') as file:
            text = file.read()
        with open(os.path.join(other, 'bh-nap-in-atomic.yaml'), 'w', encoding='utf-8') as file:
            file.write(text.replace('bh-sleep-in-atomic', 'bh-nap-in-atomic'))
        self.assertIn('bhlint-nap-in-atomic', listed({'BHLINT_RULES': other}))

    def test_each_unit_alone_and_all_in_one_process(self):
        files = self.demo()
        self.database(files)
        for file in files:
            with self.subTest(file):
                self.assert_says_what_check_says(self.tidy(file), file)
        together = self.tidy(*files)
        expected = said(self.check(), self.tree)
        self.assertEqual(len([one for one in expected if one[3] == 'finding']), 6)
        self.assertEqual(sorted(said(together.stdout, self.tree), key=str), sorted(expected, key=str))

    def test_run_clang_tidy(self):
        self.database(self.demo())
        process = self.run_program(['run-clang-tidy-19', '-clang-tidy-binary', 'clang-tidy-19', f'-load={PLUGIN}', '-p', self.tree,
                                    '-quiet', '-checks=-*,bhlint-*', '-j2', 'demo'])
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(sorted(said(process.stdout, self.tree), key=str), sorted(said(self.check(), self.tree), key=str))

    def test_named_from_anywhere(self):
        """The rules are found from where the plugin is, however its name is written."""
        self.database(self.demo()[:1])
        for plugin, folder in (os.path.basename(PLUGIN), os.path.dirname(PLUGIN)), (os.path.join(self.folder, 'link.so'), self.tree):
            if not os.path.exists(os.path.join(folder, plugin)):
                os.symlink(PLUGIN, plugin)
            name = plugin if os.path.isabs(plugin) else './' + plugin
            process = self.run_program(['clang-tidy-19', f'-load={name}', '--checks=-*,bhlint-*', '--list-checks'], cwd=folder)
            self.assertIn('bhlint-sleep-in-atomic', process.stdout, process.stderr)

    def test_installed(self):
        """An installation is complete: the plugin finds the rules in it, and `clang-tidy` finds the plugin."""
        prefix = os.path.join(self.folder, 'prefix')
        installed = self.run_program([CMAKE, '--install', BUILD, '--prefix', prefix])
        self.assertEqual(installed.returncode, 0, installed.stderr)
        self.database(self.demo())
        process = self.run_program([os.path.join(prefix, 'lib', 'bhlint', 'clang-tidy'), '-p', self.tree, '-checks=-*',
                                    *map(self.path, self.demo())])
        self.assert_says_what_check_says(process)
        self.assertIn('bhlint-', process.stdout)

    def test_in_the_place_of_clang_tidy(self):
        """As `make clang-tidy` calls it: scripts/clang-tools/run-clang-tools.py."""
        self.database(self.demo())
        wrapper = os.path.join(os.path.dirname(PLUGIN), 'bhlint', 'clang-tidy')
        process = self.run_program([wrapper, '-p', self.path('compile_commands.json'), '-checks=-*,linuxkernel-*',
                                    *map(self.path, self.demo())])
        self.assert_says_what_check_says(process)

    def test_one_check_only(self):
        self.database(self.demo())
        found = said(self.tidy(*self.demo(), checks='-*,bhlint-gfp-in-atomic').stdout, self.tree)
        self.assertEqual({one[5] for one in found if one[5]}, {'bh-gfp-in-atomic'})

    ACROSS = 'bh-sleep-in-atomic/across_files/'

    def test_facts_of_the_tree(self):
        both = [self.ACROSS + 'core.c', self.ACROSS + 'user.c']
        self.database(both)
        self.assertEqual(said(self.tidy(both[1]).stdout, self.tree), [])
        self.bhlint('facts', '-p', self.tree, '--no-cache', '--tree', self.tree, '-o', os.path.join(self.folder, 'facts'))
        options = {'bhlint-*.Facts': os.path.join(self.folder, 'facts')}
        expected = self.assert_says_what_check_says(self.tidy(both[1], options=options))
        self.assertIn(both[0], {one[0] for one in expected})  # a note in a file that the unit does not read
        # Findings of other units are told when these are looked at.
        self.assertEqual(said(self.tidy(both[0], options=options).stdout, self.tree), [])
        # The unit is as it is now, the others as they were.
        self.replace(both[1], '\tcore_power_down(c); // expect: bh-sleep-in-atomic\n', '')
        changed = said(self.tidy(both[1], options=options).stdout, self.tree)
        self.assertEqual([one[1] for one in changed if one[3] == 'finding'], [31])

    def test_contracts(self):
        both = [self.ACROSS + 'core.c', self.ACROSS + 'user.c']
        self.database(both)
        learned = os.path.join(self.folder, 'learned.json')
        self.bhlint('learn', '-p', self.tree, '--no-cache', '--tree', self.tree, '-o', learned)
        process = self.tidy(both[1], options={'bhlint-sleep-in-atomic.Contracts': learned})
        expected = self.assert_says_what_check_says(process, '--learned', learned, both[1])
        self.assertEqual([one[1] for one in expected if one[3] == 'finding'], [10, 32])
        self.assertEqual(self.tidy(both[1], options={'bhlint-*.Contracts': 'none', 'bhlint-*.Confidence': 'low'}).stdout, '')

    def test_confidence(self):
        swift = 'demo/bridge_swift.c'
        self.database([swift])
        for confidence, count in ('high', 0), ('medium', 1), ('low', 1):
            process = self.tidy(swift, options={'bhlint-*.Confidence': confidence})
            expected = self.assert_says_what_check_says(process, '--confidence', confidence)
            self.assertEqual(len([one for one in expected if one[3] == 'finding']), count)

    def test_comments_accept_findings(self):
        heron = 'demo/dma_heron.c'
        self.database([heron])
        whole = self.read(heron)
        for comment in '/* bhlint: allow(bh-mutex-in-atomic) a test says so */', '// NOLINTNEXTLINE(bhlint-mutex-in-atomic)':
            self.write(heron, whole.replace('\n\tmutex_lock(', f'\n\t{comment}\n\tmutex_lock(', 1))
            process = self.tidy(heron)
            self.assertEqual((process.stdout, process.returncode), ('', 0), process.stderr)
        self.write(heron, whole.replace('\n\tmutex_lock(', '\n\t/* bhlint: allow(bh-mutex-in-atomic) */\n\tmutex_lock(', 1))
        told = said(self.tidy(heron).stdout, self.tree)
        self.assertEqual(len([one for one in told if 'reason' in one[4]]), 1, told)
        self.assertIn('bh-mutex-in-atomic', [one[5] for one in told])

    STORK = 'demo/stork.c'

    def stork(self, more=()):
        """A unit with findings that have an edit, and some that don't."""
        shutil.copy(os.path.join(EDITED, 'before', 'driver.c'), self.path(self.STORK))
        self.database([self.STORK, *more])

    def assert_is_fixed(self):
        with open(os.path.join(EDITED, 'after', 'driver.c'), encoding='utf-8') as file:
            self.assertEqual(self.read(self.STORK), file.read())
        self.assert_compiles(self.STORK)

    def assert_compiles(self, name):
        compiled = self.run_program(['clang-19', '-Wall', '-Werror', '-std=gnu11', '-nostdinc', '-Iinclude', '-include',
                                     'include/linux/kconfig.h', '-D__KERNEL__', '-DMODULE', '-DKBUILD_MODNAME="stork"',
                                     '-fsyntax-only', name])
        self.assertEqual((compiled.returncode, compiled.stderr), (0, ''))

    def test_fix_its(self):
        """What --fix leaves compiles, and has only the findings that had no edit."""
        self.stork()
        before = self.assert_says_what_check_says(self.tidy(self.STORK), self.STORK)
        edits = [one for one in before if one[3] == 'note' and one[4].startswith('edit: ')]
        findings = [one for one in before if one[3] == 'finding']
        self.assertEqual((len(findings), len(edits)), (15, 9))
        fixed = self.tidy(self.STORK, arguments=['--fix'])
        self.assertEqual(fixed.returncode, 0, fixed.stderr)
        self.assert_is_fixed()
        left = self.assert_says_what_check_says(self.tidy(self.STORK), self.STORK)
        self.assertEqual(len([one for one in left if one[3] == 'finding']), 6)
        self.assertEqual([one for one in left if one[4].startswith('edit: ')], [])

    def test_fix_its_of_run_clang_tidy(self):
        """Several units at a time; `-fix` merges what they say with clang-apply-replacements."""
        self.stork(self.demo())
        process = self.run_program(['run-clang-tidy-19', '-clang-tidy-binary', 'clang-tidy-19', '-clang-apply-replacements-binary',
                                    'clang-apply-replacements-19', f'-load={PLUGIN}', '-p', self.tree, '-quiet',
                                    '-checks=-*,bhlint-*', '-fix', '-j2', 'demo/stork'])
        self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
        self.assert_is_fixed()

    def test_what_does_not_hold_is_no_fix_it(self):
        """A form that sleeps, too, and one that does not parse."""
        self.stork()
        whole = self.read(self.STORK)
        for form in 'GFP_NOIO', 'GFP_SOMETIMES':
            rules = os.path.join(self.folder, 'rules-' + form)
            shutil.copytree(RULES, rules)
            path = os.path.join(rules, 'fixes', 'atomic.yaml')
            self.write(path, self.read(path).replace('by: GFP_ATOMIC\n', f'by: {form}\n'))
            self.tidy(self.STORK, arguments=['--fix'], environment={'BHLINT_RULES': rules})
            fixed = self.read(self.STORK)
            self.assertNotIn(form, fixed)
            # Where one edit of the file does not parse, none is offered: which one it is, is not known.
            self.assertEqual('udelay(' in fixed, form == 'GFP_NOIO')
            self.write(self.STORK, whole)

    KNOT = 'demo/knot.c'

    def knot(self, more=''):
        """A unit that has its tasklets to itself: one whose handler sleeps, and one that is set up in the old way."""
        self.write(self.KNOT, '''#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>

struct knot {
	struct tasklet_struct task;
	struct tasklet_struct old;
	struct mutex mutex;
	int count;
};
''' + more + '''
static void knot_task(struct tasklet_struct *t)
{
	struct knot *knot = from_tasklet(knot, t, task);

	mutex_lock(&knot->mutex);
	knot->count++;
	mutex_unlock(&knot->mutex);
}

static void knot_old(unsigned long data)
{
	struct knot *knot = (struct knot *)data;

	knot->count--;
}

static irqreturn_t knot_irq(int irq, void *data)
{
	struct knot *knot = data;

	tasklet_schedule(&knot->task);
	tasklet_schedule(&knot->old);
	return IRQ_HANDLED;
}

int knot_probe(struct knot *knot)
{
	tasklet_setup(&knot->task, knot_task);
	tasklet_init(&knot->old, knot_old, (unsigned long)knot);
	return request_irq(7, knot_irq, 0, "knot", knot);
}

void knot_remove(struct knot *knot)
{
	free_irq(7, knot);
	tasklet_kill(&knot->task);
	tasklet_kill(&knot->old);
}
''')
        self.database([self.KNOT])

    def test_conversions(self):
        """--fix converts what the unit has to itself; what is left compiles, and has no finding."""
        self.knot()
        before = said(self.tidy(self.KNOT).stdout, self.tree)
        self.assertEqual({one[5] for one in before if one[3] == 'finding'}, {'bh-mutex-in-atomic', 'bh-legacy-api'})
        edits = [one for one in before if one[4].startswith('edit: ')]
        checked = said(self.check(self.KNOT, '--enable', 'bh-legacy-api'), self.tree)
        self.assertEqual(edits, [one for one in checked if one[4].startswith('edit: ')])
        self.assertEqual(len(edits), 2)
        self.assertEqual(self.tidy(self.KNOT, arguments=['--fix']).returncode, 0)
        text = self.read(self.KNOT)
        for made in ('#include <linux/workqueue.h>', 'struct work_struct task;', 'schedule_work(&knot->task);',
                     'queue_work(system_bh_wq, &knot->old);', 'from_work(knot, work, old)', 'cancel_work_sync(&knot->old);'):
            self.assertIn(made, text)
        self.assertNotIn('tasklet', text)
        self.assert_compiles(self.KNOT)
        self.assertEqual(self.tidy(self.KNOT).stdout, '')

    def test_what_others_may_use_is_not_converted(self):
        self.knot('\nextern struct tasklet_struct *knot_shared;\nvoid knot_share(struct knot *knot)\n{\n\tknot_shared = &knot->task;\n\tknot_shared = &knot->old;\n}\n')
        whole = self.read(self.KNOT)
        fixed = self.tidy(self.KNOT, arguments=['--fix'])
        self.assertIn('bhlint-mutex-in-atomic', fixed.stdout)
        self.assertEqual(self.read(self.KNOT), whole)

    def test_gcc_database_needs_sanitising(self):
        """Kbuild's options of gcc are errors to Clang-Tidy; `bhlint db --from` leaves those that parsing needs."""
        heron = 'demo/dma_heron.c'
        self.database([heron], more=['-fconserve-stack', '-mindirect-branch=thunk-extern', '-Wimplicit-fallthrough=5',
                                     '-fplugin=/nowhere/plugin.so'], compiler='gcc')
        self.assertIn('unknown argument', self.tidy(heron).stdout + self.tidy(heron).stderr)
        clean = os.path.join(self.folder, 'clean')
        self.bhlint('db', '--from', self.tree, '-o', clean)
        process = self.run_program(['clang-tidy-19', f'-load={PLUGIN}', '-p', clean, '--quiet', '--checks=-*,bhlint-*',
                                    self.path(heron)])
        self.assert_says_what_check_says(process)
        self.assertNotEqual(process.stdout, '')

    def test_wrong_options_are_told(self):
        heron = 'demo/dma_heron.c'
        self.database([heron])
        for options, message in (
                ({'bhlint-*.Confidence': 'sure'}, 'Confidence is high, medium or low, not sure'),
                ({'bhlint-*.Rules': '/nowhere'}, '/nowhere'),
                ({'bhlint-*.Contracts': '/nowhere.json'}, '/nowhere.json: No such file'),
                ({'bhlint-*.Facts': self.tree}, 'there is no shard of facts in this folder')):
            with self.subTest(message):
                process = self.tidy(heron, options=options)
                self.assertIn(message, process.stdout + process.stderr)
                self.assertNotIn('[bhlint-mutex-in-atomic]', process.stdout.replace('error: ' + message, ''))
        process = self.tidy(heron, environment={'BHLINT_RULES': '/nowhere'})
        self.assertIn('bhlint: error: ', process.stderr)

    def test_options_are_known_to_clang_tidy(self):
        self.write('.clang-tidy', 'Checks: "-*,bhlint-*"\nCheckOptions:\n'
                   '  bhlint-*.Confidence: medium\n  bhlint-sleep-in-atomic.Facts: /x\n')
        base = ['clang-tidy-19', f'-load={PLUGIN}', f'--config-file={self.path(".clang-tidy")}']
        process = self.run_program([*base, '--verify-config'])
        self.assertEqual((process.stdout.strip(), process.returncode), ('No config errors detected.', 0), process.stderr)
        dumped = self.run_program([*base, '--dump-config']).stdout
        self.assertRegex(dumped, r'bhlint-mutex-in-atomic.Confidence: +.?medium')
        self.assertRegex(dumped, r'bhlint-sleep-in-atomic.Facts: +.?/x')

    def test_other_languages_are_left_alone(self):
        self.write('demo/x.cc', 'struct X { virtual void f(); };\n')
        self.write('compile_commands.json', json.dumps([{'command': 'clang++ -c x.cc', 'directory': self.path('demo'),
                                                         'file': self.path('demo/x.cc')}]))
        process = self.tidy('demo/x.cc')
        self.assertEqual((process.stdout, process.returncode), ('', 0), process.stderr)


if __name__ == '__main__':
    BHLINT, PLUGIN = (os.path.abspath(file) for file in sys.argv[1:3])
    CMAKE, BUILD = sys.argv[3], os.path.abspath(sys.argv[4])
    unittest.main(argv=sys.argv[:1])
