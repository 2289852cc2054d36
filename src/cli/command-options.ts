/** Option of some commands, which sets nothing of an emulator and has no environment variable. */
export interface CommandOption {
  readonly commands: readonly string[]
  /** Placeholder of the value in the help; none for a switch. */
  readonly value?: string
  readonly default?: string
  readonly help: string
}

/** All options that are no settings, as `--help` and the docs list them. */
export const COMMAND_OPTIONS: Readonly<Record<string, CommandOption>> = {
  wait: { commands: ['health'], value: 'DURATION', help: 'how long to wait until an emulator is ready' },
  shell: { commands: ['env'], value: 'SHELL', default: 'sh', help: 'the format: sh, fish, powershell, dotenv or json' },
  as: { commands: ['export'], value: 'FORMAT', help: 'the format: node-test, vitest, jest, pytest, sh, http, har or postman' },
  output: { commands: ['export'], value: 'FILE', help: 'the file to write; by default standard output' },
  faults: { commands: ['sweep'], value: 'FAULTS', default: 'quick', help: 'quick, all, or KIND[.before|.after] with commas between them' },
  'no-questions': { commands: ['sweep'], help: 'leave open questions and dialects as they are' },
  instants: { commands: ['sweep'], help: 'also the ends of months and of a year, the switch-off, and each refusal at each call' },
  jobs: { commands: ['sweep'], value: 'NUMBER', help: 'how many runs at a time; by default the number of cores' },
  shard: { commands: ['sweep'], value: 'I/N', help: 'every N-th run only, from the I-th on' },
  timeout: { commands: ['sweep'], value: 'DURATION', default: '60s', help: 'how long a run may take' },
  repeat: { commands: ['sweep'], value: 'NUMBER', default: '2', help: 'how many runs without a fault must be alike' },
  only: { commands: ['sweep'], value: 'ID[,ID]', help: 'these runs only, by their names in the report' },
  report: { commands: ['sweep'], value: 'FILE[,FILE]', help: 'reports to write: .json, .xml (JUnit), .html, .md' },
  'save-dir': { commands: ['sweep'], value: 'FOLDER', help: 'a folder for the world that each failure has left, as a scenario' },
  accept: { commands: ['sweep'], value: 'VERDICT[,VERDICT]', help: 'verdicts that are no failures' },
  merge: { commands: ['sweep'], value: 'FILE[,FILE]', help: 'the JSON reports of all shards, to put together instead of a sweep' }
}

/** Options whose repeated values are joined with commas. */
export const LISTS = ['faults', 'only', 'report', 'accept', 'merge']
