#!/usr/bin/env python3
"""`bhlint kbuild` as make runs it, and `bhlint check` afterwards.  kbuild_command_test.py BHLINT

The makefile has the form of Kbuild's: $(CHECK) $(CHECKFLAGS) $(c_flags) $<, with the environment that Kbuild exports."""
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

import demo_tree

MAKEFILE = r'''
CHECKFLAGS := -D__linux__ -Dlinux -D__STDC__ -Wbitwise $(CF) --arch=x86 -mlittle-endian -m64
export CC CHECKFLAGS KBUILD_EXTMOD
c_flags = -Wp,-MMD,$(@D)/.$(@F).d -nostdinc -I../tree/include -include ../tree/include/linux/kconfig.h -std=gnu11 \
          -D__KERNEL__ -DMODULE -DKBUILD_MODNAME='"$(basename $(@F))"' -fconserve-stack -Wimplicit-fallthrough=5 -O2
all: $(OBJECTS)
demo/%.o: ../tree/demo/%.c
	$(CHECK) $(CHECKFLAGS) $(c_flags) $<
	touch $@
'''


class KbuildCommandTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        self.tree, self.database = demo_tree.make(self.folder)
        os.remove(os.path.join(self.tree, 'demo', 'broken.c'))
        subprocess.run(['sh', os.path.join(self.tree, 'demo', 'make-db'), self.database], check=True)
        self.build = os.path.join(self.folder, 'out')
        os.makedirs(os.path.join(self.build, 'demo'))
        demo_tree.write(self.build, 'Makefile', MAKEFILE)
        self.cache = os.path.join(self.folder, 'cache')

    def units(self):
        return sorted(os.path.splitext(os.path.basename(file))[0] for file in glob.glob(os.path.join(self.tree, 'demo', '*.c')))

    def make(self, options='', units=None, compiler='gcc', environment=None, more=()):
        objects = ' '.join(f'demo/{unit}.o' for unit in units or self.units())
        variables = {name: value for name, value in os.environ.items() if name not in ('BHLINT_RULES', 'MAKEFLAGS')}
        return subprocess.run(['make', '-s', '-j4', '-C', self.build, f'OBJECTS={objects}', f'CC={compiler}',
                               f'CHECK={BHLINT} kbuild --cache {self.cache} {options}', *more], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False, env={**variables, **(environment or {})})

    def check(self, database, *options):
        process = subprocess.run([BHLINT, 'check', '-p', database, *options], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, check=False)
        self.assertLess(process.returncode, 2, process.stderr)
        return process.stdout

    def facts(self):
        return sorted(glob.glob(os.path.join(self.cache, '*', '*.f')))

    def test_findings_at_once_and_the_whole_afterwards(self):
        for compiler in 'gcc', 'clang-19', 'ccache x86_64-linux-gnu-gcc-12':
            with self.subTest(compiler):
                process = self.make(compiler=compiler)
                self.assertEqual((process.returncode, process.stdout), (0, ''), process.stderr)
                expected = self.check(self.database, '--no-cache')
                lines = [line for line in expected.splitlines() if line.startswith('demo/')]
                self.assertGreater(len([line for line in lines if ' error: ' in line]), 3)
                self.assertEqual(sorted(process.stderr.splitlines()), sorted('../tree/' + line for line in lines))
                facts = self.facts()
                self.assertGreaterEqual(len(facts), len(self.units()))
                self.assertEqual(self.check(self.build, '--cache', self.cache), expected)
                # The result of all is new, and what one unit of them says of the tree's constants may be.
                self.assertLessEqual(len(set(self.facts()) - set(facts)), 2)
            for file in [*self.facts(), *glob.glob(os.path.join(self.build, 'demo', '*.o'))]:
                os.remove(file)

    def test_a_database_of_the_folder_is_completed(self):
        units = self.units()
        self.make(units=units[1:])
        with open(os.path.join(self.database, 'compile_commands.json'), encoding='utf-8') as file:
            entries = json.load(file)
        first = [entry for entry in entries if os.path.basename(entry['file']) == units[0] + '.c']
        self.assertEqual(len(first), 1)
        demo_tree.write(self.build, 'compile_commands.json', json.dumps(first))
        whole = self.check(self.database, '--no-cache')
        for _ in range(2):  # the second time, the cache knows more of the database
            self.assertEqual(self.check(self.build, '--cache', self.cache), whole)
            self.assertEqual(self.check(self.build, '--cache', self.cache, 'demo'), whole)

    def test_the_build_goes_on_unless_asked(self):
        demo_tree.write(self.tree, 'demo/broken.c', '#include "no_such_header.h"\n')
        for unit, status, message in (('usb_kestrel', 1, 'bh-uaccess-in-atomic'), ('broken', 2, 'no_such_header.h')):
            with self.subTest(unit):
                process = self.make(units=[unit])
                self.assertEqual(process.returncode, 0, process.stderr)
                self.assertIn(message, process.stderr)
                os.remove(os.path.join(self.build, 'demo', unit + '.o'))
                process = self.make('--strict', units=[unit])
                self.assertNotEqual(process.returncode, 0)
                self.assertIn(f'Error {status}', process.stderr)
        process = self.make(units=['net_lark'], environment={'BHLINT_RULES': '/nowhere'})
        self.assertEqual(process.returncode, 0)
        self.assertIn('bhlint: error: ', process.stderr)

    def test_confidence(self):
        self.assertNotIn('bridge_swift', self.make(units=['bridge_swift']).stderr)
        os.remove(os.path.join(self.build, 'demo', 'bridge_swift.o'))
        self.assertIn('bridge_swift.c:42:2: warning: ', self.make('--confidence medium', units=['bridge_swift']).stderr)
        os.remove(os.path.join(self.build, 'demo', 'bridge_swift.o'))
        demo_tree.write(self.tree, '.bhlint.yaml', 'version: 1\nconfidence: medium\n')
        self.assertIn('bridge_swift.c:42:2: warning: ', self.make(units=['bridge_swift']).stderr)

    def test_external_module(self):
        module = os.path.join(self.folder, 'module')
        os.mkdir(module)
        self.make(units=['usb_kestrel'], more=[f'KBUILD_EXTMOD={module}'])
        self.assertFalse(os.path.exists(os.path.join(self.build, '.bhlint')))
        self.assertIn('1 finding in 1 unit\n', self.check(module, '--cache', self.cache))

    def test_wrong_use(self):
        for arguments in [], ['--confidence', 'sure', '-D__KERNEL__', 'x.c'], ['-D__KERNEL__', '/nowhere/x.c']:
            process = subprocess.run([BHLINT, 'kbuild', *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                     text=True, check=False, cwd=self.folder)
            self.assertEqual(process.returncode, 2, process.stderr)
            self.assertIn('bhlint: error: ', process.stderr)


if __name__ == '__main__':
    BHLINT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
