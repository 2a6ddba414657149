#!/usr/bin/env python3
"""A run that is interrupted keeps what it has done and says how to go on; progress is for terminals.
interrupt_test.py BHLINT"""
import os
import pty
import signal
import subprocess
import sys
import tempfile
import unittest

import demo_tree


class InterruptTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.tree, self.build = demo_tree.make(self.folder)
        self.cache = os.path.join(self.folder, 'cache')

    def command(self, *options):
        return [BHLINT, 'check', '-p', self.build, '--cache', self.cache, '-j', '1', *options]

    def stored(self):
        return sum(name.endswith('.f') for _, _, names in os.walk(self.cache) for name in names)

    def block_a_unit(self):
        """A header that can't be read to its end until somebody writes to it: the run stops there."""
        fifo = os.path.join(self.tree, 'include', 'slow.h')
        os.mkfifo(fifo)
        fifth = 'demo/keys_finch.c'
        demo_tree.write(self.tree, fifth, '#include <slow.h>\n' + demo_tree.read(self.tree, fifth))
        return fifo

    def interrupt(self, number, *options):
        """Interrupts a run in its fifth unit, then lets that unit go on."""
        fifo = self.block_a_unit()
        process = subprocess.Popen(self.command('--no-prelude', *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
        # Opening waits until the unit reads.
        with open(fifo, 'w', encoding='utf-8') as header:
            process.send_signal(number)
            while self.is_pending(process.pid, number):
                pass
            header.write('\n')
        output, errors = process.communicate(timeout=120)
        return process.returncode, output, errors

    @staticmethod
    def is_pending(pid, number):
        """Sent, and no thread has taken it yet."""
        with open('/proc/%d/status' % pid, encoding='utf-8') as status:
            masks = [int(line.split()[1], 16) for line in status if line.startswith(('SigPnd:', 'ShdPnd:'))]
        return any(mask >> (number - 1) & 1 for mask in masks)

    def test_what_is_done_is_kept(self):
        status, output, errors = self.interrupt(signal.SIGINT)
        self.assertEqual(status, -signal.SIGINT, errors)
        self.assertFalse(output)
        self.assertIn('error: interrupted when 5 of 9 units were done; they are in the cache, and the same command', errors)
        self.assertGreaterEqual(self.stored(), 3)

    def test_termination_is_the_same(self):
        status, _, errors = self.interrupt(signal.SIGTERM)
        self.assertEqual(status, -signal.SIGTERM, errors)
        self.assertIn('interrupted when', errors)

    def test_without_a_cache(self):
        _, _, errors = self.interrupt(signal.SIGINT, '--no-cache')
        self.assertIn('without a cache, nothing of that is kept', errors)

    def test_ignored_signals_stay_ignored(self):
        """As in `nohup bhlint ...`, or behind `&` in a script."""
        fifo = self.block_a_unit()
        process = subprocess.Popen(self.command('--no-prelude'), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        with open(fifo, 'w', encoding='utf-8') as header:
            process.send_signal(signal.SIGINT)
            header.write('\n')
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 1)

    def on_terminal(self):
        """What is written to a terminal that is standard error."""
        master, slave = pty.openpty()
        process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        written = b''
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:  # Linux: nobody has the other end any more
                break
            if not part:
                break
            written += part
        process.wait(timeout=120)
        os.close(master)
        return written.decode()

    def test_progress_on_a_terminal(self):
        written = self.on_terminal()
        self.assertIn('9/9 units', written)
        self.assertIn('1 failed', written)
        self.assertNotIn('from the cache', written)
        self.assertIn('9/9 units, 8 from the cache', self.on_terminal())

    def test_no_progress_in_a_pipe(self):
        process = subprocess.run(self.command(), capture_output=True, text=True, check=False)
        self.assertNotIn('\r', process.stderr)
        self.assertNotIn('9/9 units', process.stderr)


if __name__ == '__main__':
    BHLINT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
