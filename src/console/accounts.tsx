import { useEffect, useRef, useState } from 'preact/hooks'
import { money } from './format.js'
import { Link } from './link.js'
import type { Route } from './route.js'
import { scrollTo } from './scrolling.js'
import type { ConsoleState } from './state.js'

/** The number of accounts that are listed; the search finds the others. */
const MAX_LISTED = 200

/** The number of accounts above which there is a search field. */
const MAX_WITHOUT_SEARCH = 8

/** The world and its accounts, with their balances. The other views show the one that is chosen here. */
export function Accounts ({ state: { accounts }, route }: { readonly state: ConsoleState, readonly route: Route }) {
  const [search, setSearch] = useState('')
  const box = useRef<HTMLElement>(null)
  const found = accounts.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()))
  // The chosen account is always listed, even beyond the limit.
  const listed = found.slice(0, MAX_LISTED)
  const chosen = found.find(({ name }) => name === route.account)
  if (chosen !== undefined && !listed.includes(chosen)) listed.unshift(chosen)
  useEffect(() => {
    const current = box.current!.querySelector('.scrolls [aria-current]')
    if (current !== null) scrollTo(current, current.closest('.scrolls')!)
  }, [route.account, chosen === undefined])
  return (
    <nav class='accounts' aria-label='Accounts' ref={box}>
      <ul>
        <li><Link to={{ account: undefined, request: undefined }} current={route.account === undefined && 'true'}>The world</Link></li>
      </ul>
      <div class='heading'><h2>Accounts</h2><span class='quiet'>{accounts.length.toLocaleString('en')}</span></div>
      {accounts.length > MAX_WITHOUT_SEARCH && (
        <input
          type='search' aria-label='Find an account' placeholder='Find an account' value={search}
          onInput={event => setSearch(event.currentTarget.value)}
        />
      )}
      <ul class='scrolls'>
        {listed.map(({ name, balance }) => (
          <li key={name}>
            <Link to={{ account: name, request: undefined }} current={name === route.account && 'true'}>
              <span class='name'>{name}</span><span class='amount'>{money(balance)}</span>
            </Link>
          </li>
        ))}
        {found.length > listed.length && <li class='quiet'>and {(found.length - listed.length).toLocaleString('en')} more</li>}
        {found.length === 0 && accounts.length > 0 && <li class='quiet'>No account matches.</li>}
      </ul>
    </nav>
  )
}
