#!/usr/bin/env python3
"""Tests `bhlint lsp`: message by message, and with Neovim when there is one.  lsp_test.py BHLINT"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))
import demo_tree  # pylint: disable=wrong-import-position

# In Neovim: waits for diagnostics, hovers, mends the code in the buffer, and waits for the diagnostics to go.
NEOVIM = r"""
local bhlint, build, file, stork, out = unpack(vim.fn.split(vim.env.LSP_TEST, '\n'))
local result = {}
vim.cmd('edit ' .. file)
local client = vim.lsp.start_client({ name = 'bhlint', cmd = { bhlint, 'lsp', '-p', build, '--cache', build .. '/cache' } })
vim.lsp.buf_attach_client(0, client)
local function count() return #vim.diagnostic.get(0) end
result.came = vim.wait(60000, function() return count() > 0 end, 50)
result.diagnostics = vim.diagnostic.get(0)
local place = vim.fn.searchpos('static void heron_task', 'e')
local answer = vim.lsp.buf_request_sync(0, 'textDocument/hover', vim.lsp.util.make_position_params(), 60000)
result.hover = answer and answer[client] and answer[client].result
local line = result.diagnostics[1] and result.diagnostics[1].lnum or 0
vim.api.nvim_buf_set_lines(0, line, line + 1, false, { '\t;' })
result.went = vim.wait(60000, function() return count() == 0 end, 50)
-- The code as it was, a finding with an edit: the action is taken and the file saved; then it is gone, too.
vim.cmd('edit! ' .. stork)
vim.lsp.buf_attach_client(0, client)
result.stork_came = vim.wait(60000, function() return count() > 0 end, 50)
local found = vim.diagnostic.get(0)[1]
if found then
  vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
  vim.ui.select = function(items, _, choose) result.actions = #items; choose(items[1], 1) end
  vim.lsp.buf.code_action()
  result.edited = vim.wait(60000, function() return vim.bo.modified end, 50)
  vim.cmd('write')
  result.fixed = vim.wait(60000, function() return count() == 0 end, 50)
end
vim.lsp.stop_client(client)
result.ended = vim.wait(10000, function() return vim.lsp.client_is_stopped(client) end, 50)
vim.fn.writefile({ vim.fn.json_encode(result) }, out)
vim.cmd('qall!')
"""

# One finding that has an edit, behind characters of two and four bytes.
STORK = """#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(stork_lock);

