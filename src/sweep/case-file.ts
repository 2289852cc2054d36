/** Gives the name of the file that keeps the case of a run, by the name of the run. */
export function caseFileOf (id: string): string {
  return `${id.replace(/[^a-zA-Z0-9._=+-]+/g, '_')}.json`
}
