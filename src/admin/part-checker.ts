import type { TSchema } from '@sinclair/typebox'
import type { FastifySchemaCompiler } from 'fastify'
import { collectIssues } from '../scenario/issues.js'

/** The parts of a request that schemas check, by Fastify's names for them. */
const PARTS: Readonly<Record<string, string>> = { body: 'body', querystring: 'query', params: 'path' }

/** Checks a part of a request by its schema. */
export const partChecker: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => value => {
  try {
    return { value: collectIssues(`the ${PARTS[httpPart!]}`).check(schema, value) }
  } catch (error) {
    return { error: error as Error }
  }
}

/** Checks all of a request but its body, which its reader checks: a large one should go through only one check. */
export const checkerExceptBody: FastifySchemaCompiler<unknown> = part =>
  part.httpPart === 'body' ? () => true : partChecker(part as Parameters<typeof partChecker>[0])
