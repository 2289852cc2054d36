import type { ComponentChildren } from 'preact'
import { changed, go, routeUrl, useRoute, type Change } from './route.js'

/** A link within the console: it does not load the page again, but can be opened in another tab. */
export function Link ({ to, current, children, ...rest }: {
  readonly to: Change
  /** The kind of `aria-current`, if the link leads to what is shown. */
  readonly current?: 'page' | 'true' | false
  readonly class?: string
  readonly children: ComponentChildren
}) {
  const route = useRoute()
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(to)
  }
  return <a href={routeUrl(changed(route, to))} aria-current={current || undefined} onClick={follow} {...rest}>{children}</a>
}
