import t from 'tap'
import { gzipSync } from 'node:zlib'
import { readBody } from '../../src/api/body.js'
import type { Refusal } from '../../src/domain/refusal.js'

const why = (bytes: Buffer, contentEncoding?: string): string => (readBody(bytes, contentEncoding).value as Refusal).message
const json = '{"plan_id":2}'

t.test('a compressed body is named as such, by its header or by its first bytes', async t => {
  const packed = gzipSync(json)
  t.equal(why(packed), 'the body must be a JSON object: it is compressed (gzip); only plain JSON is read')
  t.match(why(packed, ' GZIP '), 'it is compressed (content-encoding: gzip)')
  t.match(why(Buffer.from([0x78, 0x9c, 0xab]), 'deflate'), 'it is compressed (content-encoding: deflate)')
  t.match(why(packed, 'identity'), 'it is compressed (gzip)')
  t.match(why(packed, 'x'.repeat(1000)), 'it is compressed (a content-encoding of 1000 characters)')
  t.equal(readBody(packed, 'gzip').text, `[${packed.length} bytes of content-encoding: gzip]`)
  t.match(why(Buffer.from([0x1f, 0xff])), 'invalid UTF-8')
})

t.test('a body that is not compressed is read, whatever its header says', async t => {
  t.strictSame(readBody(Buffer.from(json), 'gzip'), { text: json, isWhole: true, value: { plan_id: 2 } })
  t.match(why(Buffer.from('{'), 'gzip'), 'at line 1, column 2')
})

t.test('the text of a body in UTF-16 can be read, though it is refused', async t => {
  const body = Buffer.from(`\uFEFF${json}`, 'utf16le')
  t.equal(readBody(body).text, json)
  t.equal(readBody(Buffer.from(body).swap16()).text, json)
  t.match(why(body), 'it is UTF-16, not UTF-8')
})
