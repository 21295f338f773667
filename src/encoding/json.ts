/** Marks a string that represents a number; no string that people write contains it. */
const MARK = '\u0000number '

/**
 * JSON in which infinities are written as ±1e999, the way that JSON itself allows: every parser that reads numbers as
 * float64 reads them back, here as in Python. JSON.stringify would make null of them.
 *
 * @throws TypeError for NaN, which JSON has no way to write
 */
export function toJson(value: unknown, indent?: number): string {
  const marked = JSON.stringify(
    value,
    (name, item) => {
      if (typeof item !== 'number' || Number.isFinite(item)) return item
      if (Number.isNaN(item)) throw new TypeError(`${name} is NaN, which cannot be stored`)
      return `${MARK}${item > 0 ? '' : '-'}1e999`
    },
    indent,
  )
  return marked.replaceAll(/"\\u0000number (-?1e999)"/g, '$1')
}
