#!/usr/bin/env python3
"""Gates what a stranger may send: nothing of it runs, nothing is written or read outside, and every unit ends in time.

  gate_hostile_test.py BHLINT
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

import demo_tree
from gate_test import git, CORE, HEADER, SENSOR

SECONDS = '3'  # of CPU time for a unit
SECRET = 'not for patches'  # in no commit's name, and no other number either


class HostileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.tree, self.build = demo_tree.make(self.folder, {'sensor.c': SENSOR, 'core.c': CORE, 'sensor.h': HEADER})
        self.witness = os.path.join(self.folder, 'executed')
        git(self.folder, 'init', '-q', '-b', 'main', self.tree)
        git(self.tree, 'add', '.')
        git(self.tree, 'commit', '-q', '-m', 'base')
        git(self.tree, 'branch', 'base')

    def commit(self, **files):
        for name, text in files.items():
            demo_tree.write(self.tree, 'demo/' + name.replace('_dot_', '.'), text)
        git(self.tree, 'add', '-A')
        git(self.tree, 'commit', '-q', '-m', 'hostile')

    def gate(self, *options, status, seconds=SECONDS):
        outside = set(os.listdir(self.folder))
        process = subprocess.run([BHLINT, 'gate', '-p', self.build, '--cache', os.path.join(self.folder, 'cache'), '--base', 'base',
                                  '--unit-seconds', seconds, '--format', 'json', *options], capture_output=True, check=False)
        err = process.stderr.decode('utf-8', 'replace')
        self.assertEqual(process.returncode, status, err[-2000:])
        self.assertFalse(os.path.exists(self.witness), 'something of the patch was executed')
        self.assertLessEqual(set(os.listdir(self.folder)) - outside, {'cache'})
        return (json.loads(process.stdout) if status != 2 or process.stdout else None), err

    def test_compile_command(self):
        """Options that load code don't reach Clang, whoever has written the database."""
        database = os.path.join(self.build, 'compile_commands.json')
        with open(database, encoding='utf-8') as file:
            entries = json.load(file)
        for entry in entries:
            entry['arguments'][1:1] = ['-fplugin=/tmp/evil.so', '-Xclang', '-load', '-Xclang', '/tmp/evil.so', '-o', self.witness,
                                       '-MD', '-MF', self.witness, '@' + self.witness, '-DX=$(touch %s)' % self.witness]
        with open(database, 'w', encoding='utf-8') as file:
            json.dump(entries, file)
        self.commit(sensor_dot_c=SENSOR + '/* more */\n')
        self.gate(status=0)

    def test_makefile(self):
        """A new file's command comes from a neighbour; the makefile that names it is not run."""
        self.commit(fresh_dot_c=SENSOR.replace('sensor_settle', 'fresh_settle').replace('int sensor_read', 'int fresh_read'),
                    Makefile='$(shell touch %s)\nobj-y += fresh.o\nX := $(shell touch %s)\n' % (self.witness, self.witness))
        report, _ = self.gate(status=0)
        self.assertNotIn('demo/fresh.c', [unit['file'] for unit in report['units']['failed']])

    def test_what_git_would_run(self):
        evil = 'touch ' + self.witness
        for name in ('post-checkout', 'post-index-change', 'fsmonitor-watchman', 'applypatch-msg'):
            hook = os.path.join(self.tree, '.git', 'hooks', name)
            with open(hook, 'w', encoding='utf-8') as file:
                file.write('#!/bin/sh\n%s\n' % evil)
            os.chmod(hook, 0o755)
        for key, value in (('core.fsmonitor', hook), ('diff.external', hook), ('diff.evil.textconv', hook),
                           ('diff.evil.command', hook), ('core.pager', evil), ('alias.diff-tree', '!' + evil)):
            git(self.tree, 'config', key, value)
        demo_tree.write(self.tree, '.gitattributes', '*.c diff=evil\n*.h -diff\n')
        demo_tree.write(self.tree, 'demo/sensor.c', SENSOR.replace('\treturn s->value;', '\tmutex_lock(&s->big);\n\treturn s->value;'))
        environment = {**os.environ, 'GIT_CONFIG_GLOBAL': '/dev/null'}
        subprocess.run(['git', '-C', self.tree, '-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'user.name=A',
                        '-c', 'user.email=a@b', 'commit', '-q', '-a', '-m', 'x'], check=True, env=environment)
        if os.path.exists(self.witness):
            os.remove(self.witness)
        report, _ = self.gate(status=1)
        self.assertEqual(report['findings'][0]['introduced']['file'], 'demo/sensor.c')

    def mail(self, name, added='x\n', mode='100644'):
        path = os.path.join(self.folder, 'evil.mbox')
        lines = added.encode() if isinstance(added, str) else added
        count = lines.count(b'\n')
        with open(path, 'wb') as file:
            file.write(b'From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: E <e@example.org>\n'
                       b'Date: Mon, 1 Jan 2024 00:00:00 +0000\nSubject: [PATCH] evil\n\n---\n')
            file.write(('diff --git a/%s b/%s\nnew file mode %s\nindex 000000000000..111111111111\n--- /dev/null\n+++ b/%s\n'
                        '@@ -0,0 +1,%d @@\n' % (name, name, mode, name, count)).encode())
            file.write(b''.join(b'+' + line + b'\n' for line in lines.split(b'\n')[:-1]))
            file.write(b'-- \n2.39.5\n\n')
        return path

    def test_paths_in_a_mail(self):
        for name in ('../outside.c', '/tmp/outside.c', 'demo/../../outside.c', '.git/hooks/post-checkout', '.git/config'):
            with self.subTest(name=name):
                _, err = self.gate('--mbox', self.mail(name), status=2)
                self.assertIn('does not apply', err)
                self.assertFalse(os.path.exists(os.path.join(self.folder, 'outside.c')))

    def test_link_in_a_mail(self):
        secret = os.path.join(self.folder, 'secret.h')
        with open(secret, 'w', encoding='utf-8') as file:
            file.write('#error %s\n' % SECRET)
        path = os.path.join(self.folder, 'evil.mbox')
        with open(self.mail('demo/link.h'), encoding='utf-8') as file:
            text = file.read()
        text = text.replace('mode 100644', 'mode 120000').replace('+x\n', '+%s\n\\ No newline at end of file\n' % secret)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        _, err = self.gate('--mbox', path, status=0)
        self.assertIn('demo/link.h: a symbolic link', err)
        self.assertNotIn(SECRET, err)

    def test_files_outside(self):
        """Neither by name nor through a link in the tree does a unit see what lies outside."""
        secret = os.path.join(self.folder, 'secret.h')
        with open(secret, 'w', encoding='utf-8') as file:
            file.write('#error %s\n' % SECRET)
        os.symlink(secret, os.path.join(self.tree, 'demo', 'link.h'))
        for name in (secret, '../../secret.h', 'link.h', '/dev/zero', '/proc/self/environ', '/etc/passwd'):
            with self.subTest(name=name):
                self.commit(sensor_dot_c='#include "%s"\n' % name + SENSOR)
                report, err = self.gate(status=2, seconds='60')
                self.assertNotIn(SECRET, err + json.dumps(report))
                reasons = [unit['reason'] for unit in report['units']['failed'] if unit['file'] == 'demo/sensor.c']
                self.assertEqual([reason.rpartition(': ')[2] for reason in reasons], ["'%s' file not found" % name])

    def test_time_is_bounded(self):
        doubling = '#define M0(x) x x\n' + ''.join('#define M%d(x) M%d(M%d(x))\n' % (i, i - 1, i - 1) for i in range(1, 9))
        bombs = {
            'macros': doubling + 'int f(void) { return 0; } M8(;)\n',
            'includes': '#include "loop.h"\n',
            'nesting': 'int x = ' + '(' * 200000 + '1' + ')' * 200000 + ';\n',
        }
        for name, text in bombs.items():
            with self.subTest(name=name):
                self.commit(sensor_dot_c=text + SENSOR, loop_dot_h='#include "loop.h"\n#include "loop.h"\n')
                start = time.monotonic()
                report, err = self.gate(status=2)
                self.assertIn("demo/sensor.c: the patch can't be judged: ", err)
                # Wide, since machines are busy; without a bound this would not end at all.
                self.assertLess(time.monotonic() - start, 400)
                self.assertEqual([unit['file'] for unit in report['units']['failed'] if unit['file'] == 'demo/sensor.c'],
                                 ['demo/sensor.c'])

    def test_long_line(self):
        self.commit(sensor_dot_c=SENSOR.replace('\treturn s->value;', '\tmutex_lock(&s->big);\n\treturn s->value;') +
                    '/* ' + 'x' * 50_000_000 + ' */\n')
        report, _ = self.gate(status=1)
        self.assertEqual([finding['function'] for finding in report['findings']], ['sensor_settle'])

    def test_long_line_in_a_mail(self):
        report, _ = self.gate('--mbox', self.mail('demo/long.h', '/* ' + 'x' * 50_000_000 + ' */\n'), status=0)
        self.assertEqual(report['findings'], [])
        with open(os.path.join(self.folder, 'long.mbox'), 'wb') as file:
            file.write(b'From ' + b'x' * 50_000_000 + b'\nSubject: ' + b'y' * 50_000_000 + b'\n')
        _, err = self.gate('--mbox', file.name, status=2)
        self.assertLess(len(err), 10_000)

    def test_invalid_utf8(self):
        with open(os.path.join(self.tree, 'demo', 'sensor.c'), 'wb') as file:
            file.write(b'// \xff\xfe\x00\n' + SENSOR.replace('sensor_settle', 'sensor_s\u00e4ttle').encode('latin-1'))
        self.commit()
        _, err = self.gate(status=2)
        self.assertIn('demo/sensor.c', err)
        _, err = self.gate('--mbox', self.mail('demo/other.c', b'// \xff\xfe\n\x1b[31mint x;\n'), status=2)
        self.assertNotIn('\x1b', err)


if __name__ == '__main__':
    BHLINT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
