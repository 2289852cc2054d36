import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import * as util from 'node:util'
import t from 'tap'
import { removeTemporaryFolder, temporaryFolder, writeClientFiles } from '../../src/environment/files.js'
import { certificatesIn, certificatesOf, trustedRoots } from '../../src/environment/roots.js'
import { shellText, SHELLS } from '../../src/environment/shell.js'
import { trustStore } from '../../src/environment/trust-store.js'
import { clientVariables } from '../../src/environment/variables.js'
import { wgetSettings } from '../../src/environment/wget.js'
import { createIdentity } from '../../src/tls/certificate.js'

const [{ ca }, { ca: other }, { ca: third }] = [createIdentity(), createIdentity(), createIdentity()]
const FILES = { roots: '/x/roots.pem', extra: '/x/extra.pem', trustStore: '/x/roots.jks', php: '/x/php', wget: '/x/wgetrc', redirect: '/x/redirect.cjs', python: '/x/python' }

t.test('roots are those of the system and of the environment, each once', async t => {
  const folder = t.testdir({ system: `# comment\n${ca}text\n${other}`, mine: third + ca, empty: '' })
  const system = [join(folder, 'none'), join(folder, 'empty'), join(folder, 'system'), join(folder, 'mine')]
  t.strictSame(certificatesOf(trustedRoots({ SSL_CERT_FILE: join(folder, 'mine'), CURL_CA_BUNDLE: '/nowhere', NODE_EXTRA_CA_CERTS: '' }, system)),
    certificatesOf(ca + other + third))
  t.ok(certificatesOf(trustedRoots({}, [])).length > 50, 'Node\'s own, where the system has none')
  t.ok(certificatesOf(trustedRoots({})).length > 50)
  t.strictSame(certificatesIn('/nowhere'), [])
  t.strictSame(certificatesIn('/dev/zero'), [], 'nor is one read on without end')
})

t.test('whatever names roots, they are trusted further on, also in folders', async t => {
  const folder = t.testdir({ mine: third + ca, one: { '0123abcd.0': third, '0123abcd.1': '# no certificate\n', 'ffffffff.0': {}, 'notes.txt': other }, two: { '89abcdef.12': t.fixture('symlink', '../mine'), '89abcdef.13': t.fixture('symlink', 'nothing') } })
  const [mine, one, two] = ['mine', 'one', 'two'].map(name => join(folder, name))
  const found = (env: Record<string, string>): string[] => certificatesOf(trustedRoots(env, [join(folder, 'one', 'notes.txt')]))
  for (const name of ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'PERL_LWP_SSL_CA_FILE', 'DENO_CERT', 'NODE_EXTRA_CA_CERTS']) {
    t.strictSame(found({ [name]: mine! }), certificatesOf(other + third + ca), name)
  }
  for (const name of ['REQUESTS_CA_BUNDLE', 'PERL_LWP_SSL_CA_PATH', 'SSL_CERT_DIR']) t.strictSame(found({ [name]: one! }), certificatesOf(other + third), `${name} with a folder`)
  t.strictSame(found({ SSL_CERT_DIR: [one, '/nowhere', two].join(delimiter) }), certificatesOf(other + third + ca), 'several folders, and what can\'t be read')
  const { extra } = writeClientFiles(folder, { ca, proxyPort: 1, tlsPort: null }, { DENO_CERT: mine, NODE_EXTRA_CA_CERTS: mine })
  t.strictSame(certificatesIn(extra).slice(0, 2), certificatesOf(third + ca), 'those of Deno, once')
})

