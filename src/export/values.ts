import type { Case } from '../contract/case.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { Values } from './request-step.js'
import type { Actor, RequestStep } from './script.js'
import { Reference, referencesIn } from './terms.js'

/** Fields of answers whose values the emulator makes up from the account's token, which is another in each run. */
const MADE_UP = new Set<unknown>(['token', 'api_token', 'license_key'])

/** Finds out which values of a case stand in variables, or can't be told before the script runs. */
export function valuesOf (
  { start, timeline }: Case,
  requests: readonly JournalEntry[],
  actors: readonly Actor[],
  hasVariable: (actor: Actor) => boolean,
  wordsFor: (name: string, fallback: string) => string
): Values & {
  readonly projects: readonly Reference[]
  /** What has to be kept of the answer of a step that has just been made. */
  readonly keepsOf: (step: RequestStep) => readonly Reference[]
} {
  const ids = new Set(requests.flatMap(({ request: { body } }) => projectIdIn(body) ?? []))
  const wordsOf = (id: number): string => wordsFor(ids.size === 1 ? 'project' : `project ${id}`, 'project')
  const projects = new Map([...ids].map(id => [id, new Reference('project', wordsOf(id), id)]))
  const owners = new Map(actors.flatMap(actor => actor.token === null ? [] : [[actor.token, actor] as const]))
  const known = new Set(textsIn([start.scenario, timeline.map(step => step.step === 'control' ? step.body : null)]))
  const sent = new Set(requests.flatMap(({ request: { body } }) => textsIn(body)))
  const kept = new Map<string, Reference>()

  return {
    projects: [...projects.values()],

    inRequest (value, path) {
      if (typeof value === 'string') {
        if (!kept.has(value)) known.add(value)
        const owner = owners.get(value)
        return owner !== undefined && hasVariable(owner) ? new Reference('token', owner.words, value) : kept.get(value)
      }
      return path.length === 1 && path[0] === 'project_id' ? projects.get(value as number) : undefined
    },

    inAnswer (value, path) {
      const key = path.at(-1)
      if (key === 'project_id') return projects.get(value as number)
      if (typeof value !== 'string') return undefined
      return kept.get(value) ?? (MADE_UP.has(key) && !known.has(value) ? new Reference('answer', 'answer', value, path) : undefined)
    },

    keepsOf ({ answer }) {
      const made = typeof answer === 'object' && answer.body !== undefined ? referencesIn(answer.body) : []
      return made.filter(({ to, literal }) => to === 'answer' && sent.has(literal as string)).map(({ literal, path }) => {
        const reference = new Reference('kept', wordsFor('api token', 'api token'), literal, path)
        kept.set(literal as string, reference)
        return reference
      })
    }
  }
}

function projectIdIn (body: unknown): number | undefined {
  const { project_id: id } = Object(body) as Readonly<Record<string, unknown>>
  return typeof id === 'number' && id > 0 ? id : undefined
}

function textsIn (value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
