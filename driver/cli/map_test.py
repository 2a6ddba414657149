#!/usr/bin/env python3
"""Tests `bhlint map` and `bhlint advise` on testdata/map/loom.c: what they print is what stands in loom.map, loom.dot,
loom.mermaid and loom.advice beside it. BLESS=1 writes those files.  map_test.py BHLINT"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
DATA = os.path.join(SOURCE, 'testdata', 'map')


class MapTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        shutil.copytree(os.path.join(SOURCE, 'testdata', 'include'), os.path.join(self.folder, 'include'))
        shutil.copy(os.path.join(DATA, 'loom.c'), self.folder)

    def bhlint(self, *arguments, module='loom', file='loom.c'):
        options = ['-std=gnu11', '-nostdinc', '-Iinclude', '-include', os.path.join(self.folder, 'include/linux/kconfig.h'),
                   '-D__KERNEL__', '-DMODULE', f'-DKBUILD_MODNAME="{module}"']
        database = [{'directory': self.folder, 'file': file, 'arguments': ['clang', *options, '-c', file]}]
        with open(os.path.join(self.folder, 'compile_commands.json'), 'w', encoding='utf-8') as out:
            json.dump(database, out)
        return subprocess.run([BHLINT, *arguments, '-p', self.folder, '--no-cache'], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)

    def compare(self, suffix, *arguments):
        process = self.bhlint(*arguments)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(process.stderr, '')
        golden = os.path.join(DATA, 'loom.' + suffix)
        if os.environ.get('BLESS'):
            with open(golden, 'w', encoding='utf-8') as out:
                out.write(process.stdout)
        with open(golden, encoding='utf-8') as expected:
            self.assertEqual(process.stdout, expected.read())

    def test_text(self):
        self.compare('map', 'map')

    def test_dot(self):
        self.compare('dot', 'map', '--format', 'dot')

    def test_mermaid(self):
        self.compare('mermaid', 'map', '--format', 'mermaid')

    def test_advice(self):
        self.compare('advice', 'advise')

    def advised(self, *arguments):
        process = self.bhlint('advise', *arguments)
        self.assertEqual(process.returncode, 0, process.stderr)
        parts = process.stdout.split('\n\n')
        return next(part for part in parts if part.startswith('  tasklet loom.weave:'))

    def trace(self, times, seconds):
        """One in which loom_weave() runs so many times in so many seconds."""
        path = os.path.join(self.folder, 'trace.txt')
        with open(path, 'w', encoding='utf-8') as out:
            for i in range(times):
                begin = 10 + i * seconds / (times - 1)
                for event, at in (('entry', begin), ('exit', begin + 0.000002)):
                    out.write(f'  <idle>-0 [000] d.s1. {at:.6f}: tasklet_{event}: tasklet=pool function=loom_weave\n')
        return path

    def test_a_measured_rate_decides(self):
        self.assertIn('recommended: threaded IRQ; a BH workqueue where', self.advised())
        seldom = self.advised('--trace', self.trace(100, 1))
        self.assertIn('measured:    100.0 per second; runs 2.0 us, at most 2.0 us', seldom)
        self.assertIn('recommended: threaded IRQ\n', seldom)
        self.assertIn('recommended: BH workqueue\n', self.advised('--trace', self.trace(2001, 0.1)))

    def test_what_a_trace_does_not_have_is_said(self):
        with open(os.path.join(self.folder, 'trace.txt'), 'w', encoding='utf-8') as out:
            out.write('  <idle>-0 [000] d.s1. 1.0: tasklet_entry: tasklet=pool function=other\n')
        text = self.advised('--trace', os.path.join(self.folder, 'trace.txt'))
        self.assertIn('measured:    it did not run', text)
        self.assertIn('recommended: threaded IRQ; a BH workqueue where', text)
        with open(os.path.join(self.folder, 'trace.txt'), 'w', encoding='utf-8') as out:
            out.write('nothing\n')
        process = self.bhlint('advise', '--trace', os.path.join(self.folder, 'trace.txt'))
        self.assertEqual((process.returncode, process.stdout), (2, ''))
        self.assertIn('no event of interrupts', process.stderr)

    @unittest.skipUnless(shutil.which('dot'), 'no Graphviz')
    def test_dot_is_what_graphviz_reads(self):
        for module in ('loom', 'l"oo\\m'):
            drawing = self.bhlint('map', '--format', 'dot', module=module).stdout
            subprocess.run(['dot', '-Tsvg', '-o', os.devnull], input=drawing, text=True, check=True)

    def test_names_do_not_end_what_they_stand_in(self):
        module = 'l</script>"]|;oom'
        self.assertNotIn('</script>"', self.bhlint('map', '--format', 'html', module=module).stdout)
        self.assertIn('["l#60;/script#62;#34;#93;#124;#59;oom"]', self.bhlint('map', '--format', 'mermaid', module=module).stdout)

    def test_nothing_to_draw(self):
        with open(os.path.join(self.folder, 'none.c'), 'w', encoding='utf-8') as file:
            file.write('int f(void);\nint f(void) { return 1; }\n')
        for command in (['map'], ['map', '--format', 'dot'], ['map', '--format', 'html'], ['advise']):
            process = self.bhlint(*command, file='none.c')
            self.assertEqual(process.returncode, 0)
            self.assertIn('no interrupt and no deferral', process.stderr)

    def test_what_is_wrong_is_said(self):
        self.assertIn('--format', self.bhlint('map', '--format', 'png').stderr)
        process = self.bhlint('map', 'nowhere.c')
        self.assertEqual(process.returncode, 2)
        self.assertIn('nowhere.c', process.stderr)
        process = self.bhlint('advise', '-o', '/nowhere/at/all')
        self.assertEqual(process.returncode, 2)
        self.assertIn('/nowhere/at/all: ', process.stderr)
        with open(os.path.join(self.folder, 'broken.c'), 'w', encoding='utf-8') as file:
            file.write('#include "no_such.h"\n')
        self.assertIn('1 of 1 units failed', self.bhlint('map', file='broken.c').stderr)


if __name__ == '__main__':
    BHLINT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
