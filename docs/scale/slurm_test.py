#!/usr/bin/env python3
"""Runs docs/scale/slurm-facts.sh and slurm-check.sh on a real Slurm: a controller and two nodes on this machine, which
live as long as the test. Skipped where Slurm isn't installed.  slurm_test.py BHLINT"""
import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'driver', 'cli'))
import demo_tree  # noqa: E402  (found by the line above)

SKIPPED = 77
PROGRAMS = ('munged', 'slurmctld', 'slurmd', 'sbatch', 'scontrol', 'sinfo')
TIMEOUT = 300

CONFIGURATION = '''
ClusterName=bhlint
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=5
ReturnToService=2
InactiveLimit=0
NodeName=one NodeHostname={host} NodeAddr=127.0.0.1 Port={first_port} CPUs=4 RealMemory=100000
NodeName=two NodeHostname={host} NodeAddr=127.0.0.1 Port={second_port} CPUs=4 RealMemory=100000
PartitionName=all Nodes=one,two Default=YES State=UP MaxTime=INFINITE
'''


def program(name):
    return shutil.which(name) or shutil.which(name, path='/usr/sbin:/sbin')


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(('127.0.0.1', 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class Cluster:
    """Daemons in the foreground, as children: they end with the test."""

    def __init__(self, folder):
        self.folder = folder
        self.daemons = []
        self.configuration = os.path.join(folder, 'slurm.conf')
        for name in ('state', 'spool-one', 'spool-two'):
            os.mkdir(os.path.join(folder, name))
        controller, first, second = free_ports(3)
        with open(self.configuration, 'w', encoding='utf-8') as file:
            file.write(CONFIGURATION.format(folder=folder, host=socket.gethostname().split('.')[0], user=getpass.getuser(),
                                            controller_port=controller, first_port=first, second_port=second))
        key = os.path.join(folder, 'munge.key')
        with open(key, 'wb') as file:
            file.write(os.urandom(128))
        os.chmod(key, 0o400)

    def start(self):
        self.daemon('munged', '--foreground', '--force', '--socket=%s/munge.socket' % self.folder,
                    '--key-file=%s/munge.key' % self.folder, '--pid-file=%s/munge.pid' % self.folder,
                    '--log-file=%s/munge.log' % self.folder, '--seed-file=%s/munge.seed' % self.folder)
        self.wait_for(lambda: os.path.exists(os.path.join(self.folder, 'munge.socket')), 'munged')
        self.daemon('slurmctld', '-D', '-f', self.configuration)
        for node in ('one', 'two'):
            self.daemon('slurmd', '-D', '-f', self.configuration, '-N', node)
        self.wait_for(lambda: self.client('sinfo', '-h', '-o', '%T').stdout.split() == ['idle'], 'two idle nodes')

    def daemon(self, name, *arguments):
        with open(os.path.join(self.folder, name + '.out'), 'ab') as output:
            self.daemons.append(subprocess.Popen([program(name), *arguments], stdout=output, stderr=output,
                                                 env=self.environment()))

    def environment(self):
        # A task of an array that runs this test would give its own variables to our jobs.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(('SLURM', 'SBATCH'))}
        return {**kept, 'SLURM_CONF': self.configuration}

    def client(self, name, *arguments, **environment):
        return subprocess.run([program(name), *arguments], capture_output=True, text=True, check=False,
                              env={**self.environment(), **environment}, cwd=self.folder)

    def wait_for(self, is_so, what):
        deadline = time.monotonic() + TIMEOUT
        while not is_so():
            if time.monotonic() > deadline:
                raise AssertionError('waited for %s:\n%s' % (what, self.logs()))
            time.sleep(0.2)

    def logs(self):
        text = ''
        for name in sorted(os.listdir(self.folder)):
            if name.endswith(('.log', '.out')):
                with open(os.path.join(self.folder, name), encoding='utf-8', errors='replace') as file:
                    text += '--- %s\n%s' % (name, file.read()[-3000:])
        return text

    def stop(self):
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


class SlurmTest(unittest.TestCase):
    def setUp(self):
        # Slurm's nodes don't like long paths (sockets), and munged wants folders that nobody else can write to.
        folder = tempfile.TemporaryDirectory(prefix='bhlint-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.cluster = Cluster(self.folder)
        self.addCleanup(self.cluster.stop)
        self.cluster.start()

    def state(self, job):
        """What Slurm says of the job, or of all tasks of the array."""
        shown = self.cluster.client('scontrol', 'show', 'job', job, '-o').stdout.strip().split('\n')
        return {word[len('JobState='):] for line in shown for word in line.split() if word.startswith('JobState=')}

    def submit(self, *arguments, **environment):
        process = self.cluster.client('sbatch', '--parsable', *arguments, **environment)
        self.assertEqual(process.returncode, 0, process.stderr)
        return process.stdout.strip()

    def test_array(self):
        _, build = demo_tree.make(self.folder)
        facts = os.path.join(self.folder, 'facts')
        environment = {'BHLINT': BHLINT, 'BHLINT_BUILD': build, 'BHLINT_FACTS': facts,
                       'XDG_CACHE_HOME': os.path.join(self.folder, 'cache')}
        job = self.submit('--array=1-4', '--cpus-per-task=1', '--mem-per-cpu=100', '--output=facts-%a.out',
                          os.path.join(HERE, 'slurm-facts.sh'), **environment)
        check = self.submit('--dependency=afterok:' + job, '--cpus-per-task=1', '--mem=100', '--output=check.out',
                            os.path.join(HERE, 'slurm-check.sh'), **environment)
        unfinished = {'PENDING', 'RUNNING', 'CONFIGURING', 'COMPLETING'}
        self.cluster.wait_for(lambda: not self.state(check) & unfinished or self.state(job) - unfinished - {'COMPLETED'},
                              'the jobs')
        self.assertEqual(self.state(job), {'COMPLETED'}, self.cluster.logs())
        self.assertEqual(self.state(check), {'COMPLETED'}, self.cluster.logs())
        self.assertEqual(sorted(os.listdir(facts)),
                         ['findings.json'] + ['shard-%d-of-4.facts' % number for number in (1, 2, 3, 4)])
        single = subprocess.run([BHLINT, 'check', '-p', build, '--no-cache', '--format', 'json'], capture_output=True,
                                text=True, check=False)
        self.assertEqual(single.returncode, 1, single.stderr)
        with open(os.path.join(facts, 'findings.json'), encoding='utf-8') as file:
            self.assertEqual(file.read(), single.stdout)


if __name__ == '__main__':
    missing = [name for name in PROGRAMS if not program(name)]
    if missing:
        print('skipped: %s not found; they are in the Debian packages slurm-wlm and munge' % ', '.join(missing))
        sys.exit(SKIPPED)
    BHLINT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