t.test('the files hold what is trusted so far, and the CA', async t => {
  const folder = t.testdir({ mine: third })
  const files = writeClientFiles(folder, { ca, proxyPort: 1, tlsPort: 2 }, { NODE_EXTRA_CA_CERTS: join(folder, 'mine') })
  t.strictSame(certificatesIn(files.extra), certificatesOf(third + ca))
  const roots = certificatesIn(files.roots)
  t.strictSame(roots.slice(-2), certificatesOf(third + ca))
  t.equal(readFileSync(join(files.php, 'picky-emulator.ini'), 'utf8'), `curl.cainfo="${files.roots}"\nopenssl.cafile="${files.roots}"\n`)
  t.match(readFileSync(files.redirect!, 'utf8'), /^require\(".*redirect\.cjs"\)\.redirectVendor\(\{"tlsPort":2,"plainPort":1,"ca":".*"\}\)\n$/)
  t.match(readFileSync(join(files.python!, 'sitecustomize.py'), 'utf8'), /^PORTS = \{443: 2, 80: 1\}\nDOMAIN = u'pickyassist\.com'\n/)
  t.equal(readFileSync(files.wget, 'utf8'), `ca_certificate = ${files.roots}\n`)
  t.match(writeClientFiles(folder, { ca, proxyPort: 1, tlsPort: null }, {}), { redirect: null, python: null })
})

t.test('a temporary folder that can\'t be removed is told in one line, and is no error', async t => {
  const folder = t.testdir({ file: '' })
  const told: string[] = []
  const tell = (line: string): void => { told.push(line) }
  removeTemporaryFolder(folder, tell, () => { throw Object.assign(new Error('resource busy or locked'), { code: 'EBUSY' }) })
  t.strictSame(told, [`the temporary folder ${folder} can't be removed (EBUSY)`])
  removeTemporaryFolder(folder, tell)
  removeTemporaryFolder(folder, tell)
  t.equal(told.length, 1)
  t.notOk(existsSync(folder))
})

t.test('a temporary folder relative to a working folder that is gone is a problem', async t => {
  const [here, gone] = [process.cwd(), join(t.testdir({}), 'gone')]
  const { TMPDIR } = process.env
  mkdirSync(gone)
  process.chdir(gone)
  rmdirSync(gone)
  process.env.TMPDIR = 'temporary'
  try {
    t.throws(() => temporaryFolder('run'), { name: 'Problem', message: "the temporary folder temporary can't be written (ENOENT); set TMPDIR to a folder with room" })
  } finally {
    process.chdir(here)
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
})

const hasJava = spawnSync('java', ['-version']).status === 0
const hasKeytool = spawnSync('keytool', ['-help']).status === 0
t.test('a JDK reads the trust store', { skip: !hasKeytool && 'there is no keytool here' }, async t => {
  const folder = t.testdir({})
  writeFileSync(join(folder, 'roots.jks'), trustStore(ca + other))
  const { stdout } = spawnSync('keytool', ['-list', '-keystore', join(folder, 'roots.jks'), '-storepass', 'changeit'], { encoding: 'utf8' })
  t.match(stdout, /contains 2 entries/)
  t.match(stdout, /root-1.*trustedCertEntry/)
})

t.test('variables lead every kind of client to the proxy and to the CA', async t => {
  const variables = clientVariables({}, 8080, FILES)
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy']) t.equal(variables[name], 'http://127.0.0.1:8080', name)
  for (const name of ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'PERL_LWP_SSL_CA_FILE']) t.equal(variables[name], FILES.roots, name)
  t.equal(variables.WGETRC, FILES.wget)
  for (const name of ['NODE_EXTRA_CA_CERTS', 'DENO_CERT']) t.equal(variables[name], FILES.extra, name)
  t.equal(variables.NODE_OPTIONS, '--require /x/redirect.cjs')
  t.equal(variables.PYTHONPATH, '/x/python')
  t.equal(variables.PHP_INI_SCAN_DIR, ':/x/php')
  t.equal(variables.JAVA_TOOL_OPTIONS, '-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=8080 -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080 ' +
    '-Dhttp.nonProxyHosts=localhost|127.*|[::1] -Djavax.net.ssl.trustStore=/x/roots.jks -Djavax.net.ssl.trustStoreType=JKS -Djavax.net.ssl.trustStorePassword=changeit')
  for (const name of ['JDK_JAVA_OPTIONS', '_JAVA_OPTIONS']) t.notOk(name in variables, 'is set only where it was')
  t.notOk('NODE_OPTIONS' in clientVariables({}, 8080, { ...FILES, redirect: null }))
  t.notOk('PYTHONPATH' in clientVariables({ PYTHONPATH: '/mine' }, 8080, { ...FILES, python: null }))
})

