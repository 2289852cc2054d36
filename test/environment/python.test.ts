import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import t from 'tap'
import { pythonRedirect } from '../../src/environment/python.js'

const isHere = (python: string): boolean => spawnSync(python, ['--version']).status === 0
const skip = isHere('python3') ? false : 'there is no python3 here'

const [secure, plain] = [createServer(), createServer()]
// The system takes connections while this process waits for Python.
for (const server of [secure, plain]) await once(server.listen(0, '127.0.0.1'), 'listening')
t.teardown(() => { for (const server of [secure, plain]) server.close() })
const [tlsPort, plainPort] = [secure, plain].map(server => (server.address() as AddressInfo).port) as [number, number]
const ours = { 'sitecustomize.py': pythonRedirect({ tlsPort, plainPort }) }

/** What a script prints, with these folders as PYTHONPATH. */
function printed (folders: readonly string[], script: string, python = 'python3'): { readonly lines: string[], readonly stderr: string } {
  const env = { ...process.env, PYTHONPATH: folders.join(delimiter), PYTHONDONTWRITEBYTECODE: '1' }
  const { stdout, stderr } = spawnSync(python, ['-c', script], { encoding: 'utf8', env })
  return { lines: stdout.trimEnd().split('\n'), stderr }
}

for (const python of ['python3', 'python2']) {
  t.test(`${python} connects to the emulator in the vendor's place, however it resolves names`, { skip: !isHere(python) && `there is no ${python} here` }, async t => {
    const { lines, stderr } = printed([t.testdir({ ours })].map(folder => join(folder, 'ours')), `
import socket
def shown(connection):
    print(connection.getpeername()[1])
    connection.close()
shown(socket.create_connection(('pickyassist.com', 443)))
shown(socket.create_connection((u'APP.PickyAssist.com.', 80)))
for name in (b'pickyassist.com', 'pickyassist.com'):
    found = socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
    connection = socket.socket()
    connection.connect((found[0][4][0], 443))
    shown(connection)
connection = socket.socket()
print(connection.connect_ex(('pickyassist.com', 443)))
shown(connection)
print(socket.getaddrinfo('127.0.0.1', 443)[0][4] == ('127.0.0.1', 443))
print(socket.getaddrinfo(None, 443, socket.AF_INET)[0][4] == ('127.0.0.1', 443))
for address in ('/nowhere/443', ('127.0.0.1', 1)):
    connection = socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX)
    print(connection.connect_ex(address) > 0)
    connection.close()
`, python)
    const connected = [tlsPort, plainPort, tlsPort, tlsPort, 0, tlsPort].map(String)
    t.strictSame({ lines, stderr }, { lines: [...connected, 'True', 'True', 'True', 'True'], stderr: '' })
  })
}

t.test('Python with asyncio connects to the emulator, too', { skip }, async t => {
  const folder = join(t.testdir({ ours }), 'ours')
  t.strictSame(printed([folder], `
import asyncio
async def main():
    reader, writer = await asyncio.open_connection('pickyassist.com', 443)
    print(writer.get_extra_info('peername')[1])
    writer.close()
asyncio.new_event_loop().run_until_complete(main())
`), { lines: [String(tlsPort)], stderr: '' })
})

const requests = {
  '__init__.py': '',
  'utils.py': 'from urllib.parse import urlparse\ndef should_bypass_proxies(url, no_proxy):\n    return no_proxy\n'
}
t.test('requests takes no proxy to the vendor, as long as nothing else resolves names for it', { skip }, async t => {
  const folder = t.testdir({ ours, packages: { requests } })
  const asked = 'print([utils.should_bypass_proxies("https://" + host, no_proxy=False) for host in ("pickyassist.com/x", "app.pickyassist.com", "x.test", "")])'
  const script = `
from requests import utils
import socket
${asked}
ours = socket.getaddrinfo
socket.getaddrinfo = lambda *args: ours(*args)
${asked}
socket.getaddrinfo = ours
class Other(socket.socket):
    pass
socket.socket = Other
${asked}
import importlib
importlib.reload(socket)
importlib.reload(utils)
${asked}
print(utils.should_bypass_proxies('https://x.test', True))
`
  const [directly, never] = ['[True, True, False, False]', '[False, False, False, False]']
  t.strictSame(printed([join(folder, 'ours'), join(folder, 'packages')], script), { lines: [directly, never, never, directly, 'True'], stderr: '' })
  t.strictSame(printed([join(folder, 'ours'), join(folder, 'packages')], `import zipfile, socket, sys
from os.path import dirname, join
packages = sys.path[2]
with zipfile.ZipFile(join(packages, 'x.zip'), 'w') as archive:
    for file in ('requests/__init__.py', 'requests/utils.py'):
        archive.write(join(packages, file), file)
sys.path.insert(0, join(packages, 'x.zip'))
from requests import utils
import requests
print('x.zip' in requests.__file__)
# Older ones load archives in a way that is left alone.
print(utils.should_bypass_proxies('https://pickyassist.com', False) == (sys.version_info >= (3, 10)))
`), { lines: ['True', 'True'], stderr: '' }, 'from an archive, whose modules have one loader')
})

t.test('a program that can\'t be changed is left to its proxy, and says nothing', { skip }, async t => {
  const folder = t.testdir({ ours, packages: { requests: { ...requests, 'utils.py': 'found = True' } }, empty: { requests: { '__init__.py': '' } } })
  t.strictSame(printed([join(folder, 'ours'), join(folder, 'packages')], 'from requests import utils\nprint(utils.found)'), { lines: ['True'], stderr: '' })
  t.match(printed([join(folder, 'ours'), join(folder, 'empty')], 'import requests.utils').stderr, "No module named 'requests.utils'")
})

t.test('the next sitecustomize is run as if there were no other', { skip }, async t => {
  const connects = 'import socket; print(socket.create_connection(("pickyassist.com", 443)).getpeername()[1])'
  const folder = t.testdir({
    ours,
    own: { 'sitecustomize.py': 'import sys\nsys.path.append("added")\nprint(__name__, __file__)' },
    failing: { 'sitecustomize.py': 'import nowhere' },
    outer: { 'sitecustomize.py': pythonRedirect({ tlsPort: 1, plainPort: 1 }) }
  })
  const [mine, own, failing, outer] = ['ours', 'own', 'failing', 'outer'].map(name => join(folder, name)) as [string, string, string, string]
  const { lines, stderr } = printed([mine, own], `${connects}; import sys, sitecustomize; print(sitecustomize.__file__); print(sys.path[1], sys.path[-1])`)
  const file = join(own, 'sitecustomize.py')
  t.strictSame({ lines, stderr }, { lines: [`sitecustomize ${file}`, String(tlsPort), file, `${mine} added`], stderr: '' })
  const failed = printed([mine, failing], connects)
  t.match(failed.stderr, 'nowhere', 'its error is told as ever')
  t.strictSame(failed.lines, [String(tlsPort)])
  t.strictSame(printed([mine, outer], connects), { lines: [String(tlsPort)], stderr: '' }, 'the inner one of two emulators')
})

t.test('an interpreter starts without loading sockets for it', { skip }, async t => {
  const folder = join(t.testdir({ ours }), 'ours')
  const script = 'import sys; print([name for name in sys.modules if name in ("socket", "requests")])'
  t.strictSame(printed([folder], script), printed([], script))
})
