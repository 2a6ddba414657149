#!/usr/bin/env python3
"""What `--format sarif` writes, judged by Microsoft's SARIF validator, and by the schema that comes with it.

  sarif_test.py BHLINT VALIDATOR

VALIDATOR is the folder that tools/schemas puts the validator into; without it, this is skipped.
"""
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'driver', 'cli'))
import demo_tree  # noqa: E402

SKIPPED = 77
NO_ADDRESS = 'SARIF2005'  # wants the tool's address on the web; this one has none of its own


def validate(validator, sarif, folder):
    """What the validator says, as (rule, level, text)."""
    with open(os.path.join(validator, 'sarif-2.1.0.json'), encoding='utf-8') as file:
        schema = json.load(file)
    with open(sarif, encoding='utf-8') as file:
        document = json.load(file)
    problems = [('schema', 'error', error.message) for error in jsonschema.validators.validator_for(schema)(schema).iter_errors(document)]
    said = os.path.join(folder, 'said.sarif')
    program = os.path.join(validator, 'Sarif.Multitool')
    process = subprocess.run([program, 'validate', sarif, '-o', said, '--level', 'Error;Warning', '--kind', 'Fail', '--rule-kind',
                              'Sarif;Ghas', '--log', 'ForceOverwrite'], capture_output=True, text=True, check=False,
                             env={**os.environ, 'DOTNET_SYSTEM_GLOBALIZATION_INVARIANT': '1'})
    if not os.path.exists(said):
        sys.exit('the validator did not run: ' + process.stdout + process.stderr)
    with open(said, encoding='utf-8-sig') as file:
        for result in json.load(file)['runs'][0]['results']:
            if result['ruleId'] != NO_ADDRESS:
                problems.append((result['ruleId'], result.get('level', 'warning'), json.dumps(result['message'])))
    return problems


def main(bhlint, validator):
    if not os.path.exists(os.path.join(validator, 'Sarif.Multitool')):
        print('skipped: no validator in %s; tools/schemas fetches it' % validator)
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        edited = os.path.join(demo_tree.SOURCE, 'driver', 'fix', 'cases', 'atomic', 'before')
        _, build = demo_tree.make(folder, {'stork.c': demo_tree.read(edited, 'driver.c')})
        sarif = os.path.join(folder, 'bhlint.sarif')
        process = subprocess.run([bhlint, 'check', '-p', build, '--no-cache', '--edits', '--format', 'sarif', '-o', sarif], check=False)
        assert process.returncode == 1
        problems = validate(validator, sarif, folder)
        for problem in problems:
            print('%s %s: %s' % problem)
        # It has to be able to say no.
        with open(sarif, encoding='utf-8') as file:
            text = file.read()
        assert sum('fixes' in result for result in json.loads(text)['runs'][0]['results']) == 10
        with open(sarif, 'w', encoding='utf-8') as file:
            file.write(text.replace('"startLine": ', '"startLine": -', 1).replace('"ruleIndex": ', '"ruleIndex": 99', 1))
        assert validate(validator, sarif, folder), 'the validator accepts anything'
        with open(sarif, 'w', encoding='utf-8') as file:
            file.write(text.replace('"deletedRegion"', '"deletedReligion"', 1))
        assert validate(validator, sarif, folder), 'the validator accepts anything'
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
