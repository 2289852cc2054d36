import { useEffect, useState } from 'preact/hooks'

/** The views of the console, by their names in the URL. */
export const VIEWS = ['overview', 'requests', 'money', 'faults', 'try', 'sweep', 'case', 'files'] as const
export type View = typeof VIEWS[number]

/** What the console shows. All of it is in the URL, so that a ticket can link to it. */
export interface Route {
  readonly view: View
  /** The chosen account; none for the world. */
  readonly account?: string
  /** The request that is open. */
  readonly request?: string
  readonly endpoint?: string
  readonly status?: string
  readonly outcome?: string
  readonly text?: string
}

const KEYS = ['account', 'request', 'endpoint', 'status', 'outcome', 'text'] as const

/** Shows all requests again. */
export const UNFILTERED: Change = { endpoint: undefined, status: undefined, outcome: undefined, text: undefined }

export function readRoute (search: string): Route {
  const query = new URLSearchParams(search)
  const view = VIEWS.find(name => name === query.get('view')) ?? (query.has('request') ? 'requests' : 'overview')
  return { view, ...Object.fromEntries(KEYS.filter(key => query.get(key)).map(key => [key, query.get(key)!])) }
}

/** Returns the URL of a route, relative to the page's: it says nothing of the path at which the page is served. */
export function routeUrl (route: Route): string {
  const query = new URLSearchParams()
  if (route.view !== 'overview') query.set('view', route.view)
  for (const key of KEYS) if (route[key]) query.set(key, route[key])
  return query.size === 0 ? './' : `?${query.toString()}`
}

/** A change of the route; `undefined` removes a part. */
export type Change = { readonly [Key in keyof Route]?: Route[Key] | undefined }

export function changed (route: Route, change: Change): Route {
  return readRoute(new URL(routeUrl({ ...route, ...change } as Route), 'http://localhost').search)
}

const listeners = new Set<() => void>()

/** Changes the route, as a new step in the browser's history or in place of the current one. */
export function go (change: Change, inPlace = false): void {
  const url = routeUrl(changed(readRoute(location.search), change))
  if (new URL(url, location.href).search === location.search) return
  history[inPlace ? 'replaceState' : 'pushState'](null, '', url)
  for (const listener of listeners) listener()
}

export function useRoute (): Route {
  const [route, setRoute] = useState(() => readRoute(location.search))
  useEffect(() => {
    const look = (): void => setRoute(readRoute(location.search))
    listeners.add(look)
    addEventListener('popstate', look)
    return () => {
      listeners.delete(look)
      removeEventListener('popstate', look)
    }
  }, [])
  return route
}
