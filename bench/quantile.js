/** The value below which a share of the values lies, interpolated. */
export function quantile (values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)]
  return below + (sorted[Math.ceil(at)] - below) * (at % 1)
}

export function median (values) {
  return quantile(values, 0.5)
}
