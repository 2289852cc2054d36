/** Takes the first value in `npm test`, which tries what is promised, and the second in `npm run prove`, which proves it at length. */
export function effort<Value> (tried: Value, proved: Value): Value {
  return process.env.PROVE === '1' ? proved : tried
}
