#!/usr/bin/env python3
"""Checks the templates for Kubernetes and GitHub against their JSON schemas, and against what this program has.

  templates_test.py BHLINT SCHEMAS

SCHEMAS is the folder that tools/schemas fills; what needs a schema that isn't there is skipped.
"""
import json
import os
import re
import subprocess
import sys
import unittest

import jsonschema
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))


def template(name):
    with open(os.path.join(HERE, name), encoding='utf-8') as file:
        return yaml.safe_load(file)


class TemplatesTest(unittest.TestCase):
    def check_schema(self, document, name):
        path = os.path.join(SCHEMAS, name)
        if not os.path.exists(path):
            self.skipTest('%s is not there; tools/schemas fetches it' % path)
        with open(path, encoding='utf-8') as file:
            schema = json.load(file)
        checker = jsonschema.validators.validator_for(schema)(schema)
        problems = ['/'.join(map(str, error.absolute_path)) + ': ' + error.message for error in checker.iter_errors(document)]
        self.assertEqual(problems, [])

    def options_of(self, command):
        text = subprocess.run([BHLINT, command, '--help'], capture_output=True, text=True, check=True).stdout
        return set(re.findall(r'(?:^|[\s,])(--?[a-z][a-z-]*)', text))

    def assert_options_exist(self, words):
        """`words`: bhlint, a command and its options."""
        known = self.options_of(words[1])
        used = {word.split('=')[0] for word in words[2:] if word.startswith('-')}
        self.assertTrue(used)
        self.assertLessEqual(used, known)

    def test_kubernetes_schema(self):
        self.check_schema(template('kubernetes-job.yaml'), 'kubernetes-job.json')

    def test_kubernetes(self):
        spec = template('kubernetes-job.yaml')['spec']
        container = spec['template']['spec']['containers'][0]
        self.assertEqual(spec['completionMode'], 'Indexed')
        shards = {entry['name']: entry['value'] for entry in container['env']}['BHLINT_SHARDS']
        self.assertEqual(shards, str(spec['completions']))
        self.assertIn('--shard=auto', container['command'])
        self.assert_options_exist(container['command'])
        mounted = {mount['name'] for mount in container['volumeMounts']}
        self.assertEqual(mounted, {volume['name'] for volume in spec['template']['spec']['volumes']})

    def workflow(self):
        workflow = template('github-workflow.yml')
        workflow['on'] = workflow.pop(True)  # YAML 1.1 reads the key as a truth value, GitHub does not
        return workflow

    def test_github_schema(self):
        self.check_schema(self.workflow(), 'github-workflow.json')

    def test_github(self):
        jobs = self.workflow()['jobs']
        matrix = jobs['facts']['strategy']['matrix']['shard']
        self.assertEqual(matrix, list(range(1, len(matrix) + 1)))
        self.assertEqual(jobs['facts']['needs'], 'prepare')
        self.assertEqual(jobs['check']['needs'], 'facts')
        seen = set()
        for job in jobs.values():
            for step in job['steps']:
                for line in step.get('run', '').split('\n'):
                    words = line.split()
                    if words and words[0].endswith('/bhlint'):
                        self.assert_options_exist(words)
                        seen.add(words[1])
        self.assertEqual(seen, {'db', 'facts', 'check'})


if __name__ == '__main__':
    BHLINT, SCHEMAS = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
