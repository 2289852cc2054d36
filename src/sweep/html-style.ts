/** Style of the page: light or dark as the reader's system is, readable from a telephone to a wall. */
export const STYLE = `
:root { color-scheme: light dark; --back: #fff; --fore: #1c2024; --soft: #5d666f; --line: #d5dae0; --raised: #f5f7f9;
  --pass: #146c2e; --warning: #8a5300; --failure: #b3141b; --none: #5d666f; --link: #0b57d0;
  --failure-back: #fbe3e3; --warning-back: #fbefd9 }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --fore: #e6e9ec; --soft: #a3adb7; --line: #3a424a; --raised: #1e2327;
  --pass: #6fd487; --warning: #f0b65a; --failure: #ff8a85; --none: #a3adb7; --link: #9cc2ff; --failure-back: #43201f; --warning-back: #3d2e14 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 90rem; padding: 1rem clamp(.75rem, 3vw, 2rem) 4rem; background: var(--back); color: var(--fore);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { margin: 0; font-size: 1.75rem } h2 { margin: 2rem 0 .5rem; font-size: 1.25rem } h3 { margin: 0 0 .25rem; font-size: 1rem }
p { margin: .25rem 0 } a { color: var(--link) } code, pre { font: .875em/1.5 ui-monospace, monospace }
pre { margin: .5rem 0; padding: .5rem .75rem; overflow: auto; max-height: 20rem; background: var(--raised); border: 1px solid var(--line); border-radius: 4px }
.again { max-height: none; white-space: pre-wrap }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px }
.soft, .hint { color: var(--soft) }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0; padding: 0; list-style: none; color: var(--soft) }
.pass { color: var(--pass) } .warning { color: var(--warning) } .failure { color: var(--failure) } .none { color: var(--none) }
.findings { margin: 0; padding: 0; list-style: none } .findings li { margin: 0 0 1.25rem; padding-left: .75rem; border-left: 3px solid var(--line) }
.findings h3 { font-weight: 400 } .findings h3 span { font-weight: 700 }
.skip:not(:focus) { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap }
.scroll { position: relative; width: fit-content; max-width: 100%; overflow: auto; max-height: 80vh; border: 1px solid var(--line); border-radius: 4px }
table { border-collapse: separate; border-spacing: 0 } th { text-align: left; font-weight: normal }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line) }
thead th { position: sticky; top: 0; z-index: 1; vertical-align: bottom; background: var(--raised); font-weight: 600 }
tbody tr { scroll-margin-top: 12rem }
.matrix th[scope=row] { position: sticky; left: 0; background: var(--back); white-space: nowrap; max-width: min(26rem, 45vw); overflow: hidden; text-overflow: ellipsis }
.matrix thead th:first-child { left: 0; z-index: 2 }
.fault { height: 11rem; padding: .5rem .25rem } .fault span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap }
.matrix td { padding: 0; text-align: center } .matrix td a { display: block; min-width: 2rem; padding: .25rem; color: inherit; text-decoration: none; font-weight: 700 }
.matrix td a:focus-visible { outline-offset: -2px } .matrix td a:hover { background: var(--raised) }
.matrix td.failure { background: var(--failure-back) } .matrix td.warning { background: var(--warning-back) }
.number { display: inline-block; min-width: 1.75rem; color: var(--soft) } td a { color: inherit }
tr:target th { text-decoration: underline }
article { display: none; padding: 1rem; border: 1px solid var(--line); border-radius: 4px } article:target { display: block }
section:has(article:target) .hint { display: none }
dl { display: flex; flex-wrap: wrap; gap: .25rem .5rem; margin: .5rem 0 } dt { color: var(--soft) } dd { margin: 0 1rem 0 0; font-variant-numeric: tabular-nums }
summary { cursor: pointer }
@media print { .scroll { max-height: none; overflow: visible } .hint { display: none } }
`
