import t from 'tap'
import { originForm, pathOf, routedPath, targetHost } from '../../src/text/url.js'

t.test('a path is read as the router reads it', async t => {
  const paths: ReadonlyArray<readonly [url: string, path: string]> = [
    ['/a/b', '/a/b'], ['/a?b=/c', '/a'], ['/a#b', '/a'], ['/a#b?c', '/a'], ['/%5F%5fadmin', '/__admin'], ['/a%2Fb', '/a%2Fb'], ['/a%3Fb', '/a%3Fb'], ['/%255F', '/%5F'], ['/%zz%5F', '/%zz_'],
    ['/%c3%a9', '/%c3%a9'], ['http://x/a%61?b', '/aa'], ['HTTPS://x:1/a', '/a'], ['http://x', '/'], ['http://x?a/b', '/'], ['http://x/?a', '/'], ['*', '/'],
    ['*a?b', '/a'], ['*%5F', '/_'], ['', '/'],
    // Refused by the router, so at no path of the emulator's.
    ['http://x/a#b', '/ttp://x/a'], ['http://x#/a', '/ttp://x'], ['http:///a', '/ttp:///a'], ['http://[x/a', '/ttp://[x/a'], ['ws://x/a', '/s://x/a']
  ]
  for (const [url, path] of paths) t.equal(routedPath(url), path, url)
})

t.test('a target loses the origin that is for a proxy, and nothing else', async t => {
  const targets: ReadonlyArray<readonly [url: string, target: string, path: string]> = [
    ['/a?b', '/a?b', '/a'], ['http://x/a?b', '/a?b', '/a'], ['HTTPS://x:1/a/b', '/a/b', '/a/b'], ['http://x', '/', '/'], ['http://x?a', '/?a', '/'], ['http://x#a', 'http://x#a', 'http://x#a'], ['http://x/a#b', 'http://x/a#b', 'http://x/a#b'], ['http:///a', 'http:///a', 'http:///a'], ['http://?/a', 'http://?/a', 'http://'], ['http://[x/a', 'http://[x/a', 'http://[x/a'],
    ['http://u:p@x/a', '/a', '/a'],
    ['/http://x/a', '/http://x/a', '/http://x/a'], ['//x/a', '//x/a', '//x/a'], ['/?http://x/a', '/?http://x/a', '/'], ['ftp://x/a', 'ftp://x/a', 'ftp://x/a'], ['*', '*', '*'], ['*a?b', '/a?b', '/a'], ['', '', '']
  ]
  for (const [url, target, path] of targets) {
    t.equal(originForm(url), target, url)
    t.equal(pathOf({ url }), path, url)
  }
})

t.test('the host of a target is the one that it names', async t => {
  const hosts: ReadonlyArray<readonly [url: string, host: string | undefined]> = [
    ['/a', undefined], ['//x/a', undefined], ['/http://x/', undefined], ['*', undefined], ['http://x', 'x'], ['http://x/a', 'x'], ['HTTP://X:1/a', 'X:1'], ['https://u@x?y', 'u@x'], ['ws+unix://x#y', 'x'], ['http:///a', '']
  ]
  for (const [url, host] of hosts) t.equal(targetHost(url), host, url)
})
