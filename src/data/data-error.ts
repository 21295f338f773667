/** A file of transitions that cannot be read, or a row of it that cannot be learned from. */
export class DataError extends Error {
  override name = 'DataError'
}
