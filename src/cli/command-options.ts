/** Option of some commands, which sets nothing of an emulator and has no environment variable. */
export interface CommandOption {
  readonly commands: readonly string[]
  /** Placeholder of the value in the help; none for a switch. */
  readonly value?: string
  readonly default?: string
  /** Whether it may be repeated, which appends to its value behind a comma, or behind another separator. */
  readonly list?: boolean | string
  readonly help: string
}

/** All options that are no settings, as `--help` and the docs list them. */
export const COMMAND_OPTIONS: Readonly<Record<string, CommandOption>> = {
  wait: { commands: ['health'], value: 'DURATION', help: 'how long to wait until an emulator is ready' },
  shell: { commands: ['env'], value: 'SHELL', default: 'sh', help: 'the format: sh, fish, powershell, dotenv or json' },
  save: { commands: ['run'], value: 'FILE', help: 'a file for the case of the world, as the command leaves it' },
  as: { commands: ['export'], value: 'FORMAT', help: 'the format: node-test, vitest, jest, pytest, sh, http, har or postman' },
  from: { commands: ['export'], value: 'REQUEST', help: 'the id of a request with which the test is to begin' },
  output: { commands: ['export'], value: 'FILE', help: 'the file to write; by default standard output' },
  faults: { commands: ['sweep'], list: true, value: 'FAULTS', default: 'quick', help: 'quick, all, or KIND[.before|.after] with commas between them' },
  'no-questions': { commands: ['sweep'], help: 'leave open questions and dialects as they are' },
  instants: { commands: ['sweep'], help: 'also the ends of months and of a year, the switch-off, and each refusal at each call' },
  jobs: { commands: ['sweep'], value: 'NUMBER', help: 'how many runs at a time; by default the number of cores' },
  shard: { commands: ['sweep'], value: 'I/N', help: 'every N-th run only, from the I-th on by their names' },
  timeout: { commands: ['sweep', 'replay'], value: 'DURATION', default: '60s', help: 'how long a run, or an answer, may take' },
  repeat: { commands: ['sweep'], value: 'NUMBER', default: '2', help: 'how many runs without a fault must be alike' },
  only: { commands: ['sweep'], list: true, value: 'ID[,ID]', help: 'these runs only, by their names in the report' },
  report: { commands: ['sweep', 'replay'], list: true, value: 'FILE[,FILE]', help: 'reports to write: .json, .xml (JUnit); of a sweep .html and .md as well' },
  'save-dir': { commands: ['sweep'], value: 'FOLDER', help: 'a folder for the case of each failure' },
  accept: { commands: ['sweep'], list: true, value: 'VERDICT[,VERDICT]', help: 'verdicts that are no failures' },
  merge: { commands: ['sweep'], list: true, value: 'FILE[,FILE]', help: 'the JSON reports of all shards, to put together instead of a sweep' },
  against: { commands: ['replay'], value: 'URL', help: 'a server to replay it against, instead of in a world of its own' },
  token: {
    commands: ['replay'],
    list: '\n',
    value: 'NAME=VALUE',
    help: 'a token of that server, in place of token-of-NAME in the case; may be repeated'
  },
  'real-time': { commands: ['replay'], help: 'let the delays of faults take their time' }
}