t.test('what the environment says already is kept', async t => {
  const before = { NODE_OPTIONS: '--no-warnings', JAVA_TOOL_OPTIONS: '-Xmx1g', PHP_INI_SCAN_DIR: '/etc/php', no_proxy: 'a.test, .b.test,10.0.0.0/8,localhost' }
  const variables = clientVariables(before, 8080, { ...FILES, redirect: '/with space/"x".cjs', trustStore: '/with space/roots.jks' })
  t.equal(variables.NODE_OPTIONS, '--no-warnings --require "/with space/\\"x\\".cjs"')
  t.match(variables.JAVA_TOOL_OPTIONS!, /^-Xmx1g -D.*\|localhost|127\.\*|\[::1\] "-Djavax\.net\.ssl\.trustStore=\/with space\/roots\.jks" /)
  t.match(variables.JAVA_TOOL_OPTIONS!, '-Dhttp.nonProxyHosts=a.test|*.b.test|10.0.0.0/8|localhost|127.*|[::1] ')
  for (const name of ['JDK_JAVA_OPTIONS', '_JAVA_OPTIONS']) t.match(clientVariables({ [name]: '-Xmx1g' }, 8080, FILES)[name], /^-Xmx1g -Dhttp\.proxyHost=/)
  t.equal(variables.PHP_INI_SCAN_DIR, '/etc/php:/x/php')
  t.equal(variables.NO_PROXY, 'a.test,.b.test,10.0.0.0/8,localhost,127.0.0.1,::1')
  t.equal(clientVariables({ NODE_OPTIONS: '' }, 1, FILES).NODE_OPTIONS, '--require /x/redirect.cjs')
  t.equal(clientVariables({ PYTHONPATH: '/mine:/other' }, 1, FILES).PYTHONPATH, '/x/python:/mine:/other')
  t.equal(clientVariables({ PYTHONPATH: '' }, 1, FILES).PYTHONPATH, '/x/python', 'an empty part would be the working folder')
})

const hasPhp = spawnSync('php', ['--version']).status === 0
t.test('PHP finds the roots, whatever the path of their folder', { skip: !hasPhp && 'there is no php here' }, async t => {
  for (const name of ["Bob's folder", `"a" ${'$'}{HOME} $b`, 'a\\b']) {
    const folder = join(t.testdir({}), name)
    mkdirSync(folder)
    const { php, roots } = writeClientFiles(folder, { ca, proxyPort: 1, tlsPort: null }, {})
    const { stdout } = spawnSync('php', ['-r', 'echo ini_get("openssl.cafile");'], { encoding: 'utf8', env: { ...process.env, PHP_INI_SCAN_DIR: `:${php}` } })
    t.equal(stdout, roots)
  }
})

t.test('settings of wget are kept, but for those that would keep it from the emulator', async t => {
  const own = 'ca-certificate=/x\nCA_Certificate = /x\n\nuse_proxy = off\nhttpsproxy = http://x\nno_proxy=.com\nhttp_proxy_password = p\r\nuser_agent = ca_certificate = x'
  const folder = t.testdir({ '.wgetrc': own, other: 'tries = 3\n', folder: {} })
  t.equal(wgetSettings({ HOME: folder }), 'http_proxy_password = p\r\nuser_agent = ca_certificate = x\n')
  t.equal(wgetSettings({ HOME: folder, WGETRC: join(folder, 'other') }), 'tries = 3\n')
  for (const WGETRC of [folder, '/nowhere', '/dev/zero']) t.equal(wgetSettings({ WGETRC }), '', WGETRC)
  t.equal(wgetSettings({ HOME: join(folder, 'folder') }), '')
})