void *stork_nest(void)
{
	void *nest;

	spin_lock(&stork_lock);
	/* \u00e4\U0001f600 */ nest = kmalloc(64, GFP_KERNEL);
	spin_unlock(&stork_lock);
	return nest ? nest : NULL;
}
"""


class Client:
    """Speaks to one server."""

    def __init__(self, build):
        self.process = subprocess.Popen([BHLINT, 'lsp', '-p', build, '--cache', os.path.join(build, 'cache')],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def send_bytes(self, text):
        self.process.stdin.write(f'Content-Length: {len(text)}\r\n\r\n'.encode() + text)
        self.process.stdin.flush()

    def send(self, method, params=None, **more):
        self.send_bytes(json.dumps({'jsonrpc': '2.0', 'method': method, 'params': params or {}, **more}).encode())

    def receive(self):
        length = None
        while line := self.process.stdout.readline().strip():
            name, value = line.split(b':')
            if name.lower() == b'content-length':
                length = int(value)
        return json.loads(self.process.stdout.read(length)) if length else None

    def ask(self, method, params=None):
        self.send(method, params, id=method)
        while (message := self.receive()) and message.get('id') != method:
            pass
        return message

    def notified(self, method, uri):
        while message := self.receive():
            if message.get('method') == method and message['params'].get('uri', uri) == uri:
                return message['params']
        return None

    def end(self):
        self.process.stdin.close()
        status = self.process.wait(timeout=60)
        errors = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        return status, errors


class LspTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.tree, self.build = demo_tree.make(self.folder, {'stork.c': STORK})
        self.file = os.path.join(self.tree, 'demo', 'keys_finch.c')
        self.uri = 'file://' + self.file
        self.text = demo_tree.read(self.tree, 'demo/keys_finch.c')

    def started(self):
        client = Client(self.build)
        answer = client.ask('initialize', {'capabilities': {}})
        self.assertTrue(answer['result']['capabilities']['hoverProvider'])
        client.send('initialized')
        return client

    def open(self, client):
        client.send('textDocument/didOpen', {'textDocument': {'uri': self.uri, 'languageId': 'c', 'version': 1, 'text': self.text}})
        return client.notified('textDocument/publishDiagnostics', self.uri)['diagnostics']

    def test_a_session(self):
        client = self.started()
        [found] = self.open(client)
        line = self.text.splitlines()[found['range']['start']['line']]
        self.assertEqual(line[found['range']['start']['character']:found['range']['end']['character']], 'msleep')
        self.assertEqual((found['code'], found['severity'], found['source']), ('bh-sleep-in-atomic', 1, 'bhlint'))
        related = [note['message'] for note in found['relatedInformation']]
        self.assertIn('timer_setup()', related[0])
        self.assertIn('instead: delayed work', related[-1])

        # As it is typed, not as it is on the disk.
        changed = self.text.replace('msleep(', 'mdelay(')
        client.send('textDocument/didChange', {'textDocument': {'uri': self.uri, 'version': 2}, 'contentChanges': [{'text': changed}]})
        self.assertEqual(client.notified('textDocument/publishDiagnostics', self.uri)['diagnostics'], [])
        client.send('textDocument/didChange', {'textDocument': {'uri': self.uri, 'version': 3}, 'contentChanges': [{'text': self.text}]})
        self.assertEqual(len(client.notified('textDocument/publishDiagnostics', self.uri)['diagnostics']), 1)

        row = next(i for i, line in enumerate(self.text.splitlines()) if 'finch_stable_value(' in line)
        column = self.text.splitlines()[row].index('finch_stable_value') + 3
        answer = client.ask('textDocument/hover', {'textDocument': {'uri': self.uri}, 'position': {'line': row, 'character': column}})
        self.assertIn('**timer context**', answer['result']['contents']['value'])
        self.assertIn('timer_setup()', answer['result']['contents']['value'])
        nothing = client.ask('textDocument/hover', {'textDocument': {'uri': self.uri}, 'position': {'line': 10**9, 'character': 1}})
        self.assertIsNone(nothing['result'])
        self.assertIsNone(client.ask('shutdown')['result'])
        client.send('exit')
        self.assertEqual(client.end(), (0, ''))

    def actions(self, client, line, column, **context):
        place = {'line': line, 'character': column}
        answer = client.ask('textDocument/codeAction', {'textDocument': {'uri': self.stork}, 'range': {'start': place, 'end': place},
                                                        'context': {'diagnostics': [], **context}})
        return answer['result']

    def test_code_actions(self):
        self.stork = 'file://' + os.path.join(self.tree, 'demo', 'stork.c')
        lines = STORK.splitlines()
        row = next(i for i, line in enumerate(lines) if 'kmalloc' in line)
        begin = len(lines[row][:lines[row].index('GFP_KERNEL')].encode('utf-16-le')) // 2
        column = len(lines[row][:lines[row].index('kmalloc')].encode('utf-16-le')) // 2
        for versions in False, True:
            client = Client(self.build)
            answer = client.ask('initialize', {'capabilities': {'workspace': {'workspaceEdit': {'documentChanges': versions}}}})
            self.assertEqual(answer['result']['capabilities']['codeActionProvider'], {'codeActionKinds': ['quickfix']})
            client.send('textDocument/didOpen', {'textDocument': {'uri': self.stork, 'version': 7, 'text': STORK}})
            [action] = self.actions(client, row, column)  # at once: it waits for the analysis
            self.assertEqual(action['kind'], 'quickfix')
            self.assertIn('GFP_KERNEL becomes GFP_ATOMIC', action['title'])
            self.assertEqual([one['code'] for one in action['diagnostics']], ['bh-gfp-in-atomic'])
            edits = [{'range': {'start': {'line': row, 'character': begin}, 'end': {'line': row, 'character': begin + 10}},
                      'newText': 'GFP_ATOMIC'}]
            expected = {'documentChanges': [{'textDocument': {'uri': self.stork, 'version': 7}, 'edits': edits}]} if versions else \
                {'changes': {self.stork: edits}}
            self.assertEqual(action['edit'], expected)
            self.assertEqual(len(self.actions(client, row, column, only=['quickfix'])), 1)
            self.assertEqual(self.actions(client, row, column, only=['refactor']), [])
            self.assertEqual(self.actions(client, row - 1, 1), [])
            # What is not saved has none: neither now, nor when it was analysed.
            changed = {'textDocument': {'uri': self.stork, 'version': 8}, 'contentChanges': [{'text': '\n' + STORK}]}
            client.send('textDocument/didChange', changed)
            self.assertEqual(self.actions(client, row + 1, column), [])
            place = {'line': row + 1, 'character': column}
            client.ask('textDocument/hover', {'textDocument': {'uri': self.stork}, 'position': place})  # which analyses
            self.assertEqual(self.actions(client, row + 1, column), [])
            demo_tree.write(self.tree, 'demo/stork.c', '\n' + STORK)
            client.send('textDocument/didSave', {'textDocument': {'uri': self.stork}})
            [moved] = self.actions(client, row + 1, column)
            self.assertIn(f'"line": {row + 1}', json.dumps(moved['edit']))
            # The disk has changed behind the editor.
            demo_tree.write(self.tree, 'demo/stork.c', STORK)
            self.assertEqual(self.actions(client, row + 1, column), [])
            client.end()

    def test_a_unit_that_fails_says_so(self):
        client = self.started()
        uri = 'file://' + os.path.join(self.tree, 'demo', 'broken.c')
        client.send('textDocument/didOpen', {'textDocument': {'uri': uri, 'text': demo_tree.read(self.tree, 'demo/broken.c')}})
        [found] = client.notified('textDocument/publishDiagnostics', uri)['diagnostics']
        self.assertIn('no_such_header.h', found['message'])
        client.end()

    def test_files_of_no_unit_are_left_alone(self):
        client = self.started()
        client.send('textDocument/didOpen', {'textDocument': {'uri': 'file:///elsewhere/a.c', 'text': 'x'}})
        self.assertEqual(client.notified('textDocument/publishDiagnostics', 'file:///elsewhere/a.c')['diagnostics'], [])
        client.send('textDocument/didOpen', {'textDocument': {'uri': 'untitled:1', 'text': 'x'}})
        self.assertIn('only files', client.notified('window/logMessage', '')['message'])
        client.end()

    def test_wrong_messages_are_answered(self):
        client = Client(self.build)
        self.assertEqual(client.ask('textDocument/hover')['error']['code'], -32002)
        client.send_bytes(b'{')
        self.assertEqual(client.receive()['error']['code'], -32700)
        client.send_bytes(b'[]')
        self.assertEqual(client.receive()['error']['code'], -32600)
        client.ask('initialize')
        self.assertEqual(client.ask('textDocument/definition')['error']['code'], -32601)
        self.assertEqual(client.ask('textDocument/hover', {'position': 1})['error']['code'], -32602)
        self.assertEqual(client.ask('textDocument/codeAction', {'textDocument': {'uri': self.uri}})['error']['code'], -32602)
        client.send('textDocument/didChange', {'textDocument': {'uri': self.uri}, 'contentChanges': [{'text': 'never opened'}]})
        self.assertIn('open document', client.notified('window/logMessage', '')['message'])
        client.send('exit')
        self.assertEqual(client.end()[0], 1) # without shutdown

    def test_what_is_no_protocol_ends_it(self):
        for text in (b'hello\n' * 1000, b'Content-Length: x\r\n\r\n', b'Content-Length: 99999999999\r\n\r\n',
                     b'Content-Length: 10\r\n\r\n{'):
            client = Client(self.build)
            client.process.stdin.write(text)
            client.process.stdin.flush()
            status, errors = client.end()
            self.assertEqual(status, 2, text)
            self.assertIn('bhlint: error: standard input: ', errors)

    def test_no_database(self):
        process = subprocess.run([BHLINT, 'lsp', '-p', self.folder], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual(process.returncode, 2)
        self.assertIn('no C unit is recorded here', process.stderr)

    @unittest.skipUnless(shutil.which('nvim'), 'no Neovim')
    def test_neovim(self):
        script, out = os.path.join(self.folder, 'test.lua'), os.path.join(self.folder, 'out.json')
        demo_tree.write(self.folder, 'test.lua', NEOVIM)
        file = os.path.join(self.tree, 'demo', 'dma_heron.c')
        # The tree that tests get has its finding suppressed.
        text = demo_tree.read(self.tree, 'demo/dma_heron.c').replace('bhlint: allow', 'nothing')
        demo_tree.write(self.tree, 'demo/dma_heron.c', text)
        stork = os.path.join(self.tree, 'demo', 'stork.c')
        process = subprocess.run(['nvim', '--headless', '-u', 'NONE', '-i', 'NONE', '-n', '-c', f'luafile {script}'], timeout=300,
                                 capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                                 env={**os.environ, 'HOME': self.folder, 'LSP_TEST': '\n'.join([BHLINT, self.build, file, stork, out])})
        self.assertEqual(process.returncode, 0, process.stderr)
        result = json.loads(demo_tree.read(self.folder, 'out.json'))
        self.assertTrue(result['came'], process.stderr)
        self.assertIn('mutex_lock() may sleep, but heron_account() runs in tasklet context', result['diagnostics'][0]['message'])
        self.assertIn('**tasklet context**', result['hover']['contents']['value'])
        self.assertTrue(result['went'])
        self.assertTrue(result['stork_came'])
        self.assertTrue(result['edited'], process.stderr)
        self.assertEqual(result['actions'], 1)
        self.assertTrue(result['fixed'])
        self.assertEqual(demo_tree.read(self.tree, 'demo/stork.c'), STORK.replace('GFP_KERNEL', 'GFP_ATOMIC'))
        self.assertTrue(result['ended'])


if __name__ == '__main__':
    BHLINT = sys.argv.pop(1)
    unittest.main()
