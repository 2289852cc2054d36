import type { TObject, TSchema } from '@sinclair/typebox'
import type { FastifySchema } from 'fastify'
import type { Endpoint } from '../api/endpoint.js'
import { STATUS_TEXTS } from '../api/status-codes.js'
import { ASSUMPTIONS } from '../domain/assumptions.js'
import { COMMON_RULES, RULE_NAMES, RULES } from '../domain/refusal.js'
import { version } from '../package.js'
import { ProblemAnswer } from './schemas.js'
import { SNAPSHOT_HEADER } from './undoable.js'

/** Builds the OpenAPI 3.1 document of both APIs from the schemas that check requests. `x-provenance` tells how a thing is known. */
export function openApiOf (endpoints: ReadonlyMap<string, Endpoint>, routes: readonly AdminRoute[]): object {
  const paths: Record<string, Record<string, object>> = {}
  const add = (url: string, method: string, operation: object): void => {
    paths[url] = { ...paths[url], [method.toLowerCase()]: operation }
  }
  for (const [path, { name, provenance: known, rules, fields, answer }] of endpoints) {
    add(path, 'POST', {
      summary: `Emulated: ${name}`,
      tags: ['emulated API'],
      'x-provenance': known,
      'x-rules': RULE_NAMES.filter(rule => COMMON_RULES.includes(rule) || rules.includes(rule)),
      requestBody: { required: true, content: { 'application/json': { schema: fields } } },
      responses: {
        200: {
          description: 'granted (status 100) or refused (any other status)',
          headers: ASSUMED,
          content: { 'application/json': { schema: answer } }
        }
      }
    })
  }
  // A HEAD is a GET without a body, and is not documented apart.
  for (const route of routes.filter(({ method }) => method !== 'HEAD')) add(route.url.replace(/:(\w+)/g, '{$1}'), route.method, operationOf(route))
  return {
    openapi: '3.1.0',
    info: { title: 'picky-assist-emulator', version, description: 'The emulated Project Management API and the control API of the emulator.' },
    paths,
    'x-rules': RULES,
    'x-assumptions': ASSUMPTIONS,
    'x-statuses': STATUS_TEXTS
  }
}

const ASSUMED = headerOf('x-emulator-assumptions', 'the names of the assumptions that the answer depends on, if any, joined by ", "')
const SNAPSHOT = headerOf(SNAPSHOT_HEADER, 'the id of the snapshot that undoes the call, if one was taken')

function headerOf (name: string, description: string): object {
  return { [name]: { description, schema: { type: 'string' } } }
}

function operationOf ({ method, url, schema: { summary, params, querystring, body, response } }: AdminRoute): object {
  const inPath = parametersOf(params as TObject | undefined, 'path').filter(({ name }) => url.split('/').includes(`:${name}`))
  return {
    summary,
    tags: ['control API'],
    'x-provenance': 'emulator',
    parameters: [...inPath, ...parametersOf(querystring as TObject | undefined, 'query')],
    ...body !== undefined && { requestBody: { content: { 'application/json': { schema: body } } } },
    responses: {
      ...Object.fromEntries(Object.entries(response as Record<string, TSchema> | undefined ?? { 200: {} }).map(([status, schema]) =>
        [status, { description: 'success', ...method !== 'GET' && { headers: SNAPSHOT }, ...status !== '204' && { content: { [mediaTypeOf(schema)]: { schema } } } }])),
      default: { description: 'a problem document', content: { 'application/problem+json': { schema: ProblemAnswer } } }
    }
  }
}

function mediaTypeOf (schema: TSchema): string {
  return schema.contentMediaType as string | undefined ?? 'application/json'
}

function parametersOf (schema: TObject | undefined, place: 'path' | 'query') {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) =>
    ({ name, in: place, required: place === 'path', schema: property, description: property.description }))
}

/** A route of the control API, as the OpenAPI document describes it. */
export interface AdminRoute {
  readonly method: string
  readonly url: string
  readonly schema: FastifySchema
}
