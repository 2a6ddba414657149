"""Drivers are migrated: cases/NAME/, see case_tree.py; mails; and what is refused.

BLESS=1 writes `told` and after/ from what the program does; read the difference before you commit it."""
import os
import shutil
import subprocess
import sys
import tempfile

from case_tree import PROGRAM, SOURCE, Tree, check, files_below, read, run_cases, write

HERE = os.path.dirname(os.path.abspath(__file__))


def git(root, *arguments, **options):
    command = ['git', '-C', root, '-c', 'user.name=Tester', '-c', 'user.email=tester@example.org', *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def mail_patches():
    """Two drivers are two mails, which git applies, each by itself, to what --in-place makes."""
    author = 'Ann Author <ann@example.org>'
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(folder, os.path.join(HERE, 'cases', 'setup'), {'tern.c': read(os.path.join(HERE, 'cases', 'disable', 'before', 'driver.c'))})
        mails = os.path.join(folder, 'mails')
        git(tree.root, 'init', '-q')
        git(tree.root, 'add', '.')
        git(tree.root, 'commit', '-q', '-m', 'Start')
        check(tree.run('--patches', mails).returncode == 2, 'patches without an author')
        check(tree.run('--patches', mails, '--author', 'Ann').returncode == 2, 'patches of nobody')
        made = tree.run('--compile', '--patches', mails, '--author', author)
        names = files_below(mails)
        check(made.returncode == 0 and len(names) == 2, 'patches: %s%s%s' % (names, made.stdout, made.stderr))
        check(all(name in made.stdout for name in names), 'the patches are not named: ' + made.stdout)
        for name in reversed(names):
            applied = git(tree.root, 'am', '-q', os.path.join(mails, name))
            check(applied.returncode == 0, name + ': git am: ' + applied.stderr)
        log = git(tree.root, 'log', '-2', '--format=%an <%ae>%n%s%n%b').stdout
        for said in (author, 'birds: driver: Convert tasklet', 'birds: tern: Convert tasklet to BH workqueue', 'runtime model',
                     'What changes:', 'Signed-off-by: ' + author, "compile with the kernel's own commands"):
            check(said in log, 'a message does not say: ' + said + ':\n' + log)
        check(all(len(line) <= 75 for line in log.splitlines()), 'a message is too wide:\n' + log)
        again = Tree(os.path.join(folder, 'again'), os.path.join(HERE, 'cases', 'setup'),
                     {'tern.c': read(os.path.join(HERE, 'cases', 'disable', 'before', 'driver.c'))})
        again.run('--in-place')
        check(again.texts() == tree.texts(), 'the patches do something else than --in-place')


def refuse_usage():
    case = os.path.join(HERE, 'cases', 'setup')
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(folder, case)
        result = tree.run('--to', 'softirq')
        check(result.returncode == 2 and 'bh-workqueue' in result.stderr, 'an unknown target: ' + result.stderr)
        write(os.path.join(tree.root, 'Makefile'), 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\n')
        result = tree.run()
        check(result.returncode == 2 and '6.10' in result.stderr, 'an old kernel: ' + result.stderr)
        write(os.path.join(tree.root, 'Makefile'), 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\n')
        forced = tree.run('--to', 'workqueue', '--diff')
        check('schedule_work(' in forced.stdout, 'to a workqueue: ' + forced.stdout + forced.stderr)


def leave_other_drivers():
    """Another driver whose header has the same name, with an object of the same name, is not looked at."""
    case = os.path.join(HERE, 'cases', 'header', 'before')
    other = {os.path.join('owls', name): read(os.path.join(case, name)) for name in files_below(case)}
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(folder, os.path.join(HERE, 'cases', 'header'), other)
        told = tree.run('--diff', path='drivers/birds/main.c')
        check('drivers/birds/task.c' in told.stdout, 'not all users are edited: ' + told.stdout + told.stderr)
        check('owls' not in told.stdout + told.stderr, 'another driver is looked at: ' + told.stdout + told.stderr)


def refuse_by_model():
    """Rules that hide a difference, or bring a problem: the runtime model finds both in this driver's use."""
    for name, old, new, said in (
            ('disable', '      like_new: [tasklet_schedule, tasklet_enable]\n', '', "differs: only a BH workqueue can show '"),
            ('priority', 'like_old: [flush_work, cancel_work_sync]', 'like_old: [cancel_work_sync]', "only a BH workqueue can show '"),
            ('setup', 'schedule: {call: queue_work, before: system_bh_wq}', 'schedule: {call: queue_delayed_work, before: system_bh_wq}',
             "can't replay this use: ")):
        with tempfile.TemporaryDirectory() as folder:
            rules = os.path.join(folder, 'rules')
            shutil.copytree(os.path.join(SOURCE, 'rules'), rules)
            path = os.path.join(rules, 'migration', 'tasklet.yaml')
            text = read(path)
            check(old in text, 'nothing was broken for: ' + said)
            write(path, text.replace(old, new))
            told = Tree(folder, os.path.join(HERE, 'cases', name)).run('--rules', rules)
            check(told.returncode == 1 and said in told.stdout, name + ': the model has not said: ' + said + ':\n' + told.stdout + told.stderr)


def lint_rules():
    with tempfile.TemporaryDirectory() as folder:
        rules = os.path.join(folder, 'rules')
        shutil.copytree(os.path.join(SOURCE, 'rules'), rules)
        path = os.path.join(rules, 'migration', 'tasklet.yaml')
        text = read(path)
        for wrong, said in ((text.replace('role: schedule_high', 'role: schedule_hi', 1), "did you mean 'schedule_high'"),
                            (text.replace('[tasklet_kill]', '[tasklet_setup]', 1), "'tasklet_setup' has a row already"),
                            (text.replace('[tasklet_schedule, tasklet_enable]', '[tasklet_enabled]', 1), "'tasklet_enabled' has no row in 'old'"),
                            (text.replace('    cancel:\n', '    cancelled:\n', 1), "the key 'cancel' is missing")):
            check(wrong != text, 'nothing was broken for: ' + said)
            write(path, wrong)
            result = subprocess.run([PROGRAM, 'rules', 'lint', '--rules', rules], capture_output=True, text=True, check=False)
            check(result.returncode == 1 and said in result.stdout and 'tasklet.yaml:' in result.stdout,
                  'lint does not say: ' + said + ':\n' + result.stdout)


run_cases(os.path.join(HERE, 'cases'), 'migrate')
mail_patches()
leave_other_drivers()
refuse_by_model()
refuse_usage()
lint_rules()
sys.exit(1 if check.failed else 0)
