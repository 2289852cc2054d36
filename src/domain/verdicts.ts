/** What a verdict means for whoever relies on the command: it is right, worth a look, wrong, or says nothing. */
export type Mark = 'pass' | 'warning' | 'failure' | 'none'

/** All verdicts on a run. */
export const VERDICTS = {
  recovered: { mark: 'pass', says: 'the command succeeded, and customers were charged as in the reference' },
  failed: { mark: 'pass', says: 'the command failed, and customers were charged as in the reference' },
  'failed-cleanly': { mark: 'pass', says: 'the command failed, and customers were charged less than in the reference' },
  'charged-but-failed': { mark: 'warning', says: 'the command failed although the customer was charged' },
  'double-charge': { mark: 'failure', says: 'customers were charged more than in the reference, or again for one order' },
  'false-success': { mark: 'failure', says: 'the command succeeded although customers did not get what they get in the reference' },
  hung: { mark: 'failure', says: 'the command did not end in time' },
  crashed: { mark: 'failure', says: 'a signal ended the command' },
  'not-reached': { mark: 'none', says: 'the run never came to the call' }
} as const satisfies Record<string, { readonly mark: Mark, readonly says: string }>

export type Verdict = keyof typeof VERDICTS

export const VERDICT_NAMES = Object.keys(VERDICTS) as Verdict[]
