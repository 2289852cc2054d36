import type { FastifyReply } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Journal } from '../journal/journal.js'
import type { Problem } from '../problem.js'
import { MAX_MESSAGE } from '../text/shortened.js'
import { ADMIN_PATH } from './path.js'

/** Media type of problem documents (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json'

/** Maximum length of a JSON pointer in a problem document, in characters: its keys are from what was sent. */
const MAX_POINTER = 1000

/** Answers with a problem document (RFC 9457). */
export function sendProblem (reply: FastifyReply, problem: Problem, journal: Journal): FastifyReply {
  return reply.code(problem.status).header('content-type', PROBLEM_TYPE).serializer(String).send(problemText(problem, journal))
}

/** Gives a problem document as JSON text. It quotes what was sent, and a token may be sent in place of anything. */
export function problemText ({ status, message, issues, advice, more }: Problem, { hideTokens }: Journal): string {
  return JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail: hideTokens(message, MAX_MESSAGE),
    ...issues.length > 0 && {
      errors: issues.map(({ pointer, found, expected }) => ({ pointer: hideTokens(pointer, MAX_POINTER), found: hideTokens(found), expected }))
    },
    advice: hideTokens(advice ?? `${ADMIN_PATH}/openapi.json documents this call`, MAX_MESSAGE),
    ...more
  })
}