t.test('a JVM starts, whatever the path of its trust store', { skip: !hasJava && 'there is no java here' }, async t => {
  for (const trustStore of ["/Bob's folder/roots.jks", '/x/"a" \'b\'"/roots.jks', '/x/a\\b/roots.jks']) {
    const { JAVA_TOOL_OPTIONS } = clientVariables({}, 8080, { ...FILES, trustStore })
    const { stderr } = spawnSync('java', ['-XshowSettings:properties', '-version'], { encoding: 'utf8', env: { ...process.env, JAVA_TOOL_OPTIONS } })
    t.ok(stderr.includes(` javax.net.ssl.trustStore = ${trustStore}\n`), trustStore)
  }
})

t.test('a JVM that was told of another proxy and other roots takes those of the emulator', { skip: !hasJava && 'there is no java here' }, async t => {
  const given = '-Dhttps.proxyHost=company.test -Djavax.net.ssl.trustStore=/company.jks -Dmine=1'
  for (const name of ['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', '_JAVA_OPTIONS']) {
    const { JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS, _JAVA_OPTIONS } = clientVariables({ [name]: given }, 8080, { ...FILES, trustStore: "/Bob's folder/roots.jks" })
    const env = { ...process.env, ...Object.fromEntries(Object.entries({ JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS, _JAVA_OPTIONS }).filter(([, value]) => value !== undefined)) }
    const { stderr } = spawnSync('java', ['-XshowSettings:properties', '-version'], { encoding: 'utf8', env })
    for (const line of ['https.proxyHost = 127.0.0.1', "javax.net.ssl.trustStore = /Bob's folder/roots.jks", 'mine = 1']) t.ok(stderr.includes(` ${line}\n`), `${name}: ${line}`)
  }
})

t.test('what would keep a client from taking the proxy to the vendor is dropped', async t => {
  const NO_PROXY = '*,pickyassist.com,.pickyassist.com,*.pickyassist.com,APP.pickyassist.com:443,com,.com,x.com,pickyassist.com.x'
  t.equal(clientVariables({ NO_PROXY }, 1, FILES).no_proxy, 'x.com,pickyassist.com.x,localhost,127.0.0.1,::1')
})

t.test('variables are written so that a shell reads them as they are', async t => {
  const value = 'a\'b "c" $d \\e'
  t.equal(shellText({ X: value }, 'fish'), 'set -gx X \'a\\\'b "c" $d \\\\e\'')
  t.equal(shellText({ X: value }, 'powershell'), '$env:X = \'a\'\'b "c" $d \\e\'')
  t.equal(shellText({ X: value }, 'dotenv'), 'X="a\'b \\"c\\" \\$d \\\\e"')
  t.equal(shellText({ X: 'a "b c" $d \\e #f' }, 'dotenv'), 'X=\'a "b c" $d \\e #f\'')
  const { NODE_OPTIONS } = clientVariables({}, 1, { ...FILES, redirect: '/My Project/redirect.cjs' })
  // Newer than Node.js 20.0.
  const parseEnv = util.parseEnv as typeof util.parseEnv | undefined
  t.equal(parseEnv === undefined ? NODE_OPTIONS : parseEnv(shellText({ NODE_OPTIONS: NODE_OPTIONS! }, 'dotenv')).NODE_OPTIONS, NODE_OPTIONS)
  t.strictSame(JSON.parse(shellText({ X: value }, 'json')), { X: value })
  t.equal(spawnSync('sh', ['-c', `${shellText({ X: value, Y: '1' }, 'sh')}; printf %s "$X$Y"`], { encoding: 'utf8' }).stdout, `${value}1`)
  t.equal(SHELLS.length, 5)
})
