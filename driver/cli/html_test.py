#!/usr/bin/env python3
"""Tests the HTML report and the HTML map in a browser: headless Chromium, driven by Selenium.  html_test.py BHLINT
Skipped (77) where Debian's packages chromium, chromium-driver and python3-selenium are missing."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import demo_tree

try:
    from selenium import webdriver
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    print('skipped: no python3-selenium')
    sys.exit(77)
if not shutil.which('chromium') or not shutil.which('chromedriver'):
    print('skipped: no chromium')
    sys.exit(77)

# A driver of somebody who knows that it will be shown in a browser.
EVIL = r'''#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct evil { spinlock_t lock; struct mutex m; };
const char *evil_text(struct evil *e);

const char *evil_text(struct evil *e)
{
	spin_lock(&e->lock); /* </script><script>document.title = 'owned'</script><img src=x onerror="document.title = 'owned'"> */
	mutex_lock(&e->m); return "</script><script>document.title = 'owned'</script><!-- <b>bold</b>";
}
'''


def browser():
    options = webdriver.ChromeOptions()
    # --no-sandbox: tests run as root in containers; the page is ours.
    for argument in ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--window-size=1300,1000'):
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    return webdriver.Chrome(options=options, service=webdriver.chrome.service.Service(shutil.which('chromedriver')))


class HtmlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.tree, cls.build = demo_tree.make(cls.folder)
        demo_tree.write(cls.tree, 'demo/evil.c', EVIL)
        subprocess.run(['sh', os.path.join(cls.tree, 'demo', 'make-db'), cls.build], check=True)
        cls.report = cls.bhlint('check', '--format', 'html', '--confidence', 'low')
        cls.map = cls.bhlint('map', '--format', 'html')
        cls.driver = browser()
        cls.addClassCleanup(cls.driver.quit)

    @classmethod
    def bhlint(cls, command, *arguments):
        file = os.path.join(cls.folder, command + '.html')
        process = subprocess.run([BHLINT, command, '-p', cls.build, '--no-cache', '-o', file, *arguments], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, check=False)
        assert process.returncode in (0, 1), process.stderr
        return 'file://' + file

    def open(self, address):
        self.driver.get('about:blank')
        self.driver.get(address)

    def tearDown(self):
        self.assertEqual([entry['message'] for entry in self.driver.get_log('browser')], [], 'the console has errors')
        self.assertNotEqual(self.driver.title, 'owned')

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def wait(self, condition):
        return WebDriverWait(self.driver, 20).until(lambda driver: condition())

    def test_list_is_filtered(self):
        self.open(self.report)
        rows = len(self.all('.row'))
        self.assertGreater(rows, 3)
        self.assertTrue(self.one('#count').text.startswith(f'{rows} findings'))
        confidences = [button.get_attribute('data-value') for button in self.all('[data-facet=confidence] button')]
        self.assertEqual(confidences, [name for name in ('high', 'medium', 'low') if name in confidences])
        button = self.one('[data-facet=context] button[data-value=timer]')
        count = int(button.find_elements(By.TAG_NAME, 'span')[1].text)
        self.assertLess(count, rows)
        button.click()
        self.wait(lambda: len(self.all('.row')) == count)
        self.assertEqual(self.one('[data-facet=context] button[data-value=timer]').get_attribute('aria-pressed'), 'true')
        self.driver.back()
        self.wait(lambda: len(self.all('.row')) == rows)
        self.one('[data-facet=rule] button[data-value=bh-mutex-in-atomic]').click()
        self.wait(lambda: len(self.all('.row')) < rows)
        for row in self.all('.row'):
            self.assertIn('may sleep', row.text)

    def test_list_is_searched_and_grouped(self):
        self.open(self.report)
        rows = len(self.all('.row'))
        self.one('#search').send_keys('finch SLEEP')
        self.wait(lambda: 0 < len(self.all('.row')) < rows)
        for row in self.all('.row'):
            self.assertIn('finch', row.text)
        self.one('#search').send_keys(' no such thing')
        self.wait(lambda: not self.all('.row'))
        self.assertIn('no finding', self.one('#count').text)
        self.one('#search').clear()
        self.open(self.report + '#group=file')
        groups = [group.text for group in self.all('.group')]
        self.assertTrue(any(group.startswith('demo/keys_finch.c ') for group in groups), groups)

    def test_finding_is_opened_and_its_chain_followed(self):
        self.open(self.report + '#q=finch')
        row = next(row for row in self.all('.row') if 'timer' in row.text)
        row.click()
        self.wait(lambda: self.all('#finding h1'))
        self.assertFalse(self.one('#list').is_displayed())
        self.assertIn('timer context', self.one('.cards').text)
        steps = self.all('.steps a')
        self.assertGreater(len(steps), 1)
        steps[0].click()
        for number in range(len(steps)):
            note = self.one('.note.now')
            self.assertEqual(note.get_attribute('id'), f'step-{number}')
            self.assertTrue(note.text.startswith(f'{number + 1}. '))
            # The note stands below the line that it is about, with the code in it.
            line = note.find_element(By.XPATH, 'preceding-sibling::div[@class="at"][1]')
            self.assertRegex(line.text, 'finch|sleep')
            if number + 1 < len(steps):
                note.find_element(By.TAG_NAME, 'a').click()
        self.assertGreater(len(self.all('svg .box')), 3)
        self.assertTrue(self.all('svg .problem'))
        self.assertIn('BUG: scheduling while atomic', self.one('#finding pre').text)
        self.driver.back()
        self.wait(lambda: self.one('#list').is_displayed())

    def test_failed_units_are_said(self):
        self.open(self.report)
        self.one('#failed summary').click()
        self.assertIn('demo/broken.c', self.one('#failed').text)

    def test_what_is_quoted_is_no_markup(self):
        self.open(self.report + '#q=evil_text')
        self.assertEqual(len(self.all('.row')), 1)
        self.one('.row').click()
        self.wait(lambda: self.all('.source'))
        self.assertIn("</script><script>document.title = 'owned'</script><!-- <b>bold</b>", self.one('#finding').text)
        self.assertFalse(self.all('#finding b') or self.all('#finding img') or self.all('#finding script'))

    def test_unknown_finding(self):
        self.open(self.report + '#finding=0000')
        self.assertIn('No finding of this report', self.one('#finding').text)

    def test_map(self):
        self.open(self.map)
        boxes = [box.text for box in self.all('details.box')]
        self.assertTrue(any(box.startswith('tasklet heron.task: heron_task()') for box in boxes), boxes)
        self.assertTrue(self.all('.map path.edge'))
        box = next(box for box in self.all('details.box') if box.text.startswith('interrupt: heron_interrupt()'))
        box.find_element(By.TAG_NAME, 'summary').click()
        self.wait(lambda: 'starts: heron.task with tasklet_schedule()' in box.text)


if __name__ == '__main__':
    BHLINT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
