import type { ComponentChildren } from 'preact'
import { changed, go, routeUrl, useRoute, type Change } from './route.js'

/** A link within the console: shows something else without loading the page again, and can be opened in another tab. */
export function Link ({ to, current, children, ...rest }: {
  readonly to: Change
  /** What it is current as, if it leads to what is shown. */
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
