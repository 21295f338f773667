/** What is no number, though JavaScript would take much of it for one, and how errors name it. */
export const notNumbers: [name: string, value: unknown, words: string][] = [
  ['null', null, 'null'],
  ['undefined', undefined, 'undefined'],
  ['a text', '7', "'7'"],
  ['an empty text', '', "''"],
  ['true', true, 'true'],
  ['an array of one element', [1], 'an array'],
  ['a typed array of one element', Float32Array.of(1), 'an object'],
  ['an empty array', [], 'an array'],
  ['a number as an object', Object(1), 'an object'],
  ['a date', new Date(0), 'an object'],
  ['a big integer', 1n, '1'],
]

/** Numbers that are not finite in float32. */
export const notFinite = [Number.NaN, Infinity, -Infinity, 1e39, -3.5e38, Number.MAX_VALUE]
