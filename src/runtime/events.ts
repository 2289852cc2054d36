/** Something that happened, told to whoever listens at that moment. */
export interface EmulatorEvent {
  readonly event: 'request' | 'account' | 'clock' | 'settings' | 'plans' | 'fault' | 'wallet' | 'billing' | 'project' | 'state' | 'reset'
  /** The account that it is about; `null` for the world. */
  readonly account: string | null
  /** As JSON, once for all who listen. */
  readonly data: string
}

export interface EventBus {
  /** `data` is only made if somebody listens. */
  readonly publish: (event: EmulatorEvent['event'], account: string | null, data: () => unknown) => void
  /** Gives the function that ends the listening. */
  readonly subscribe: (listener: (item: EmulatorEvent) => void) => () => void
}

export function createEventBus (): EventBus {
  const listeners = new Set<(item: EmulatorEvent) => void>()
  return {
    publish (event, account, data) {
      if (listeners.size === 0) return
      const item = { event, account, data: JSON.stringify(data()) }
      for (const listener of listeners) listener(item)
    },
    subscribe (listener) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    }
  }
}
