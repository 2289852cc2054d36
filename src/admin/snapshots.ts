import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import type { SnapshotState, UndoConsequences, Undone } from '../contract/control.js'
import { instantText } from '../domain/clock.js'
import type { Entry } from '../journal/record.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { scheduleExpiry } from '../runtime/expiry.js'
import type { Snapshot } from '../runtime/snapshots.js'
import { issue } from '../scenario/issues.js'
import { stageCopy, type StagedWorld } from '../scenario/load.js'
import { restoreAccount } from '../scenario/restore.js'
import type { IsWanted } from '../time-slices.js'
import type { SavedAccount } from '../world/saved-account.js'
import { consequencesOf, countsOf, DryRunQuery, dueAfter, UndoConsequencesAnswer } from './consequences.js'
import { wantedBy } from './json-text.js'
import { replaceWorld } from './replace-world.js'
import { sinceOf } from './since.js'
import { placeCall } from './timeline.js'
import { takeSnapshot } from './undoable.js'

const SnapshotAnswer = Type.Unsafe<SnapshotState>(Type.Object({
  id: Type.String(),
  at: Type.String({ description: 'when it was taken, in the machine\'s time' }),
  before: Type.String({ description: 'the call that it was taken before' }),
  account: Type.Union([Type.String(), Type.Null()], { description: 'the only account that it restores; null for the world' }),
  redo: Type.Boolean({ description: 'whether it was taken before an undo' }),
  accounts: Type.Integer(),
  projects: Type.Integer(),
  requests: Type.Integer(),
  faults: Type.Integer(),
  bytes: Type.Integer()
}))

const UndoneAnswer = Type.Unsafe<Undone>(Type.Object({
  restored: SnapshotAnswer,
  redo: Type.Union([Type.String(), Type.Null()], { description: 'the id of a snapshot of what was replaced; null if it is too large' })
}))

const UndoSchema = Type.Union([
  Type.Object({ id: Type.String({ description: 'the id of a snapshot' }) }, { additionalProperties: false }),
  Type.Object({ account: Type.String({ description: 'the name of an account' }) }, { additionalProperties: false }),
  Type.Null()
], { description: '{"id":"snapshot-1"}, {"account":"demo"}, or nothing for the newest snapshot' })

interface Given { readonly id?: string, readonly account?: string }

type Undoing = FastifyRequest & { readonly query: Static<typeof DryRunQuery> }

