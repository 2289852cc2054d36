/** Amount of money in mills, 1/1000 USD: a whole number, never a fraction. */
export type Mills = number

/** Largest amount: fifteen digits, the most that a JSON number represents exactly. */
export const MAX_MILLS: Mills = 999_999_999_999_999

const AMOUNT = /^(-?)(0|[1-9]\d{0,11})(?:\.(\d{1,3}))?$/

/** Reads an amount in USD such as `5`, `4.99`, `59.108` or `-0.5`; returns `undefined` for anything else, including a fourth decimal. */
export function parseUsd (text: string): Mills | undefined {
  const parts = AMOUNT.exec(text)
  if (parts === null) return undefined
  const mills = Number(parts[2]) * 1000 + Number((parts[3] ?? '').padEnd(3, '0'))
  return parts[1] === '-' && mills > 0 ? -mills : mills
}

/** Formats an amount in USD without trailing zeros, as the vendor's samples do: 5000 mills are `5`, 59108 are `59.108`. */
export function usd (mills: Mills): string {
  const digits = Math.abs(mills)
  // eslint-disable-next-line regexp/no-super-linear-move -- of three digits
  const decimals = String(digits % 1000).padStart(3, '0').replace(/0+$/, '')
  return `${mills < 0 ? '-' : ''}${Math.floor(digits / 1000)}${decimals === '' ? '' : `.${decimals}`}`
}

/** Converts an amount to a JSON number in USD, exact for every amount up to `MAX_MILLS`. */
export function usdNumber (mills: Mills): number {
  return mills / 1000
}
