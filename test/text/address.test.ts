import fc from 'fast-check'
import { request } from 'node:http'
import t from 'tap'
import { isAddress, isLoopback, isLoopbackName, isSameAddress } from '../../src/text/address.js'
import { emulate } from '../support/emulator.js'

t.test('an address is one of IPv4 or IPv6, and nothing more', async t => {
  const right = ['0.0.0.0', '127.0.0.1', '192.168.0.1', '255.255.255.255', '::', '::1', '2001:db8::1', '2001:DB8::1', '2001:0db8:0000:0000:0000:0000:0000:0001', '1:2:3:4:5:6:7:8', '::ffff:192.0.2.1', 'fe80::1']
  const wrong = ['', 'localhost', '1.2.3', '1.2.3.4.5', '256.0.0.1', '1.2.3.-4', '01.2.3.4', '192.168.000.1', '0x7f.0.0.1', '2130706433', '1.2.3.4 ', ' 1.2.3.4', '1.2.3.4\n', '1.2.3.4:80', '1.2.3.4/32', '1.2.3.*', '\u0661.2.3.4',
    '[::1]', '::1/128', 'fe80::1%eth0', 'fe80::1%', '::1%lo', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '00001::', ':::', '::g', '::ffff:01.2.3.4', '::1.2.3']
  for (const text of right) t.ok(isAddress(text), text)
  for (const text of wrong) t.notOk(isAddress(text), JSON.stringify(text))
})

t.test('a loopback name is one in each of its spellings', async t => {
  for (const name of ['localhost', 'localhost.', 'a.localhost', 'a.b.localhost.', '127.0.0.1', '[::1]', '[0:0:0:0:0:0:0:1]', '[0000::0001]']) t.ok(isLoopbackName(name), name)
  for (const name of ['', '.', 'local', 'localhost..', '.localhost', 'a..localhost', 'evil.example/.localhost', 'evil.example#.localhost', 'a b.localhost', 'a@b.localhost', 'xlocalhost', 'localhost.x', '127.0.0.1.', '127.0.0.2', '::1', '[::1', '[::2]', '[::]', '[::1%1]', '[127.0.0.1]', '[::ffff:127.0.0.1]', '[]']) t.notOk(isLoopbackName(name), name)
  for (const host of ['localhost', 'LOCALHOST', 'localhost.', '127.0.0.1', '127.1.2.3', '::1', '0:0:0:0:0:0:0:1']) t.ok(isLoopback(host), host)
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'fe80::1', 'example.com', '127.example.com']) t.notOk(isLoopback(host), host)
})

t.test('two texts mean the same address', async t => {
  const same: ReadonlyArray<readonly string[]> = [
    ['127.0.0.1', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::FFFF:7f00:1'],
    ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201', '0:0:0:0:0:ffff:192.0.2.1'],
    ['2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:0db8::0001'],
    ['fe80::1', 'fe80::1%eth0', 'FE80:0::1%2'],
    ['127.0.0.2'],
    ['0.0.0.0', '::ffff:0.0.0.0'],
    ['::'],
    // Not IPv4 that is written as IPv6, although it looks like it.
    ['::127.0.0.1', '::7f00:1'],
    ['::ffff:0:7f00:1'],
    ['']
  ]
  for (const [index, group] of same.entries()) {
    for (const a of group) {
      for (const [other, more] of same.entries()) for (const b of more) t.equal(isSameAddress(a, b), index === other, `${a} and ${b}`)
    }
  }
})

t.test('however an address is written, it is the same one, and one as IPv6 is the same as IPv4', async () => {
  fc.assert(fc.property(fc.ipV4(), fc.ipV6(), (v4, v6) => {
    if (!isAddress(v4) || !isAddress(v6)) throw new Error('it is an address')
    if (!isSameAddress(v4, `::ffff:${v4}`) || !isSameAddress(v6, v6.toUpperCase())) throw new Error('it is the same one')
  }))
})

t.test('a token that is for this machine is taken over either loopback address, however the token has it', async t => {
  const ips = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1', '', '127.0.0.2', '192.0.2.1', '::2', '::']
  const tokens = ips.map((ip, index) => ({ token: `token-${index}`, ...ip !== '' && { ip } }))
  const { urls } = await emulate(t, { scenario: { accounts: [{ token: 'master', projects: [{ project_id: 1, api_tokens: tokens }] }] } })
  const check = async (url: string, token: string, localAddress?: string): Promise<number> => await new Promise((resolve, reject) => {
    request(`${url}/app/api/v2/check-balance`, { method: 'POST', ...localAddress !== undefined && { localAddress } }, response => {
      let text = ''
      response.on('data', chunk => { text += chunk }).on('end', () => resolve((JSON.parse(text) as { status: number }).status))
    }).on('error', reject).end(JSON.stringify({ token }))
  })
  t.match(urls, [/127\.0\.0\.1/])
  for (const url of urls) {
    for (const [index, ip] of ips.entries()) t.equal(await check(url, `token-${index}`), index < 5 ? 100 : 401, `${url} with a token for ${ip === '' ? 'any' : ip}`)
  }
  const canBindAnother = await check(urls[0]!, 'master', '127.0.0.2').then(() => true, () => false)
  t.test('and one for another address of it only from there', canBindAnother ? {} : { skip: '127.0.0.2 is no address of this machine' }, async t => {
    for (const [index, ip] of ips.entries()) t.equal(await check(urls[0]!, `token-${index}`, '127.0.0.2'), ip === '' || ip === '127.0.0.2' ? 100 : 401, ip)
  })
})
