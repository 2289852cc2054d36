/** Response that is being sent. */
export interface Sending {
  readonly once: (event: 'close', listener: () => void) => unknown
  /** `null` once it is over; a call of this process has none. */
  readonly socket?: { readonly destroy?: () => unknown } | null
}

/** Bounds the memory of all answers that wait for their clients to read them. */
export interface UnreadAnswers {
  /** Counts an answer until its response is over. For it, those that have been under way for longest are cut off, as they are read slowest. */
  readonly add: (bytes: number, response: Sending) => void
}

/** Minimum size of an answer that is counted, in bytes: the operating system takes a smaller one at once. */
export const MIN_COUNTED = 65_536

/** Creates the bound; `maxBytes` is for all answers together. */
export function createUnreadAnswers (maxBytes: number): UnreadAnswers {
  const underWay = new Map<Sending, number>()
  let unread = 0

  return {
    add (bytes, response) {
      if (!(bytes >= MIN_COUNTED)) return
      for (const slow of underWay.keys()) {
        if (unread + bytes <= maxBytes) break
        remove(slow)
        slow.socket?.destroy?.()
      }
      underWay.set(response, bytes)
      unread += bytes
      response.once('close', () => { remove(response) })
    }
  }

  function remove (response: Sending): void {
    unread -= underWay.get(response) ?? 0
    underWay.delete(response)
  }
}
