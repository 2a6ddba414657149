#!/usr/bin/env python3
"""Facts that are extracted in shards give the findings of one run, byte for byte; shards that do not belong together
give none.  shards_test.py BHLINT"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import demo_tree


class ShardsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.tree, self.build = demo_tree.make(self.folder)
        self.facts = os.path.join(self.folder, 'facts')

    def bhlint(self, *arguments, environment=None):
        names = ('SLURM_ARRAY_TASK_ID', 'JOB_COMPLETION_INDEX', 'CI_NODE_INDEX')
        variables = {name: value for name, value in os.environ.items() if name not in names}
        return subprocess.run([BHLINT, *arguments], capture_output=True, text=True, check=False,
                              env={**variables, **(environment or {})})

    def extract(self, shard, *options, build=None, folder=None, environment=None):
        return self.bhlint('facts', '-p', build or self.build, '--cache', os.path.join(self.folder, 'cache'), '--shard', shard,
                           '-o', folder or self.facts, *options, environment=environment)

    def extract_all(self, count, **how):
        for number in range(1, count + 1):
            process = self.extract('%d/%d' % (number, count), **how)
            self.assertEqual(process.returncode, 0, process.stderr)

    def check_single(self, *options):
        return self.bhlint('check', '-p', self.build, '--no-cache', *options)

    def check_shards(self, *options):
        return self.bhlint('check', '--facts', self.facts, *options)

    def assert_same(self, single, sharded):
        self.assertEqual(single.returncode, sharded.returncode, sharded.stderr)
        self.assertEqual(single.stdout, sharded.stdout)
        self.assertEqual(single.stderr, sharded.stderr)

    def assert_fails(self, process, *messages):
        self.assertEqual(process.returncode, 2, process.stdout + process.stderr)
        for message in messages:
            self.assertIn(message, process.stderr)
        self.assertFalse(process.stdout)

    def test_the_same_bytes(self):
        forms = (('--format', 'text'), ('--format', 'json', '--confidence', 'low'), ('--print', 'facts'),
                 ('--print', 'program'), ('--print', 'contexts'), ('--strict',))
        single = [self.check_single(*form) for form in forms]
        self.assertIn('demo/net_lark.c', single[0].stdout)
        self.assertIn('broken.c', single[0].stderr)
        self.assertEqual(single[-1].returncode, 2)
        for count in (1, 3, 20):
            shutil.rmtree(self.facts, ignore_errors=True)
            self.extract_all(count)
            for form, expected in zip(forms, single):
                self.assert_same(expected, self.check_shards(*form))

    def test_neither_tree_nor_database_is_needed_to_join(self):
        single = self.check_single('--format', 'json')
        self.extract_all(2)
        shutil.rmtree(self.tree)
        shutil.rmtree(self.build)
        self.assert_same(single, self.check_shards('--format', 'json'))

    def test_suppressions_need_their_source(self):
        """A comment of two lines, a blank line, then the code: only the source tells what it speaks for."""
        demo_tree.write(self.tree, 'demo/dma_heron.c', demo_tree.read(self.tree, 'demo/dma_heron.c').replace('bhlint:', 'lint:'))
        loud = self.check_single().stdout
        demo_tree.write(self.tree, 'demo/dma_heron.c', demo_tree.read(self.tree, 'demo/dma_heron.c').replace('lint:', 'bhlint:'))
        quiet = self.check_single().stdout
        self.assertNotEqual(loud, quiet)
        self.extract_all(2)
        self.assertEqual(self.check_shards().stdout, quiet)

    def test_shards_of_two_machines(self):
        """The same tree in another place is the same tree."""
        single = self.check_single()
        self.assertEqual(self.extract('1/2').returncode, 0)
        elsewhere = os.path.join(self.folder, 'elsewhere')
        os.mkdir(elsewhere)
        _, build = demo_tree.make(elsewhere)
        self.assertEqual(self.extract('2/2', build=build).returncode, 0)
        self.assert_same(single, self.check_shards())

    def test_several_folders_and_files(self):
        single = self.check_single()
        self.extract('1/2')
        other = os.path.join(self.folder, 'other')
        self.extract('2/2', folder=other)
        self.assert_same(single, self.bhlint('check', '--facts', self.facts, other))
        files = [os.path.join(self.facts, 'shard-1-of-2.facts'), os.path.join(other, 'shard-2-of-2.facts')]
        self.assert_same(single, self.bhlint('check', '--facts', *files))

    def test_missing_shards_are_named(self):
        self.extract('1/3')
        process = self.check_shards('--format', 'json')
        self.assertIn('of 3 shards these are missing: 2, 3; ', process.stderr)
        failed = json.loads(process.stdout)['units']['failed']
        self.assertGreater(len(failed), 4)
        self.assertIn('which is missing', failed[0]['reason'] + failed[1]['reason'])
        self.assertEqual(self.check_shards('--strict').returncode, 2)

    def test_shards_that_do_not_fit(self):
        self.extract('1/2')
        self.assert_fails(self.bhlint('check', '--facts', self.facts, self.facts), 'overlap: both are shard 1/2')
        self.extract('2/3')
        self.assert_fails(self.check_shards(), 'they are shards 1/2 and 2/3')
        shutil.rmtree(self.facts)

        self.extract('1/2')
        header = demo_tree.read(self.tree, 'include/linux/mutex.h')
        demo_tree.write(self.tree, 'include/linux/mutex.h', header + '\n/* changed meanwhile */\n')
        self.extract('2/2')
        self.assert_fails(self.check_shards(), 'they are of different trees: the contents of include/linux/mutex.h differ')
        shutil.rmtree(self.facts)

        self.extract('1/2')
        demo_tree.write(self.build, 'compile_commands.json',
                        demo_tree.read(self.build, 'compile_commands.json').replace('-std=gnu11', '-std=gnu17'))
        self.extract('2/2')
        self.assert_fails(self.check_shards(), 'their units are compiled with different commands')
        shutil.rmtree(self.facts)

        self.extract('1/2', 'demo/net_lark.c', 'demo/usb_kestrel.c')
        self.extract('2/2')
        self.assert_fails(self.check_shards(), 'they are shares of different units')

    def test_damaged_shards(self):
        self.extract_all(2)
        file = os.path.join(self.facts, 'shard-2-of-2.facts')
        with open(file, 'rb') as shard:
            whole = shard.read()
        for broken in (b'', whole[:20], whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), whole[:100] + b'\xff' + whole[101:]):
            with open(file, 'wb') as shard:
                shard.write(broken)
            self.assert_fails(self.check_shards(), file + ': ', 'make this shard again')

    def test_usage(self):
        self.assert_fails(self.extract('5/4'), '--shard 5/4: shards are numbered from 1 to 4')
        self.assert_fails(self.extract('auto'), '--shard auto: this is no task of a job array')
        self.assert_fails(self.check_shards(), self.facts + ': No such file')
        os.mkdir(self.facts)
        self.assert_fails(self.check_shards(), self.facts + ': there is no shard of facts in this folder')
        self.assert_fails(self.bhlint('check', '-p', self.build, '--facts', self.facts), '--database excludes --facts')
        self.assert_fails(self.bhlint('check', 'demo', '--facts', self.facts), 'with --facts there is no choice of units: demo')
        self.assert_fails(self.bhlint('facts', '-p', self.build), '--output is required')
        file = os.path.join(self.folder, 'file')
        demo_tree.write(self.folder, 'file', '')
        self.assert_fails(self.extract('1/1', folder=file), "can't create " + file)

    def test_engines(self):
        slurm = {'SLURM_ARRAY_TASK_ID': '2', 'SLURM_ARRAY_TASK_MIN': '1', 'SLURM_ARRAY_TASK_MAX': '3',
                 'SLURM_ARRAY_TASK_COUNT': '3', 'SLURM_ARRAY_TASK_STEP': '1'}
        kubernetes = {'JOB_COMPLETION_INDEX': '0', 'BHLINT_SHARDS': '3'}
        gitlab = {'CI_NODE_INDEX': '3', 'CI_NODE_TOTAL': '3'}
        for environment in (slurm, kubernetes, gitlab):
            self.assertEqual(self.extract('auto', environment=environment).returncode, 0)
        self.assertEqual(sorted(os.listdir(self.facts)), ['shard-%d-of-3.facts' % number for number in (1, 2, 3)])
        self.assert_same(self.check_single(), self.check_shards())


if __name__ == '__main__':
    BHLINT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
