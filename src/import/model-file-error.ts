import { printable } from '../printable.ts'

/** Names in a hostile file have any length, and no sentence is longer. */
const LONGEST_MESSAGE = 600

/**
 * A file of another program cannot be read, or holds what is not supported here. The message says what, and where.
 * It may quote text from the file: what a terminal would obey is escaped.
 */
export class ModelFileError extends Error {
  override name = 'ModelFileError'
  constructor(message: string, options?: ErrorOptions) {
    super(excerpt(message, LONGEST_MESSAGE), options)
  }
}

/** The beginning of a text from a file, fit to be shown. */
export const excerpt = (text: string, longest = 100): string =>
  printable(text.length > longest ? `${text.slice(0, longest)}…` : text)
