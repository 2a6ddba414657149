#!/usr/bin/env python3
"""Tests `bhlint observe`: traces of the demo drivers, of a real kernel, and what is none.  observe_test.py BHLINT"""
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest

import demo_tree

TRACES = os.path.join(demo_tree.SOURCE, 'testdata', 'traces')

# finch_near_timer() is a timer, heron_task() a tasklet; here it also runs as a work item, which nothing predicts.
DEMO = '''# tracer: nop
          <idle>-0       [000] d.s1.    10.000100: tasklet_entry: tasklet=pool function=heron_task
          <idle>-0       [000] d.s1.    10.004100: tasklet_exit: tasklet=pool function=heron_task
          <idle>-0       [000] d.s1.    10.005000: timer_expire_entry: timer=00ab function=finch_near_timer now=1 baseclk=1
          <idle>-0       [000] d.s1.    10.005010: timer_expire_exit: timer=00ab
     kworker/0:0-7       [000] .....    10.006000: workqueue_execute_start: work struct 00cd: function heron_task
     kworker/0:0-7       [000] .....    10.007000: workqueue_execute_end: work struct 00cd: function heron_task
          <idle>-0       [001] d.h1.    10.008000: irq_handler_entry: irq=24 name=\x1b[31mred
          <idle>-0       [001] d.h1.    10.008002: irq_handler_exit: irq=24 ret=handled
          <idle>-0       [001] d.s1.    10.009000: timer_expire_entry: timer=00ef function=elsewhere now=1 baseclk=1
'''


class ObserveTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def observe(self, *arguments, text=None):
        return subprocess.run([BHLINT, 'observe', *arguments], capture_output=True, text=True, check=False, timeout=300, input=text)

    def written(self, text):
        demo_tree.write(self.folder, 'trace', text)
        return demo_tree.path(self.folder, 'trace')

    def assert_fails(self, message, *arguments, **how):
        result = self.observe(*arguments, **how)
        self.assertEqual((result.returncode, result.stdout), (2, ''), result.stderr)
        self.assertIn('bhlint: error: ', result.stderr)
        self.assertIn(message, result.stderr)

    def test_compared_with_the_analysis(self):
        _, build = demo_tree.make(self.folder)
        arguments = ['-p', build, '--no-cache', '--trace', self.written(DEMO)]
        result = self.observe(*arguments)
        self.assertEqual(result.returncode, 1, result.stderr)
        text = result.stdout
        lines = text.splitlines()
        self.assertIn('9 events', lines[0])
        self.assertRegex(lines[2], r'^  tasklet +heron_task\(\) +tasklet +1 .* predicted$')
        self.assertRegex(text, r'\n  timer +finch_near_timer\(\) +timer .* predicted\n')
        self.assertRegex(text, r'\n  timer +elsewhere\(\) .* not analysed\n')
        self.assertIn(r'\u{1b}[31mred', text)
        self.assertIn('too long for their context:\n  heron_task(): 4.0 ms as tasklet, limit 2.0 ms', text)
        self.assertRegex(text, r'demo/dma_heron.c:\d+: heron_task\(\) ran as work item in process \(.*trace:6\); predicted: tasklet\n$')

        handlers = json.loads(self.observe(*arguments, '--format', 'json').stdout)['trace']['handlers']
        self.assertEqual([handler['analysis'] for handler in handlers if handler.get('function') == 'heron_task'],
                         ['predicted', 'missed'])
        self.assertEqual(handlers[0]['run']['longest'], 4000000)

    def test_a_trace_of_a_real_kernel(self):
        result = self.observe('--format', 'json', '--trace', os.path.join(TRACES, 'debian-6.12.txt'))
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        trace = json.loads(result.stdout)['trace']
        self.assertEqual(trace['unreadable'], 0)
        self.assertGreaterEqual({handler['mechanism'] for handler in trace['handlers']},
                                {'softirq', 'tasklet', 'timer', 'hrtimer', 'work item', 'hard interrupt'})
        self.assertEqual((trace['handlers'][0]['function'], trace['handlers'][0]['context']), ('kbd_bh', 'tasklet'))
        ran = {(handler.get('function'), handler['context']) for handler in trace['handlers']}
        self.assertGreaterEqual(ran, {('process_timeout', 'timer'), ('hrtimer_wakeup', 'hardirq'), ('delayed_vfree_work', 'process')})

    @unittest.skipUnless(os.environ.get('BHLINT_KERNEL_TREE') and os.environ.get('BHLINT_KERNEL_BUILD'),
                         'no kernel: BHLINT_KERNEL_TREE and BHLINT_KERNEL_BUILD')
    def test_a_real_kernel_was_predicted(self):
        # mm/vmstat.c has a delayed work item: only who initializes one makes delayed_work_timer_fn() a timer.
        units = ['kernel/workqueue.c', 'kernel/time/timer.c', 'drivers/tty/vt/keyboard.c', 'mm/vmstat.c']
        build = os.environ['BHLINT_KERNEL_BUILD']
        # tools/kernel leaves the database to who needs one.
        recorded = subprocess.run([BHLINT, 'db', '--tree', os.environ['BHLINT_KERNEL_TREE'], '--build', build, *units],
                                  capture_output=True, text=True, check=False, timeout=300)
        self.assertEqual(recorded.returncode, 0, recorded.stderr)
        result = self.observe('--format', 'json', '--trace', os.path.join(TRACES, 'debian-6.12.txt'), '-p', build, '--no-cache', *units)
        self.assertEqual(result.returncode, 0, result.stderr)
        handlers = json.loads(result.stdout)['trace']['handlers']
        predicted = {handler['function'] for handler in handlers if handler.get('analysis') == 'predicted'}
        self.assertGreaterEqual(predicted, {'kbd_bh', 'process_timeout', 'delayed_work_timer_fn', 'vmstat_update'})

    def test_what_is_no_trace(self):
        self.assert_fails('No such file', '--trace', '/nowhere')
        self.assert_fails('no event of interrupts', '--trace', self.written(''))
        self.assert_fails('trace-cmd record', '--trace', self.written('int main(void);\n' * 10))
        self.assert_fails('trace:2: this is not text', '--trace', self.written('a\n\0'))
        self.assert_fails('trace:2: longer than', '--trace', self.written('a\n' + 'b' * 100000))
        self.assert_fails('nothing to compare', '-p', self.folder)
        self.assert_fails('--interval', '--interval', '0')
        self.assert_fails('softirqs: No such file', '--proc', self.folder)

    def test_bad_lines_are_located(self):
        result = self.observe('--trace', self.written(DEMO + 'what is this\n' * 7))
        self.assertEqual(result.returncode, 0)
        self.assertIn('7 lines are no event of a trace: 11, 12, 13, 14, 15, ...', result.stderr)

    def test_standard_input(self):
        result = self.observe('--trace', '-', text=DEMO)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertTrue(result.stdout.startswith('standard input: '))

    def test_a_pipe_that_never_ends(self):
        pipe = demo_tree.path(self.folder, 'pipe')
        os.mkfifo(pipe)
        isOver = threading.Event()

        def feed():
            with open(pipe, 'w', encoding='utf-8') as file:
                file.write(DEMO)
                file.flush()
                isOver.wait()
        thread = threading.Thread(target=feed)
        thread.start()
        result = self.observe('--trace', pipe, '--interval', '1')
        isOver.set()
        thread.join()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('softirqs, per second', result.stdout)
        self.assertIn('heron_task()', result.stdout)

    def test_counters(self):
        demo_tree.write(self.folder, 'softirqs', '      CPU0 CPU1\n HI: 1 2\n')
        demo_tree.write(self.folder, 'interrupts', '      CPU0 CPU1\n 24: 1 2 about\n')
        result = self.observe('--proc', self.folder, '--interval', '0.01')
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        self.assertRegex(result.stdout, r'^softirqs, per second over .* s:\n  none\n\ninterrupts')
        demo_tree.write(self.folder, 'interrupts', '      CPU0 CPU1\n 24: x\n')
        self.assert_fails('interrupts:2: expected', '--proc', self.folder, '--interval', '0.01')


if __name__ == '__main__':
    BHLINT = sys.argv.pop(1)
    unittest.main()
