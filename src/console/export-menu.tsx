import { useEffect, useRef, useState } from 'preact/hooks'
import type { Case } from '../contract/case.js'
import type { Format } from '../export/export.js'
import { ErrorNote, useAction } from './action.js'
import { reject } from './control.js'
import { download } from './download.js'
import { Foreign } from './foreign.js'

/** Formats of exported files, as a user chooses them. */
const FORMAT_LABELS: Readonly<Record<Format, string>> = {
  'node-test': 'Test for node:test',
  vitest: 'Test for Vitest',
  jest: 'Test for Jest',
  pytest: 'Test for pytest',
  sh: 'Shell script with curl',
  http: 'Requests for an editor (.http)',
  har: 'HTTP archive (HAR)',
  postman: 'Postman collection'
}

/** Choice of the formats that a case can be exported in. */
export function ExportMenu ({ read, label = 'Export as …' }: { readonly read: () => Promise<Case> | Case, readonly label?: string }) {
  const menu = useRef<HTMLDetailsElement>(null)
  const [said, say] = useState('')
  const action = useAction()
  const close = (): void => {
    menu.current!.open = false
    menu.current!.querySelector('summary')!.focus()
  }
  const leave = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !menu.current!.open) return
    // It would also close the request around it.
    event.stopPropagation()
    close()
  }
  useEffect(() => {
    // Not when it loses the focus: in some browsers a button that is pressed does not take it.
    const pressed = ({ target }: Event): void => { if (!menu.current!.contains(target as Node)) menu.current!.open = false }
    document.addEventListener('pointerdown', pressed)
    return () => document.removeEventListener('pointerdown', pressed)
  }, [])
  const exportAs = (format: Format) => action.run(async () => {
    close()
    say('')
    const given = await read()
    if (given.incomplete !== null && format !== 'har') {
      reject({ detail: `The case can't become a test: ${given.incomplete}`, advice: 'Its requests can be exported as an HTTP archive (HAR).' })
    }
    const { exportCase } = await loadExporter()
    const { file, text } = exportCase(given, format)
    download(text, file, 'application/octet-stream')
    say(`Exported ${file}.`)
  })
  return (
    <>
      <details class='menu' ref={menu} onKeyDown={leave}>
        <summary class='button'>{label}</summary>
        <ul>
          {(Object.keys(FORMAT_LABELS) as Format[]).map(format => (
            <li key={format}><button type='button' disabled={action.busy} onClick={() => exportAs(format)}>{FORMAT_LABELS[format]}</button></li>
          ))}
        </ul>
      </details>
      <ErrorNote error={action.error} />
      <p class='quiet said' role='status'>{said !== '' && <Foreign text={said} />}</p>
    </>
  )
}

/** Loads what exports when it is first needed: it is a third as large as all of the console. */
async function loadExporter () {
  return await import('./exporter.js').catch(() => reject({ detail: 'The exporter can\'t be loaded.', advice: 'Load the page again.' }))
}
