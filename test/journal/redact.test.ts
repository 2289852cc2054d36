import t from 'tap'
import { entryOf, entryWithout } from '../../src/journal/entry.js'
import { headerLines } from '../../src/journal/headers.js'
import { createJournal } from '../../src/journal/journal.js'
import type { ReadTokens } from '../../src/journal/known-secrets.js'
import type { Entry, Recorded } from '../../src/journal/record.js'
import { MAX_SEARCHED, MAX_SHOWN, redactText } from '../../src/journal/redact.js'
import { secretFinder, type SecretFinder } from '../../src/journal/secret-finder.js'
import { recorded } from '../support/recorded.js'

const PATH = '/app/api/v2/pm/change-billing'

/** Reads these tokens once. */
function world (...tokens: string[]): ReadTokens {
  let news = tokens
  return () => {
    const read = { isAll: false, tokens: news }
    news = []
    return read
  }
}

const entryIn = (readTokens: ReadTokens, more: Partial<Recorded>): Entry => createJournal({ entries: 10, bytes: 1e9 }, readTokens).add(recorded(more))
const shown = (more: Partial<Recorded>, ...tokens: string[]): string => JSON.stringify(entryOf(entryIn(world(...tokens), more)))
function finderOf (...secrets: string[]): SecretFinder {
  const finder = secretFinder()
  for (const secret of secrets) finder.add(secret)
  return finder
}
const utf16 = (text: string): string => Buffer.from(`\uFEFF${text}`, 'utf16le').toString()

