import { withoutTrailing } from '../text/trailing.js'

/** Words that variables can't have: of the languages, of their libraries, and of the scripts themselves. */
const TAKEN = new Set([
  // JavaScript
  'arguments', 'async', 'await', 'break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default', 'delete', 'do', 'else', 'enum', 'eval',
  'export', 'extends', 'false', 'finally', 'for', 'function', 'if', 'implements', 'import', 'in', 'instanceof', 'interface', 'let', 'new', 'null', 'of',
  'package', 'private', 'protected', 'public', 'return', 'static', 'super', 'switch', 'this', 'throw', 'true', 'try', 'typeof', 'undefined', 'var', 'void',
  'while', 'with', 'yield', 'require', 'module', 'exports', 'process', 'global', 'fetch', 'expect', 'test', 'it', 'after', 'assert', 'pm', 'console',
  // Python
  'and', 'as', 'def', 'del', 'elif', 'except', 'from', 'is', 'lambda', 'nonlocal', 'none', 'not', 'or', 'pass', 'raise', 'match', 'type', 'json', 'os',
  'len', 'print', 'str', 'url',
  // the shell, whose variables these are or could be, and the scripts
  'path', 'home', 'name', 'token', 'body', 'answer', 'control', 'send', 'lost', 'never', 'emulator', 'project', 'account', 'request', 'response',
  'ledger', 'history', 'balance', 'snapshot', 'ifs', 'cdpath', 'env', 'status', 'method', 'error', 'field', 'kept', 'mask', 'curl', 'printf', 'echo'
])

/** Makes the words of a variable from a name, which may be any text; different ones each time. */
export function variableWords (): (name: string, fallback: string) => string {
  const used = new Set<string>()
  return (name, fallback) => {
    const words = (name.slice(0, 60).normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().match(/[a-z0-9]+/g) ?? []).slice(0, 4).join(' ')
    const usable = /^[a-z]/.test(words) && words.length <= 30 ? words : fallback
    const free = isTaken(usable) && firstOf(usable) !== firstOf(fallback) ? `the ${usable}` : usable
    let unused = free
    // Two names that differ in their spaces only would be one in some language.
    for (let number = 2; used.has(unused.replaceAll(' ', '')); number++) unused = `${free} ${number}`
    used.add(unused.replaceAll(' ', ''))
    return unused
  }
}

/** Numbers are added to some names of the scripts' own: `answer2`. */
function isTaken (words: string): boolean {
  return TAKEN.has(withoutTrailing(firstOf(words), '0123456789'))
}

function firstOf (words: string): string {
  return words.split(' ')[0]!
}
