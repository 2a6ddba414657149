"""Units drawn from a compile database with a fixed seed: what bench/speed and bench/same are about."""
import json
import os
import random


def add_options(parser):
    parser.add_argument('--build', required=True, help='folder with compile_commands.json, or the file')
    parser.add_argument('--count', type=int, help='how many units; default: all')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--bhlint', default=os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                                         '..', 'build', 'bin', 'bhlint'))
    parser.add_argument('paths', nargs='*', help='files and folders of the tree to draw from')


def draw(arguments):
    """Entries of the database, in the random order in which they were drawn."""
    database = arguments.build
    if os.path.isdir(database):
        database = os.path.join(database, 'compile_commands.json')
    with open(database, encoding='utf-8') as file:
        entries = [entry for entry in json.load(file) if entry['file'].endswith('.c')]
    if arguments.paths:
        wanted = tuple('/' + path.strip('/') for path in arguments.paths)
        entries = [e for e in entries if any(w + '/' in e['file'] or e['file'].endswith(w) for w in wanted)]
    entries.sort(key=lambda entry: entry['file'])
    count = min(arguments.count or len(entries), len(entries))
    return random.Random(arguments.seed).sample(entries, count)


def write(entries, folder):
    """A compile database of these entries only."""
    with open(os.path.join(folder, 'compile_commands.json'), 'w', encoding='utf-8') as file:
        json.dump(entries, file)
