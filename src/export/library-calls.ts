import type { ScenarioClock } from '../contract/scenario.js'
import { quoted, scriptValue } from './javascript.js'
import { group, type Piece } from './layout.js'
import type { ControlStep } from './script.js'
import { camelCase, type Term } from './terms.js'

/** Writes a call of the control API as one of the library. */
export function libraryCall ({ call, actor, body = null, projectId, restores }: ControlStep): Piece {
  const whose = actor === null ? 'emulator' : camelCase(actor.words)
  const { by, to, credit, set } = Object(body) as Readonly<Record<string, string>>
  switch (call) {
    case 'create': return callOf('emulator.createAccount', scriptValue(body))
    case 'remove': return callOf(`${whose}.remove`)
    case 'reset': return callOf(`${whose}.reset`)
    case 'credit': return callOf(`${whose}.wallet.credit`, quoted(credit!))
    case 'set': return callOf(`${whose}.wallet.set`, quoted(set!))
    case 'put-project': return callOf(`${whose}.setProject`, String(projectId), scriptValue(body))
    case 'change-project': return callOf(`${whose}.changeProject`, String(projectId), scriptValue(body))
    case 'remove-project': return callOf(`${whose}.removeProject`, String(projectId))
    case 'freeze': return callOf(`${whose}.clock.freeze`, quoted(String((body as unknown as ScenarioClock).at)))
    case 'advance': return callOf(`${whose}.clock.advance`, quoted(by!))
    case 'jump': return callOf(`${whose}.clock.jump`, quoted(to!))
    case 'release': return callOf(`${whose}.clock.release`)
    case 'fail': return callOf(`${whose}.fail`, scriptValue(body))
    case 'settings': return callOf(`${whose}.settings.change`, scriptValue(body))
    case 'plans': return callOf('emulator.plans.change', scriptValue(body))
    case 'load': return callOf('emulator.load', scriptValue(body as Term))
    case 'undo': return callOf('emulator.undo', camelCase(restores!))
  }
}

function callOf (name: string, ...values: readonly Piece[]): Piece {
  return group(`${name}(`, values, ')')
}
