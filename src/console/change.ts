import { useEffect, useState } from 'preact/hooks'
import type { Consequences, SnapshotState, Undone } from '../contract/control.js'
import { call, changed } from './control.js'
import { stateNow, update, type Offer } from './state.js'

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
export async function forecast<Foreseen extends Consequences> ({ method, path, body }: Change): Promise<Foreseen> {
  return await call<Foreseen>(method, `${path}?dry_run=true`, body)
}

/** Makes a change, and offers to undo it. */
export async function make<T> ({ method, path, body, says }: Change): Promise<T> {
  const { value, snapshot } = await changed<T>(method, path, body)
  await offer(snapshot, says, 'Undo')
  return value
}

/** The change that undoes another one, or does it again. */
export function undoing (id: string, label: string): Change {
  return { method: 'POST', path: '/undo', body: { id }, says: label === 'Undo' ? 'Undone.' : 'Done again.' }
}

/** Undoes a change, or does it again, and offers the opposite. */
export async function undo (id: string, label: string): Promise<void> {
  const { method, path, body, says } = undoing(id, label)
  const { redo } = await call<Undone>(method, path, body)
  for (const forget of forgetting) forget()
  await offer(redo, says, label === 'Undo' ? 'Redo' : 'Undo')
}

/** What forgets what is said, in each view that is shown. */
const forgetting = new Set<() => void>()

/** Keeps what a view says of its last change, as `useState` does, but only until a change is undone or made again: it is not so any more. */
export function useSaid<Said> (nothing: Said): [said: Said, say: (said: Said) => void] {
  const [said, say] = useState(nothing)
  useEffect(() => {
    const forget = (): void => say(nothing)
    forgetting.add(forget)
    return () => { forgetting.delete(forget) }
  }, [])
  return [said, say]
}

/** Offers to restore a snapshot, or says that what it would have held was too large. */
async function offer (id: string | null, says: string, label: Offer['label']): Promise<void> {
  const at = id === null ? undefined : await takenAt(id).catch(() => null)
  if (id !== null && typeof at === 'string') return update({ undoable: { says, offer: { id, at, label } } })
  const tooLarge = `${says} It can't be ${label === 'Undo' ? 'undone' : 'done again'}: the state before was too large to keep.`
  // Whether it was is not known where the emulator could not be asked.
  update({ undoable: at === null ? null : { says: tooLarge, offer: null } })
}

/** Takes the offer back unless the emulator has that very snapshot: another one, started since, numbers its own in the same way. */
export async function checkOffer (): Promise<void> {
  const { undoable } = stateNow()
  if (undoable?.offer == null) return
  const { id, at } = undoable.offer
  if (await takenAt(id) !== at && stateNow().undoable === undoable) update({ undoable: null })
}

async function takenAt (id: string): Promise<string | undefined> {
  const { snapshots } = await call<{ snapshots: SnapshotState[] }>('GET', '/snapshots')
  return snapshots.find(snapshot => snapshot.id === id)?.at
}
