#!/usr/bin/env python3
"""Runs the templates of docs/ci on the demo drivers, in a repository of their own: a clean change passes, a bug does not.

  templates_test.py BHLINT SCHEMAS

SCHEMAS is the folder that tools/schemas fills; what needs a schema that isn't there is skipped.
"""
import json
import os
import subprocess
import sys
import unittest
import xml.etree.ElementTree

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'driver', 'cli'))
import demo_tree  # noqa: E402
import gate_test  # noqa: E402
from gate_test import git  # noqa: E402


class TemplatesTest(gate_test.GateTest):
    """Has GateTest's tree and edits; its tests are run elsewhere."""

    def read(self, name):
        with open(os.path.join(HERE, name), encoding='utf-8') as file:
            return file.read()

    def run_script(self, script, **variables):
        """As CI servers run it, with bhlint in the PATH."""
        program = os.path.join(self.folder, 'bin')
        os.makedirs(program, exist_ok=True)
        if not os.path.exists(os.path.join(program, 'bhlint')):
            os.symlink(BHLINT, os.path.join(program, 'bhlint'))
        environment = {**os.environ, 'PATH': program + ':' + os.environ['PATH'], 'GIT_CONFIG_GLOBAL': '/dev/null', **variables}
        return subprocess.run(['bash', '-e', '-o', 'pipefail', '-c', script], cwd=self.folder, env=environment, capture_output=True,
                              text=True, check=False)

    def comment(self):
        self.edit('demo/sensor.c', 'struct sensor {\n', '/* what it is */\nstruct sensor {\n')
        self.commit('sensor: comment')

    def head(self):
        return git(self.tree, 'rev-parse', 'HEAD').strip()

    def workflow(self):
        workflow = yaml.safe_load(self.read('github-workflow.yml'))
        workflow['on'] = workflow.pop(True)  # YAML 1.1 reads the key as a truth value, GitHub does not
        return workflow

    def github_step(self, name):
        """The step's script, with this machine's names for what the steps before it have made."""
        scripts = [step['run'] for step in self.workflow()['jobs']['gate']['steps'] if step.get('name') == name]
        self.assertEqual(len(scripts), 1)
        script = scripts[0].replace('bhlint/build/bin/bhlint', 'bhlint').replace('-p out ', '-p %s ' % self.build)
        result = self.run_script(script, BASE='base', HEAD=self.head())
        self.assertNotIn('Usage', result.stderr)
        return result

    def test_github(self):
        self.comment()
        self.assertEqual(self.github_step('Gate').returncode, 0)
        self.add_direct_bug()
        result = self.github_step('Gate')
        self.assertEqual(result.returncode, 1, result.stderr)
        line = self.line_of('demo/sensor.c', '\tmutex_lock(&s->big);')
        self.assertIn('::error file=demo/sensor.c,line=%d,' % line, result.stdout)
        self.assertEqual(self.github_step('SARIF').returncode, 0)
        with open(os.path.join(self.folder, 'bhlint.sarif'), encoding='utf-8') as file:
            self.assertEqual(len(json.load(file)['runs'][0]['results']), 1)

    def test_github_schema(self):
        import jsonschema
        path = os.path.join(SCHEMAS, 'github-workflow.json')
        if not os.path.exists(path):
            self.skipTest('%s is not there; tools/schemas fetches it' % path)
        with open(path, encoding='utf-8') as file:
            schema = json.load(file)
        jsonschema.validators.validator_for(schema)(schema).validate(self.workflow())

    def gitlab(self):
        job = yaml.safe_load(self.read('gitlab-job.yml'))['bhlint gate']
        self.assertEqual(set(job['artifacts']['reports'].values()), {'bhlint-quality.json', 'bhlint-junit.xml'})
        return self.run_script('\n'.join(job['script']), OUT=self.build, CI_PROJECT_DIR=self.tree, CI_COMMIT_SHA=self.head(),
                               CI_MERGE_REQUEST_DIFF_BASE_SHA='base')

    def test_gitlab(self):
        self.comment()
        result = self.gitlab()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.add_direct_bug()
        self.assertEqual(self.gitlab().returncode, 1)
        with open(os.path.join(self.folder, 'bhlint-quality.json'), encoding='utf-8') as file:
            self.assertEqual([issue['location']['path'] for issue in json.load(file)], ['demo/sensor.c'])
        suite = xml.etree.ElementTree.parse(os.path.join(self.folder, 'bhlint-junit.xml')).getroot()[0]
        self.assertEqual(suite.get('failures'), '1')
        self.assertIn('1/2 sensor: comment', [case.get('name') for case in suite])

    def test_pre_push(self):
        remote = os.path.join(self.folder, 'remote.git')
        git(self.folder, 'init', '-q', '--bare', remote)
        git(self.tree, 'remote', 'add', 'origin', remote)
        hook = os.path.join(self.tree, '.git', 'hooks', 'pre-push')
        with open(hook, 'w', encoding='utf-8') as file:
            file.write(self.read('pre-push'))
        os.chmod(hook, 0o755)
        push = 'git -C %s push -q origin HEAD:refs/heads/topic' % self.tree
        result = self.run_script(push)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('not gated', result.stderr)
        git(self.tree, 'config', 'bhlint.database', self.build)
        git(self.tree, 'config', 'bhlint.base', 'base')
        self.comment()
        result = self.run_script(push, XDG_CACHE_HOME=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.add_direct_bug()
        result = self.run_script(push, XDG_CACHE_HOME=self.folder)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn('brought by the patch, "sensor: take the big lock"', result.stdout + result.stderr)
        self.assertEqual(git(remote, 'log', '-1', '--format=%s', 'topic').strip(), 'sensor: comment')


for inherited in [name for name in dir(gate_test.GateTest) if name.startswith('test_')]:
    setattr(TemplatesTest, inherited, None)
del gate_test.GateTest

if __name__ == '__main__':
    BHLINT, SCHEMAS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    gate_test.BHLINT = BHLINT
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
