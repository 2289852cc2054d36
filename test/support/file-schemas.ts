import { Type } from '@sinclair/typebox'

const only = { additionalProperties: false }
const text = Type.String()
const size = Type.Integer({ minimum: -1 })
const milliseconds = Type.Number({ minimum: -1 })
const pairs = Type.Array(Type.Object({ name: text, value: text, comment: Type.Optional(text) }, only))
const instant = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$' })

/** HTTP archive (HAR 1.2), as far as one is written: http://www.softwareishard.com/blog/har-12-spec/. Names with an underscore are custom. */
export const HarSchema = Type.Object({
  log: Type.Object({
    version: Type.Literal('1.2'),
    creator: Type.Object({ name: text, version: text }, only),
    entries: Type.Array(Type.Object({
      startedDateTime: instant,
      time: Type.Number({ minimum: 0 }),
      request: Type.Object({
        method: text,
        url: Type.String({ pattern: '^https?://' }),
        httpVersion: text,
        cookies: Type.Array(Type.Never()),
        headers: pairs,
        queryString: pairs,
        postData: Type.Optional(Type.Object({ mimeType: text, text }, only)),
        headersSize: size,
        bodySize: size
      }, only),
      response: Type.Object({
        status: Type.Integer(),
        statusText: text,
        httpVersion: text,
        cookies: Type.Array(Type.Never()),
        headers: pairs,
        content: Type.Object({ size, mimeType: text, text }, only),
        redirectURL: text,
        headersSize: size,
        bodySize: size,
        _error: Type.Optional(text)
      }, only),
      cache: Type.Object({}, only),
      timings: Type.Object({ send: milliseconds, wait: milliseconds, receive: milliseconds }, only),
      comment: text
    }, only))
  }, only)
}, only)

const PostmanRequest = Type.Object({
  method: text,
  header: Type.Array(Type.Object({ key: text, value: text }, only)),
  body: Type.Optional(Type.Object({ mode: Type.Literal('raw'), raw: text }, only)),
  url: Type.Object({
    raw: text,
    host: Type.Array(text),
    path: Type.Array(text),
    query: Type.Optional(Type.Array(Type.Object({ key: Type.Union([text, Type.Null()]), value: Type.Union([text, Type.Null()]) }, only)))
  }, only)
}, only)

const PostmanItem = Type.Object({
  name: text,
  event: Type.Optional(Type.Array(Type.Object({
    listen: Type.Literal('test'),
    script: Type.Object({ type: Type.Literal('text/javascript'), exec: Type.Array(text) }, only)
  }, only))),
  request: PostmanRequest
}, only)

/** Collection of Postman (v2.1), as far as one is written: https://schema.getpostman.com/json/collection/v2.1.0/collection.json. */
export const PostmanSchema = Type.Object({
  info: Type.Object({ name: text, schema: Type.Literal('https://schema.getpostman.com/json/collection/v2.1.0/collection.json') }, only),
  item: Type.Array(Type.Union([PostmanItem, Type.Object({ name: text, item: Type.Array(Type.Never()) }, only)])),
  variable: Type.Array(Type.Object({ key: text, value: text }, only))
}, only)
