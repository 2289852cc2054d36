import type { Consequences, Undone } from '../contract/control.js'
import { call, changed } from './control.js'
import { update } from './state.js'

/** A call that replaces, removes or moves state. */
export interface Change {
  readonly method: string
  readonly path: string
  /** Text is sent as it is. */
  readonly body?: unknown
  /** What has happened, for the undo bar. */
  readonly says: string
}

/** Tells what a change would do. */
export async function forecast ({ method, path, body }: Change): Promise<Consequences> {
  return await call<Consequences>(method, `${path}?dry_run=true`, body)
}

/** Makes a change, and offers to undo it. */
export async function make<T> ({ method, path, body, says }: Change): Promise<T> {
  const { value, snapshot } = await changed<T>(method, path, body)
  update({ undoable: snapshot === null ? null : { id: snapshot, says, label: 'Undo' } })
  return value
}

/** Undoes a change, or does it again, and offers the opposite. */
export async function undo (id: string, label: string): Promise<void> {
  const { redo } = await call<Undone>('POST', '/undo', { id })
  const isUndo = label === 'Undo'
  update({ undoable: redo === null ? null : { id: redo, says: isUndo ? 'Undone.' : 'Done again.', label: isUndo ? 'Redo' : 'Undo' } })
}
