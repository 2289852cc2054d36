/** Something that happened, told to whoever listens at that moment. */
export interface Item {
  readonly event: 'request' | 'account' | 'clock' | 'settings' | 'plans' | 'fault' | 'wallet' | 'billing' | 'project' | 'state' | 'reset'
  /** The account that it is about; `null` for the world. */
  readonly account: string | null
  /** As JSON, once for all who listen. */
  readonly data: string
}

export interface News {
  /** `data` is only made if somebody listens. */
  readonly tell: (event: Item['event'], account: string | null, data: () => unknown) => void
  /** Gives the function that ends the listening. */
  readonly listen: (listener: (item: Item) => void) => () => void
}

export function createNews (): News {
  const listeners = new Set<(item: Item) => void>()
  return {
    tell (event, account, data) {
      if (listeners.size === 0) return
      const item = { event, account, data: JSON.stringify(data()) }
      for (const listener of listeners) listener(item)
    },
    listen (listener) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    }
  }
}
