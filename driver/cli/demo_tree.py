"""A copy of the demo drivers with a compile database, for tests that run the program and change what it reads."""
import os
import shutil
import subprocess

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')


def make(folder, more=None):
    """folder/tree and folder/build; the tree has units that are suppressed, and that fail. `more`: files beside the drivers."""
    tree, build = os.path.join(folder, 'tree'), os.path.join(folder, 'build')
    shutil.copytree(os.path.join(SOURCE, 'testdata', 'demo'), os.path.join(tree, 'demo'))
    shutil.copytree(os.path.join(SOURCE, 'testdata', 'include'), os.path.join(tree, 'include'))
    write(tree, 'demo/broken.c', '#include "no_such_header.h"\nint f(void) { return 1; }\n')
    comment = '\n\t/* bhlint: allow(bh-mutex-in-atomic) a test says so,\n\t   on two lines */\n\n\tmutex_lock('
    text = read(tree, 'demo/dma_heron.c')
    assert text.count('\n\tmutex_lock(') >= 1
    write(tree, 'demo/dma_heron.c', text.replace('\n\tmutex_lock(', comment, 1))
    for name, text in (more or {}).items():
        write(tree, os.path.join('demo', name), text)
    subprocess.run(['sh', os.path.join(tree, 'demo', 'make-db'), build], check=True)
    return tree, build


def path(folder, name):
    return os.path.join(folder, name)


def read(folder, name):
    with open(path(folder, name), encoding='utf-8') as file:
        return file.read()


def write(folder, name, text):
    os.makedirs(os.path.dirname(path(folder, name)), exist_ok=True)
    with open(path(folder, name), 'w', encoding='utf-8') as file:
        file.write(text)
