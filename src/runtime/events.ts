/** Event in the emulator. */
export interface EmulatorEvent {
  readonly event:
    'request' | 'request-ended' | 'account' | 'clock' | 'settings' | 'plans' | 'fault' | 'wallet' | 'billing' | 'project' | 'state' | 'reset' | 'undo'
  /** Name of the account; `null` for the world. */
  readonly account: string | null
  /** JSON text, serialized once for all subscribers. */
  readonly data: string
}

/** Publishes events to the current subscribers; keeps none. */
export interface EventBus {
  /** Publishes an event. `data` is called only if there are subscribers. */
  readonly publish: (event: EmulatorEvent['event'], account: string | null, data: () => unknown) => void
  /** Publishes an event whose data is JSON text already. */
  readonly publishText: (event: EmulatorEvent['event'], account: string | null, data: () => string) => void
  /** Subscribes to all events. Returns the function that unsubscribes. */
  readonly subscribe: (subscriber: (event: EmulatorEvent) => void) => () => void
}

export function createEventBus (): EventBus {
  const subscribers = new Set<(event: EmulatorEvent) => void>()
  const publishText: EventBus['publishText'] = (event, account, data) => {
    if (subscribers.size === 0) return
    const published = { event, account, data: data() }
    for (const subscriber of subscribers) subscriber(published)
  }
  return {
    publish (event, account, data) { publishText(event, account, () => JSON.stringify(data())) },
    publishText,
    subscribe (subscriber) {
      subscribers.add(subscriber)
      return () => { subscribers.delete(subscriber) }
    }
  }
}
