/** More is no sentence any more; names in a hostile file have any length. */
const LONGEST_MESSAGE = 600

/**
 * A file of another program cannot be read, or holds what has no place here. The message says what, and where.
 * Text from the file may stand in it: control characters, which a terminal would obey, are replaced.
 */
export class ModelFileError extends Error {
  override name = 'ModelFileError'
  constructor(message: string, options?: ErrorOptions) {
    super(printable(message, LONGEST_MESSAGE), options)
  }
}

/** Text from a file, fit to be shown: at most `longest` characters, and none that a terminal obeys. */
export function printable(text: string, longest = 100): string {
  const short = text.length > longest ? `${text.slice(0, longest)}…` : text
  return short.replace(/\p{C}/gu, '\ufffd')
}