t.test('a token of the world is hidden whatever characters it has, in every escape', async t => {
  for (const token of ['tök"en&9x/+Zq=7', 'sch\\lüssel 9😀4', 'plain9-Token_42zz']) {
    const all = (digits: (code: number) => string): string => Array.from(token, character => digits(character.codePointAt(0)!)).join('')
    const bytes = (before: string): string => Buffer.from(token).toString('hex').replace(/../g, `${before}$&`)
    const json = JSON.stringify(token)
    const texts = [
      token, encodeURIComponent(token), encodeURIComponent(encodeURIComponent(token)), encodeURIComponent(JSON.stringify({ w: token })), bytes('%'), bytes('%2525'),
      bytes('\\x'), bytes('\\\\x'), all(code => `\\u{${code.toString(16)}}`), all(code => `&#${code}`), all(code => `&#x${code.toString(16)};`), json,
      JSON.stringify(json), JSON.stringify(JSON.stringify(json)), JSON.stringify(JSON.stringify(JSON.stringify(json))), Buffer.from(token).toString('latin1')
    ]
    for (const text of texts) t.equal(redactText(`${text},b=1`, [finderOf(token)]).replace(/[\\"]+|%(25)*(22|7B|w|3A|5C|7D)/g, '').replace('w', ''), '[redacted],b=1', text)
  }
  t.equal(redactText('\\u{110000}&#99999999;%c3%28%f6', [finderOf('plain9-Token_42zz')]), '\\u{110000}&#99999999;%c3%28%f6', 'what is no character is left as it is')
})

t.test('a secret beside its name is hidden in any notation, and what is beside it is not', async t => {
  // The secret is one that the emulator does not know. What is kept is in front of it, or behind it where its end can be told.
  const S = 'S3cr3t/of+nobody.9'
  const cases: Array<[name: string, body: string, kept?: string[]]> = [
    ['YAML', `plan_id: 2\ntoken: ${S}\nservice: 1`, ['plan_id: 2', 'service: 1']],
    ['YAML of several words', `token: two words ${S}\nservice: 1`, ['service: 1']],
    ['YAML with quotes', `token: "${S}" # why\nservice: 1`, ['# why', 'service: 1']],
    ['YAML with a doubled quote', `token: 'it''s ${S}'\nservice: 1`, ['service: 1']],
    ['YAML with a tag', `token: !!str ${S}\nservice: 1`, ['service: 1']],
    ['YAML with space before the colon', `token : ${S}\nservice: 1`, ['service: 1']],
    ['a block of YAML', `a:\n  token: |\n    one\n\n    ${S}\n  service: 1`, ['service: 1']],
    ['a folded block of YAML', `token: >-\r\n  one\r\n  ${S}\r\nservice: 1`, ['service: 1']],
    ['a block at the end of YAML', `a: 1\ntoken: |\n  ${S}`, ['a: 1']],
    ['YAML in the next line', `token:\n  ${S}\nservice: 1`, ['service: 1']],
    ['a list in YAML', `token:\n- first\n- ${S}\nservice: 1`, ['service: 1']],
    ['an item of a list in YAML', `- token: |\n    ${S}\n  service: 1\n- plan_id: 2`, ['service: 1', 'plan_id: 2']],
    ['an object in YAML', `token:\n  value: ${S}\nservice: 1`, ['service: 1']],
    ['a line of its own behind the name', `token:\n${S}\nservice: 1`, ['service: 1']],
    ['pairs in YAML', `- name: token\n  value: ${S}\n- name: plan_id\n  value: 2`, ['value: 2']],
    ['a flow mapping', `{plan_id: 2, token: ${S}, service: 1}`, ['plan_id: 2', 'service: 1']],
    ['SOAP', `<soap:Body><pa:token xsi:type="xsd:string">${S}</pa:token><service>1</service></soap:Body>`, ['<service>1</service>']],
    ['XML with another element within', `<token><value>${S}</value></token><service>1</service>`, ['<service>1</service>']],
    ['XML over several lines', `<token>\n  ${S}\n</token>\n<service>1</service>`, ['<service>1</service>']],
    ['XML with CDATA', `<token><![CDATA[${S}]]></token><service>1</service>`, ['<service>1</service>']],
    ['an attribute', `<request token="${S}" service="1"/>`, ['service="1"']],
    ['an element with an attribute', `<token value="${S}"/><service>1</service>`, ['<service>1</service>']],
    ['an empty element', `<token/><service>1</service><x token='${S}'>`, ['<token/><service>1</service>']],
    ['a parameter in XML', `<param name="token">${S}</param><param name="service">1</param>`, ['name="service">1<']],
    ['a parameter in attributes', `<add key="token" value="${S}"/><add key="service" value="1"/>`, ['key="service" value="1"']],
    ['XML-RPC', `<name>token</name>\n<value><string>${S}</string></value><name>service</name>`, ['<name>service</name>']],
    ['XML within XML', `<data>&lt;token&gt;${S}&lt;/token&gt;&lt;service&gt;1</data>`, ['service&gt;1']],
    ['JSON within XML', `<data>{&quot;token&quot;:&quot;${S}&quot;,&#34;service&#x22;:1}</data>`, ['service&#x22;:1']],
    ['XML that is cut off', `<service>1</service><token>${S}`, ['<service>1</service>']],
    ['XML that is cut off within a tag', `<service>1</service><token value="${S}`, ['<service>1</service>']],
    ['PHP', `a:2:{s:5:"token";s:18:"${S}";s:7:"service";i:1;}`, ['s:7:"service";i:1;']],
    ['CSV', `project_id,token,plan_id\n1,${S},2\n3,${S},4\n`, ['project_id,token,plan_id', '1,', ',2', ',4']],
    ['CSV with quotes', `"project_id";"api_token"\r\n"1";"a ""b"";\n${S}"\r\n3;x`, ['"1"']],
    ['a table with tabs', `token\tplan_id\n${S}\t2`, ['\t2']],
    ['a table with bars', `plan_id|token\n2|${S}\n3|4|5\n"6"7|${S}`, ['2|']],
    ['a table of one column', `token\n${S}`],
    ['an assignment', `token := ${S}\nservice := 1`, ['service := 1']],
    ['an assignment with quotes', `token := "${S}"; service := 1`, ['service := 1']],
    ['an assignment with an arrow', `token <- "${S}"\nservice <- 1`, ['service <- 1']],
    ['an assignment to an index', `params["token"] = '${S}'; params["service"] = 1`, ['params["service"] = 1']],
    ['a text of Python', `{'token': b'${S}', 'service': 1}`, ['\'service\': 1']],
    ['a text in typographic quotes', `{“token”: “${S}”, ‘service’: 1`, ['‘service’: 1']],
    ['a text in back quotes', `token: \`${S}\`, service: 1`, ['service: 1']],
    ['a property file', `token=${S}\nservice=1`, ['service=1']],
    ['a command line', `--service 1 --token ${S}\n--plan 2`, ['--service 1', '--plan 2']],
    ['a directive', `token "${S}"; service 1`, ['service 1']],
    ['a form', `service=1&token=${S}&plan_id=2`, ['service=1&', '&plan_id=2']],
    ['pairs in a form', `name=token&value=${S}&plan_id=2`, ['&plan_id=2']],
    ['a form with semicolons', `service=1;token=${S};plan_id=2`, ['service=1;', ';plan_id=2']],
    ['a query in a text', `see https://example.test/?a=1%3Ftoken=${S}&b=2`, ['a=1', '&b=2']],
    ['a form whose value is escaped', `token=one%26${S}&b=2`, ['&b=2']],
    ['a part of a form over several lines', `--b\r\nContent-Disposition: form-data; name="token"\r\n\r\none\r\n${S}\r\n--b\r\nservice`, ['service']],
    ['a part of a form that is cut off', `--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n${S}`, ['form-data']],
    ['pairs in JSON that is cut off', `[{"name":"token","value":"${S}"},{"name":"plan_id","value":2`, ['"value":2']],
    ['a pair in JSON that is cut off', `[["token","${S}"],["plan_id",2]`, ['["plan_id",2]']],
    ['an object in JSON that is cut off', `{"token":{"a":"}\\"","b":["${S}"]},"service":1`, ['"service":1']],
    ['an object in JSON within JSON that is cut off', `{"a":"{\\"token\\":{\\"b\\":\\"}${S}\\"},\\"service\\":1`, ['service']],
    ['JSON within JSON that is cut off', `{"a":"{\\"token\\":\\"\\\\\\"${S}\\",\\"service\\":1`, ['service']],
    ['JSON within JSON with other escapes, cut off', `{"a":"{\\u0022token\\u0022:\\u0022${S}\\u0022,\\u0022service`, ['service']],
    ['JSON within a URL', `?body=%7B%22token%22%3A%22${S}%22%2C%22service`, ['service']],
    ['UTF-16', utf16(`{"token":"${S}","service":1`), ['s\0e\0r\0v']],
    ['CSV in UTF-16', utf16(`plan_id,token\n2,${S}\n`), ['p\0l\0a\0n']]
  ]
  for (const [name, body, kept = []] of cases) {
    const text = shown({ body }).replaceAll('\\u0000', '')
    t.notOk(text.includes('S3cr3t') || text.includes('nobody'), `${name}: ${redactText(body)}`)
    t.match(text, /\[redacted\]/, name)
    for (const part of kept) t.ok(shown({ body }).includes(JSON.stringify(part).slice(1, -1)), `${name} shows ${part}`)
  }
})

t.test('what is hidden within a string of JSON ends where the string does, as often as JSON is within it', async t => {
  const S = 'S3cr3t-0f-no8ody'
  const texts = [
    `token: ${S}`, `token=${S}`, `https://x.example/hook?a=1&license_key=${S}`, `token: '${S}`, `token: "${S}`, `token: \`${S}, x`, `token is ${S}\\`, `token ${S}"`, `<token>${S}`,
    `<token a="${S}`, `token=[${S}`, `token={"a":"${S}`, `token: |\n  ${S}\nrest`, `a,token\nb,${S}"`, `name="token"\r\n\r\n${S}`, `token=%22${S}`, `token: ${S}\n, next: 5`, `[["token","${S}"]`,
    `{"token":"${S}","a":1}`, `{"token":{"a":"${S}"}}`, `token: ${S} ü😀"\t`, `{"a":"token: ${S}"}`
  ]
  const noSecrets = ['token=', 'token: ', 'token:', 'my token', 'token "', 'token\\', 'token: null', '<token', '{"token":null}']
  const writings: Array<(value: unknown) => string> = [
    JSON.stringify,
    value => JSON.stringify(value, null, 2),
    value => JSON.stringify(value).replaceAll('/', '\\/'),
    value => JSON.stringify(value).replaceAll(/[^\x20-\x7e]|[=<]/g, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
  ]
  for (const text of [...texts, ...noSecrets]) {
    const hidden = redactText(text)
    t.equal(hidden.includes('[redacted'), texts.includes(text), text)
    for (const write of writings) {
      const inner = write({ a: text, b: [text], plan_id: 2 })
      t.strictSame(JSON.parse(redactText(inner)), { a: hidden, b: [hidden], plan_id: 2 }, inner)
      for (const outer of [inner, write(inner)].map(inner => write({ inner, [`${text} `]: 1, plan_id: 2 }))) {
        const shown = redactText(outer)
        t.notMatch(shown, S)
        let value: unknown = JSON.parse(shown)
        t.strictSame(Object.keys(value as object), ['inner', redactText(`${text} `), 'plan_id'])
        value = (value as { inner: unknown }).inner
        while (typeof value === 'string') value = JSON.parse(value)
        t.strictSame(value, { a: hidden, b: [hidden], plan_id: 2 }, outer)
      }
    }
  }
})

t.test('a token with a slash is found in JSON within JSON, whoever wrote which', async t => {
  const token = 'ab/c+d/efgh12345678=='
  const known = secretFinder()
  known.add(token)
  const byNode = (value: string): string => JSON.stringify({ note: value })
  const byPhp = (value: string): string => byNode(value).replaceAll('/', '\\/')
  for (const writers of [[byPhp], [byPhp, byPhp], [byPhp, byNode], [byPhp, byPhp, byPhp], [byPhp, byNode, byNode], [byPhp, byPhp, byNode], [byPhp, byPhp, byPhp, byPhp], [byPhp, byNode, byNode, byNode]]) {
    const text = writers.reduce((inner, write) => write(inner), token)
    t.equal(redactText(text, [known]), writers.reduce((inner, write) => write(inner), '[redacted]'), text)
  }
})

t.test('where a text is no JSON, a mark ends no string', async t => {
  t.equal(redactText('{"a":"token: one"two, "b":1'), '{"a":"token: [redacted], "b":1')
  t.equal(redactText('"a","token: one""two"'), '"a","token: [redacted]')
  t.equal(redactText('{"a":"token: one" "b":1}'), '{"a":"token: [redacted]" "b":1}', 'but JSON may lack a comma')
  t.equal(redactText('{key: "token: one two"} three'), '{key: "token: [redacted]')
  t.equal(redactText('say "token: one two" three'), 'say "token: [redacted]')
  t.equal(redactText('{"a":"b", c: "token: one" two'), '{"a":"b", c: "token: [redacted]')
})

t.test('a URL stays one without the secret in it, and a port is none', async t => {
  for (const [url, expected] of [
    ['http://token-service:8080/hook', undefined],
    ['http://my.token.example:443', undefined],
    ['http://api-token:8080?token=a1b2', 'http://api-token:8080?token=[redacted]'],
    ['https://token:pa55@word@x.example/hook', 'https://token:[redacted]@x.example/hook'],
    ['https://token:80a@x.example', 'https://token:[redacted]@x.example'],
    ['https://token:a1b2/c3', 'https://token:[redacted]']
  ] as const) {
    t.equal(redactText(url), expected ?? url)
    t.equal(redactText(JSON.stringify({ url })), JSON.stringify({ url: expected ?? url }))
  }
})

t.test('a text without secrets stays as it is', async t => {
  const texts = [
    'plan_id: 2\nservice: 1', 'a,b\n1,2', 'token', 'token,', '<token', 'the token is missing; it must be in the body', 'token_ip_address: 192.0.2.1', '{"generate_api_token":true,',
    '<a>1</a>', 'a&b%zz\\u00zz&#;', '"project_name":"Token","notes":"API token","billing_plan":2', 'token:\nplan_id: 2', 'token: ', 'token=&a=1', '{"api_tokens":[{"ip":"::1"}],', '{"api_tokens":[],',
    'name,my token\n1,2', '\nname\n1', 'not a table\ntoken\n', '{"token":null,"a"', '{"license_key": null }'
  ]
  for (const text of texts) t.equal(redactText(text), text)
})

t.test('lists of tokens that are not as documented are hidden in cut-off JSON, too', async t => {
  t.equal(redactText('{"api_tokens":[{"ip":"::1","token":"abc"}],"a":1'), '{"api_tokens":[{"ip":"::1","token":"[redacted]"}],"a":1')
  for (const list of ['["abc"]', '[{"token":"x","more":"abc"}]', '[{"ip":{"a":"abc"}}]', '[{"ip":"abc"}', '[{]"abc"']) {
    t.notMatch(redactText(`{"api_tokens":${list},"a":1`), /abc/, list)
  }
})

t.test('a token of the world is hidden wherever it stands', async t => {
  const token = 'f00dfeedf00dfeedf00dfeedf00dfeedf00dfeed'
  const short = '132321343dsfsdf'
  const odd = 'my "own" tök/en 1'
  const percents = [...token].map(letter => `%${letter.charCodeAt(0).toString(16)}`).join('')
  const escaped = [...token].map(letter => `\\u00${letter.charCodeAt(0).toString(16)}`).join('')
  const places: Array<Partial<Recorded>> = [
    { url: `/app/api/v2/${token}/pm/change-billing` }, { url: `${PATH}&x=${token}` }, { url: `${PATH}?key=a${token}b` }, { url: `${PATH}/${percents}` }, { url: `${PATH}?a=%20${short}%20` },
    { headers: headerLines(['x-client', `me ${token}`]) }, { headers: headerLines([`x-${token}`, '1']) }, { headers: headerLines(['user-agent', `client (${short})`]) },
    { body: `plain text ${token}` }, { body: JSON.stringify({ note: `it is ${short}` }) }, { body: `{"note":"${escaped}"}` }, { body: `{"note":"${escaped}"` }, { body: `{"${token}":1}` },
    { body: JSON.stringify({ note: odd }) }, { body: JSON.stringify({ note: odd }).slice(0, -1) }, { body: JSON.stringify({ note: odd }).replaceAll('/', '\\/').slice(0, -1) }, { body: odd.replaceAll(' ', '+') },
    { body: utf16(token) }, { body: utf16(`"${short}"`) }, { answer: { httpStatus: 200, headers: {}, body: `{"message":"${token}${token}"}` } }
  ]
  for (const place of places) {
    const text = shown(place, token, short, odd)
    const bare = text.replaceAll('\\u0000', '')
    t.notOk([token, short, percents, escaped, 'tök', 't\\u00f6k'].some(secret => bare.includes(secret)), text)
    t.match(text, /\[redacted\]/)
  }
  t.equal(JSON.parse(shown({ body: 'token=one-two-3&four-5&a=1' }, 'two-3&four-5')).request.body, 'token=[redacted]&a=1', 'also where it reaches beyond a value beside a name')
  t.match(JSON.parse(shown({ body: '{"copy":735198246571,"other":735198246572}' }, '735198246571')), { request: { body: { copy: '[redacted]', other: 735198246572 } } }, 'also as a number')
})

t.test('a token that looks like an escape is hidden, however often it is escaped', async t => {
  for (const token of ['pA%2Fk9%3Dx7Qm', 'a\\u0041b77Zq9', 'x&#65;y8&lt;Qq41', 'z\0ab77Zq91']) {
    const escaped = encodeURIComponent(token)
    for (const text of [token, JSON.stringify({ note: token }), `a=${escaped}`, `a=${encodeURIComponent(escaped)}`]) {
      t.equal(redactText(`-- ${text}`, [finderOf(token)]).includes('[redacted]'), true, text)
    }
  }
  t.equal(redactText('a disabled one', [finderOf('%64isabled')]), 'a disabled one', 'but no ordinary word')
})

t.test('a token of the world is hidden in base64, in hexadecimal digits, and in escapes within escapes', async t => {
  const token = '132321343dsfsdf'
  const eight = 'a1b2c3d4'
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const hex = (text: string): string => Buffer.from(text).toString('hex')
  const jsonEscaped = (text: string): string => [...text].map(letter => `\\u00${hex(letter)}`).join('')
  const percent = (text: string): string => [...text].map(letter => `%${hex(letter)}`).join('')
  for (const secret of [token, eight]) {
    const cases: Array<[name: string, encoded: string, before?: string, after?: string]> = [
      ['base64', base64(secret), 'key ', '; service=1'],
      ['base64 without padding', base64(secret).replaceAll('=', ''), '{"note":"', '","service":1}'],
      ['base64 of a user and a password', base64(`me:${secret}`), 'key '],
      ['base64 of JSON', base64(`{"a":1,"note":"${secret}","service":1}`), 'a,', ',b'],
      ['base64 behind a letter', `x${base64(secret)}`],
      ['base64 behind two letters', `xy${base64(secret)}`],
      ['base64 behind three letters', `xyz${base64(secret)}`],
      ['base64 of UTF-16', Buffer.from(`${secret}.`, 'utf16le').toString('base64')],
      ['base64 of escaped JSON', base64(`"${jsonEscaped(secret)}"`)],
      ['base64 in a path', base64(secret).replaceAll('=', ''), '/app/api/v2/', '/pm'],
      ['base64 in percents', percent(base64(secret)), 'key=', '&service=1'],
      ['hexadecimal digits', hex(secret), 'key ', ' service 1'],
      ['hexadecimal digits in capitals', hex(secret).toUpperCase(), 'key '],
      ['hexadecimal digits behind another', `f${hex(`.${secret}`)}`, 'key '],
      ['hexadecimal digits behind 0x', `0x${hex(secret)}`, 'key '],
      ['hexadecimal digits between other letters', `key${hex(secret)}key`],
      ['bytes of PostgreSQL', `x${hex(secret)}`, '{"key":"\\\\', '"}'],
      ['JSON escapes in percents', encodeURIComponent(jsonEscaped(secret)), 'a ', '&b'],
      ['percents in JSON escapes', jsonEscaped(percent(secret)), 'a ', '&b'],
      ['JSON escapes in percents in entities', [...encodeURIComponent(jsonEscaped(secret))].map(letter => `&#x000${hex(letter)};`).join(''), 'a ', '&b'],
      ['bytes of JavaScript', [...secret].map(letter => `\\x${hex(letter)}`).join(''), 'a ', ' b']
    ]
    const { redact } = createJournal({ entries: 1, bytes: 1e6 }, world(secret))
    for (const [name, encoded, before = '', after = ''] of cases) t.equal(redact(before + encoded + after), `${before}[redacted]${after}`, `${name} of ${secret}`)
  }
  const withAmpersand = 'ab&cd<12345x'
  for (const xml of ['ab&amp;cd&lt;12345x', 'ab&amp;amp;cd&amp;lt;12345x', 'ab&amp;#38;cd&#60;12345x']) {
    t.equal(createJournal({ entries: 1, bytes: 1e6 }, world(withAmpersand)).redact(`<a>${xml}</a>`), '<a>[redacted]</a>', xml)
  }
  for (const word of ['application', 'aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91', 'deadbeefdeadbeef', base64(`x${token.slice(1)}`)]) {
    t.equal(createJournal({ entries: 1, bytes: 1e6 }, world(token)).redact(`a ${word} b`), `a ${word} b`, 'other words stay')
  }
})

t.test('the text of a body is shown as it was sent, and stays JSON without its secrets', async t => {
  const bodies: Array<[body: string, text: string]> = [
    ['{ "token" : 735198246571, "plan_id": 9007199254740993 }', '{ "token" : "[redacted]", "plan_id": 9007199254740993 }'],
    ['{"token":{"a":["S3cr3t-0815"]},"copy":"S3cr3t-0815","a":1e400}', '{"token":"[redacted]","copy":"[redacted]","a":1e400}'],
    ['{"plan_id":1,"plan_id":2,"token":"S3cr3t-0815"}', '{"plan_id":1,"plan_id":2,"token":"[redacted]"}'],
    ['{"api_tokens":[{"ip":"::1","token":"S3cr3t-0815"}],"token":true}', '{"api_tokens":[{"ip":"::1","token":"[redacted]"}],"token":"[redacted]"}'],
    ['{"fields":[{"key":"TOKEN","value":"S3cr3t-0815","more":{"x":"S3cr3t-0815 "}}]}', '{"fields":[{"key":"TOKEN","value":"[redacted]","more":{"x":"[redacted]"}}]}']
  ]
  for (const [body, text] of bodies) {
    const entry = entryOf(entryIn(world(), { body }))
    t.equal(entry.request.text, text)
    t.doesNotThrow(() => { JSON.parse(entry.request.text) }, text)
  }
})

t.test('a token that is short or made of ordinary words blanks no text, and is hidden beside its name', async t => {
  for (const token of ['demo', 'a1b2c3', 'disabled', 'no-projects', 'a master token of the account', 'Secret', '12345678', 'for-any-address']) {
    const body = JSON.stringify({ token, note: `it is ${token}` })
    t.match(JSON.parse(shown({ body }, token)), { request: { body: { token: '[redacted]', note: `it is ${token}` } } }, token)
  }
  const short = 'abc123def'
  t.match(JSON.parse(shown({ body: JSON.stringify({ a: `x${short}`, b: `${short}9`, c: `_${short}-`, d: `é${short}` }) }, short)),
    { request: { body: { a: `x${short}`, b: `${short}9`, c: '_[redacted]-', d: `é${short}` } } }, 'a short one within a longer word is another word')
})

t.test('of tokens that begin alike, the longest is hidden', async t => {
  const tokens = ['begin-0001', 'begin-0001-and-more-2', 'begin-0001-3']
  t.match(JSON.parse(shown({ body: `"${tokens.join()} begin-0002 begin-00"` }, ...tokens)), { request: { body: '[redacted],[redacted],[redacted] begin-0002 begin-00' } })
})

t.test('of very many tokens that begin alike, more is hidden rather than less', async t => {
  const beginning = 'a1b2c3d4'
  const tokens = Array.from({ length: 400 }, (_none, index) => `${beginning}${'x'.repeat(index)}9`)
  const text = `${`${beginning}-`.repeat(1000)} and ${tokens.slice(50).join(' ')} end`
  const redacted = redactText(text, [finderOf(...tokens)])
  t.notMatch(redacted, /xx/)
  t.match(redacted, /^(?:a1b2c3d4-)+(?:\[redacted\])+ end$/)
  const few = tokens.slice(0, 5)
  t.equal(redactText(`${`${beginning}-`.repeat(1000)}${few.join(' ')} end`, [finderOf(...few)]), `${`${beginning}-`.repeat(1000)}${'[redacted] '.repeat(5)}end`, 'a few cost little')
})

t.test('a token that was removed stays hidden while the journal may hold a request from before', async t => {
  const live = new Set(['first-token-1'])
  let added: string[] = []
  const add = (token: string): void => { live.add(token); added.push(token) }
  let isFirst = true
  const journal = createJournal({ entries: 3, bytes: 1e9 }, all => {
    const read = all || isFirst ? { isAll: true, tokens: [...live] } : { isAll: false, tokens: added }
    isFirst = false
    added = []
    return read
  })
  const look = (): string => journal.redact('first-token-1 second-token-2')
  const ask = (): void => { journal.add(recorded({ id: String(Math.random()) })) }
  t.equal(look(), '[redacted] second-token-2')
  add('second-token-2')
  live.delete('first-token-1')
  t.equal(look(), '[redacted] [redacted]')
  ask()
  // So many more come and go that the emulator reads anew which ones there are.
  const crowd = (name: string): void => {
    for (let number = 0; number < 1100; number++) add(`${name}-${number}-token`)
    look()
    for (let number = 0; number < 1100; number++) live.delete(`${name}-${number}-token`)
    look()
  }
  crowd('a')
  t.equal(look(), '[redacted] [redacted]', 'its request is in the journal')
  for (let count = 0; count < 3; count++) ask()
  for (let number = 0; number < 4; number++) crowd(`b${number}`)
  t.equal(look(), 'first-token-1 [redacted]', 'its request has been dropped')
})

t.test('the middle of a long body is left out, and no secret at the cuts is shown', async t => {
  const half = MAX_SHOWN / 2
  t.equal(redactText('x'.repeat(MAX_SHOWN)), 'x'.repeat(MAX_SHOWN))
  t.equal(redactText('x'.repeat(MAX_SHOWN + 1)), `${'x'.repeat(half)}[1 characters left out]${'x'.repeat(half)}`)
  t.equal(redactText('x'.repeat(MAX_SEARCHED)), `${'x'.repeat(half)}[${MAX_SEARCHED - MAX_SHOWN} characters left out]${'x'.repeat(half)}`)
  t.equal(redactText('x'.repeat(MAX_SEARCHED + 1)), `${'x'.repeat(MAX_SHOWN)}[${MAX_SEARCHED + 1 - MAX_SHOWN} characters left out]`, 'nor the end of one that is too long to be searched')
  const json = JSON.stringify({ note: 'x'.repeat(MAX_SHOWN) })
  t.match((entryOf(entryIn(world(), { body: json })).request.body as string), /^\{"note":"x+\[\d+ characters left out\]x+"\}$/, 'JSON is shown as text then')

  const secret = `token="${'s'.repeat(1000)}"`
  for (const [name, at] of [['beginning', half], ['end', 300_000 - half]] as const) {
    for (const offset of [0, 5, 7, 500, 1006, 1007, 1008, 1010]) {
      const body = 'x'.repeat(at - offset) + secret + 'x'.repeat(300_000 - at + offset - secret.length)
      t.notMatch(redactText(body), /ss/, `${offset} characters before the cut at the ${name}`)
    }
  }
  t.notMatch(redactText(`{"token":[${'"secret",'.repeat(60_000)}`), /secret/, 'a value across the middle is hidden in both parts')
})

t.test('redacting costs in proportion to the length, whatever the text', async t => {
  const pieces = [
    'token', 'token"', 'token ', 'token:', 'token: ', 'token:\n', 'token:\n ', 'token: |\n ', 'token="', 'token=\\', '\\', '\\u0074', '%74', '%25', 'token[', 'token"\n', '"token"\n \n', 'token=bearer ', "token'",
    '{"token":', '[', '\\"', 'a&', '=', '?', ' ', '{"a":"', '<token>', '<token ', '</token>', '&lt;token', 'token,', 'a,token\n', 'name="token"\r\n', '["token",', 'api_tokens":[', '{"api_tokens":[{"ip":', 'token value ', '\0t', '/token/', '/token/a-', 'token is ', 'token 9a ', '"token: a",', '"<token>",', '"token=\\"a",', '"<token a=",', '"{\\"token\\":[",', '://token:'
  ]
  const bodies: Array<[string, (size: number) => string]> = [
    ...pieces.map(piece => [piece, (size: number) => piece.repeat(size / piece.length)] as [string, (size: number) => string]),
    // A row of marks is no value's end, if something follows.
    ...['token ', 'token is ', '/token/', 'token:', 'token="', '<token>'].flatMap(before => ['.', '!', ':', '-', ' ', '"', '\\', '\n'].map(mark =>
      [`${before}${mark.repeat(3)}x`, (size: number) => `${before}${mark.repeat(size)}x`] as [string, (size: number) => string])),
    // Within JSON.
    ...['"token: a"', '"<token>"', '"<token a="', '"token=\\"a"', '"token=["', '"token"', '"token:":"a"', '"\\u0022token\\u0022:[\\u0022"', '"{\\"token: a\\":\\"<token>\\"}"']
      .map(piece => [`a list of ${piece}`, (size: number) => `[${Array.from({ length: size / piece.length }, () => piece).join()}]`] as [string, (size: number) => string]),
    ['a string within strings', size => {
      let text = 'token: a'
      while (text.length < size / 2) text = JSON.stringify(['token: a', text])
      return text
    }],
    ['a long string of names', size => JSON.stringify({ a: 'token: a\n'.repeat(size / 10) })],
    ['another name for each value', size => JSON.stringify(Object.fromEntries(Array.from({ length: size / 24 }, (_none, index) => [`token${index}`, `a${String(index).padStart(9, '0')}`])))],
    ['the same, cut off', size => Array.from({ length: size / 24 }, (_none, index) => `{"token${index}":"a${String(index).padStart(9, '0')}"`).join()],
    ['secrets of all lengths that begin alike', size => JSON.stringify({
      ...Object.fromEntries(Array.from({ length: Math.sqrt(size / 2) }, (_none, index) => [`token${index}`, `a1a1a1a1${'x'.repeat(index)}9`])),
      x: 'a1a1a1a1-'.repeat(size / 18)
    })],
    ['a long secret and what looks like it', size => JSON.stringify({ token: `${'1'.repeat(size / 10)}2`, x: '1'.repeat(size) })]
  ]
  const known = Array.from({ length: 2000 }, (_none, index) => `a${String(index).padStart(9, '0')}${'b'.repeat(index % 20)}`)
  for (const [name, bodyOf] of bodies) {
    const journal = createJournal({ entries: 10, bytes: 1e9 }, world(...known))
    const cost = (size: number): number => {
      const entry = journal.add(recorded({ id: String(Math.random()), body: bodyOf(size) }))
      const before = process.cpuUsage()
      entryOf(entry)
      const { user } = process.cpuUsage(before)
      return user
    }
    // Twelve times the length would cost 144 times as much with the square, however often it is tried.
    const isLinear = ([small, large]: readonly [number, number]): boolean => large <= 80 * Math.max(small, 500)
    // The processor's time, and the least of as many tries as it takes: whatever else this machine does only ever adds to it.
    let costs: readonly [small: number, large: number] = [cost(8_000), cost(96_000)]
    for (let tries = 1; !isLinear(costs) && tries < 50; tries++) costs = [costs[0], Math.min(costs[1], cost(96_000))]
    t.ok(isLinear(costs), `${JSON.stringify(name)}: ${costs.join(' and ')} µs`)
  }
})

t.test('what follows a name in a path or in a sentence is hidden, unless it is an ordinary word', async t => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ['/app/api/v2/token/9f8e7d6c5b/pm?service=1', '/app/api/v2/token/[redacted]/pm?service=1'],
    ['/api-token/a1b2', '/api-token/[redacted]'],
    ['/Token/eyJhbGciOi.J9.x_-y~z=#a', '/Token/[redacted]#a'],
    ['/a%2Ftoken%2F9f8e7d%2Fb', '/a%2Ftoken%2F[redacted]%2Fb'],
    ['/token/9f8e7d', '/token/[redacted]'],
    ['/tokens/9f8e7d', '/tokens/[redacted]'],
    ['first-token-1 9f8e7d6c', 'first-token-1 9f8e7d6c'],
    ['/token/refresh/1', '/token/refresh/1'],
    ['/token/', '/token/'],
    ['/token', '/token'],
    ['/pm/create-api-token', '/pm/create-api-token'],
    ['/pm/manage-api-token/5786', '/pm/manage-api-token/5786'],
    ['Mozilla/5.0 (token/1.0)', 'Mozilla/5.0 (token/1.0)'],
    ['the token 9f8e7d6c is wrong', 'the token [redacted] is wrong'],
    ['the token is 9f8e7d6c, and was', 'the token is [redacted], and was'],
    ['Sent token\t9f8e7d6c.', 'Sent token\t[redacted]'],
    ['a token is missing. The token was wrong!', 'a token is missing. The token was wrong!'],
    ['a token of the account 9f8e7d6c', 'a token of the account 9f8e7d6c'],
    ['token (9f8e)', 'token (9f8e)'],
    ['the token \n9f8e7d6c', 'the token \n9f8e7d6c'],
    ['token ', 'token ']
  ]
  for (const [text, expected] of cases) t.equal(redactText(text), expected)
})

t.test('a known secret is hidden in a text of any length that names nothing', async t => {
  const secret = 'a1b2c3d4e5f6'
  const finder = secretFinder()
  finder.add(secret)
  for (const spaces of [0, 1, 1011, 1012, 1013, 5000]) {
    const before = ' '.repeat(spaces)
    t.equal(redactText(`${before}${secret}`, [finder]), `${before}[redacted]`)
    t.equal(redactText(`${before}${secret.slice(1)}`, [finder]), `${before}${secret.slice(1)}`)
  }
  const other = secretFinder()
  other.add('9f8e7d6c5b4a')
  t.equal(redactText('9f8e7d6c5b4a or a1b2c3d4e5f6', [finder, other]), '[redacted] or [redacted]', 'in the order of the text')
})

t.test('a body that is shown as its text is searched once for both', t => {
  const looked: unknown[] = []
  const everywhere = <T>(value: T): T => {
    looked.push(value)
    return value
  }
  const asIs = { url: (url: string) => url, headers: () => ({}), body: (text: string) => text.startsWith('{') ? JSON.parse(text) as unknown : text, everywhere }
  for (const [body, times] of [['a=1', 1], ['', 1], ['{"a":1}', 1]] as const) {
    const { request } = entryWithout(asIs, entryIn(world(), { body }))
    t.equal(request.text, body)
    t.same(request.body, asIs.body(body))
    t.equal(looked.filter(value => value === body).length, times)
    looked.length = 0
  }
  t.end()
})
