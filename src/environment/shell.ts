/** Shells, and formats, in which variables can be written. */
export const SHELLS = ['sh', 'fish', 'powershell', 'dotenv', 'json'] as const

export type Shell = typeof SHELLS[number]

type Variables = Readonly<Record<string, string>>

const LINES: { readonly [Name in Exclude<Shell, 'json'>]: (name: string, value: string) => string } = {
  sh: (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
  fish: (name, value) => `set -gx ${name} '${value.replace(/['\\]/g, '\\$&')}'`,
  powershell: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
  // As it is between single quotation marks: many readers, Node.js itself among them, know no escapes.
  dotenv: (name, value) => value.includes("'") ? `${name}="${value.replace(/["\\$]/g, '\\$&')}"` : `${name}='${value}'`
}

/** Writes variables as a shell reads them. */
export function shellText (variables: Variables, shell: Shell): string {
  if (shell === 'json') return JSON.stringify(variables, null, 2)
  return Object.entries(variables).map(([name, value]) => LINES[shell](name, value)).join('\n')
}
