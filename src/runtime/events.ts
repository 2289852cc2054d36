/** Something that happened in the emulator. */
export interface EmulatorEvent {
  readonly event: 'request' | 'account' | 'clock' | 'settings' | 'plans' | 'fault' | 'wallet' | 'billing' | 'project' | 'state' | 'reset'
  /** The account it is about; `null` for the world. */
  readonly account: string | null
  /** JSON text, made once for all subscribers. */
  readonly data: string
}

/** Publishes what happens to those who are subscribed at that moment; nothing is kept. */
export interface EventBus {
  /** `data` is called only if somebody is subscribed. */
  readonly publish: (event: EmulatorEvent['event'], account: string | null, data: () => unknown) => void
  /** Returns the function that ends the subscription. */
  readonly subscribe: (subscriber: (event: EmulatorEvent) => void) => () => void
}

export function createEventBus (): EventBus {
  const subscribers = new Set<(event: EmulatorEvent) => void>()
  return {
    publish (event, account, data) {
      if (subscribers.size === 0) return
      const published = { event, account, data: JSON.stringify(data()) }
      for (const subscriber of subscribers) subscriber(published)
    },
    subscribe (subscriber) {
      subscribers.add(subscriber)
      return () => { subscribers.delete(subscriber) }
    }
  }
}