/** Snapshots taken before calls that can be undone, and their restoration. */
export const snapshotRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  const { store, snapshots, pending, journal, activeFaults, usage, eventBus, probe } = context

  app.get('/snapshots', {
    schema: { summary: 'List the snapshots that can be restored, newest last', response: { 200: Type.Object({ snapshots: Type.Array(SnapshotAnswer) }) } }
  }, async () => ({ snapshots: snapshots.list().map(snapshotRow) }))

  app.post('/undo', {
    config: {
      isPlacedLater: true,
      endsRequests: true,
      noteAnswer (step, { restored: { id, account, accounts }, redo }: Undone) {
        step.body = { id }
        step.accounts = account === null ? [] : [account]
        step.isRemoval = account !== null && accounts === 0
        if (redo !== null) step.snapshot = redo
      }
    },
    schema: {
      summary: 'Undo a call: restore the snapshot taken before it',
      querystring: DryRunQuery,
      body: UndoSchema,
      response: { 200: Type.Union([UndoneAnswer, UndoConsequencesAnswer]) }
    }
  }, async request => {
    const given = request.body ?? {}
    const snapshot = snapshotFor(given)
    if (snapshot.content.of === 'account') return undoOrTell(snapshot, request)
    const isWanted = wantedBy(request)
    return await context.inTurn(async () => await undoInTurn(given, request, isWanted), isWanted)
  })

  /** Restores a world beside the present one, in slices, before everything changes at one moment. */
  async function undoInTurn (given: Given, request: Undoing, isWanted: IsWanted): Promise<Undone | UndoConsequences> {
    const snapshot = snapshotFor(given)
    const past = snapshot.content.of === 'world' ? await stageCopy(store, snapshot.content.database, isWanted) : undefined
    try {
      // Another call may have been made meanwhile, which is then the one to undo.
      if (snapshotFor(given) === snapshot) return undoOrTell(snapshot, request, past)
    } finally {
      past?.close()
    }
    return await undoInTurn(given, request, isWanted)
  }

  function undoOrTell (snapshot: Snapshot, request: Undoing, past?: StagedWorld): Undone | UndoConsequences {
    return request.query.dry_run === 'true' ? forecast(snapshot, past) : undo(snapshot, request, past)
  }

  /** Tells what an undo would do, including what would be due at once. */
  function forecast (snapshot: Snapshot, past?: StagedWorld): UndoConsequences {
    const { account: name, content, counts, requests } = snapshot
    const due = content.of === 'account'
      ? dueAfter(context, name, () => restoreAccount(store, content.name, content.saved))
      : dueAfter(context, null, past!.load, false)
    const present = name === null ? null : store.accounts.findByName(name)
    const removes = { ...present !== undefined && countsOf(context, present), requests: name === null ? broughtSince(snapshot).length : 0 }
    const adds = { ...counts, requests: requests.filter(({ id }) => journal.find(id) === undefined).length }
    return { ...consequencesOf(context, { due, removes, adds }), since: sinceOf(context, snapshot) }
  }

  function undo (snapshot: Snapshot, request: FastifyRequest, past?: StagedWorld): Undone {
    const { id, account, content } = snapshot
    placeCall(context, request, request.body)
    const taken = takeSnapshot(context, account, 'POST /__admin/undo', true)
    if (content.of === 'account') undoInAccount(snapshot, content.name, content.saved)
    else undoInWorld(snapshot, past!)
    usage.takeForMet(account)
    snapshots.remove(id)
    const redo = taken === undefined ? null : snapshots.add(taken)
    scheduleExpiry(context)
    eventBus.publish('undo', account, () => null)
    return { restored: snapshotRow(snapshot), redo }
  }

  function snapshotFor ({ id, account }: Given): Snapshot {
    const advice = 'GET /__admin/snapshots lists the snapshots; they are kept in memory, and the oldest are dropped'
    if (id !== undefined) {
      return snapshots.find(id) ?? missing(`there is no snapshot ${JSON.stringify(id)}`, 404, issue('/id', id, 'the id of a snapshot'), advice)
    }
    const newest = snapshots.list().filter(({ isRedo, account: of }) => !isRedo && (account === undefined || of === account)).at(-1)
    if (newest !== undefined) return newest
    if (account === undefined) return missing('there is nothing to undo', 409, undefined, advice)
    return missing(`there is nothing to undo of account ${JSON.stringify(account)}`, 409, issue('/account', account, 'an account with a snapshot'), advice)
  }

  function undoInWorld (snapshot: Snapshot, { load }: StagedWorld): void {
    replaceWorld(context, load, false)
    activeFaults.restore(snapshot.faults, null)
    // What was sent since stays.
    journal.removeAll(broughtSince(snapshot))
    journal.restore(snapshot.requests)
  }

  /** Lists requests that came with a scenario since a snapshot, and go with it. */
  function broughtSince ({ lastSerial }: Snapshot): Entry[] {
    return [...journal.list()].filter(({ serial, lint }) => serial > lastSerial && lint !== undefined)
  }

  function undoInAccount ({ faults, requests }: Snapshot, account: string, saved: SavedAccount | null): void {
    store.transaction(() => restoreAccount(store, account, saved))
    probe?.begin([store.accounts.findByName(account)].filter(found => found !== undefined))
    pending.abort(account)
    activeFaults.restore(faults, account)
    journal.restore(requests)
  }
}

function snapshotRow ({ id, takenAt, before, account, isRedo, counts, bytes }: Snapshot): SnapshotState {
  return { id, at: instantText(takenAt), before, account, redo: isRedo, ...counts, bytes }
}

function missing (detail: string, status: number, wrong: ReturnType<typeof issue> | undefined, advice: string): never {
  throw new Problem(detail, { status, ...wrong && { issues: [wrong] }, advice })
}
