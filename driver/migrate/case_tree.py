"""What the tests of edits share: a small tree with one case's files, and what the program makes of them."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
PROGRAM = sys.argv[1]
BLESS = os.environ.get('BLESS')


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def files_below(folder):
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


class Tree:
    """A tree with one case's files in drivers/, and a database of them."""

    def __init__(self, folder, case, more=(), command='migrate'):
        self.command = command
        self.root = os.path.join(folder, 'tree')
        self.build = os.path.join(folder, 'build')
        self.drivers = os.path.join(self.root, 'drivers', 'birds')
        shutil.copytree(os.path.join(SOURCE, 'testdata', 'include'), os.path.join(self.root, 'include'))
        shutil.copytree(os.path.join(case, 'before'), self.drivers)
        for name in more:
            write(os.path.join(self.drivers, name), more[name])
        write(os.path.join(self.root, 'Makefile'), 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\n')
        write(os.path.join(self.root, '.clang-format'), read(os.path.join(SOURCE, 'driver', 'migrate', 'cases', 'clang-format')))
        units = []
        for name in sorted(set(files_below(self.drivers)) | set(more)):
            if name.endswith('.c'):
                units.append({'directory': self.root, 'file': 'drivers/birds/' + name, 'arguments': [
                    'clang-19', '-std=gnu11', '-Wall', '-Werror', '-nostdinc', '-Iinclude', '-include',
                    os.path.join(self.root, 'include/linux/kconfig.h'), '-D__KERNEL__', '-DMODULE',
                    '-DKBUILD_MODNAME="birds"', '-c', '-o', 'x.o', 'drivers/birds/' + name]})
        write(os.path.join(self.build, 'compile_commands.json'), json.dumps(units))

    def run(self, *options, path='drivers/birds'):
        command = [PROGRAM, self.command, '-p', self.build, '--no-cache', '--no-learned', *options, path]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def texts(self):
        return {name: read(os.path.join(self.drivers, name)) for name in files_below(self.drivers)}


def check(condition, what):
    if not condition:
        print('FAILED: ' + what)
        check.failed = True


check.failed = False


def run_case(case, command='migrate'):
    """case/before is edited, with the words of case/options; `told` is what the program says, and after/ has the files that it
    edits. BLESS=1 writes both."""
    name = os.path.basename(case)
    options = read(os.path.join(case, 'options')).split() if os.path.exists(os.path.join(case, 'options')) else []
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(folder, case, command=command)
        before = tree.texts()
        diff = tree.run('--diff', '--compile', *options)
        check(tree.texts() == before, name + ': --diff has edited files')
        told = tree.run('--in-place', *options)
        check(told.stderr == '', name + ': ' + told.stderr)
        after = {file: text for file, text in tree.texts().items() if text != before[file]}
        check(bool(after) == bool(diff.stdout), name + ': --diff and --in-place differ')
        if BLESS:
            write(os.path.join(case, 'told'), told.stdout)
            shutil.rmtree(os.path.join(case, 'after'), ignore_errors=True)
            for file, text in after.items():
                write(os.path.join(case, 'after', file), text)
        check(told.stdout == read(os.path.join(case, 'told')), name + ': told:\n' + told.stdout)
        expected = {file: read(os.path.join(case, 'after', file)) for file in files_below(os.path.join(case, 'after'))}
        for file in sorted(set(after) | set(expected)):
            check(after.get(file) == expected.get(file), name + ': ' + file + ':\n' + after.get(file, 'not edited'))
        # The patch makes the same of the files as editing them did.
        again = Tree(os.path.join(folder, 'again'), case, command=command)
        applied = subprocess.run(['patch', '-p1', '-s', '-d', again.root], input=diff.stdout, text=True, check=False)
        check(applied.returncode == 0 and again.texts() == tree.texts(), name + ': the patch does something else')
        # What is converted is not found again.
        second = tree.run('--diff', *options)
        check(second.stdout == '', name + ': a second run edits again:\n' + second.stdout)


def run_cases(folder, command):
    for entry in files_below(folder):
        if os.path.isdir(os.path.join(folder, entry)):
            run_case(os.path.join(folder, entry), command)
