/** A file of another program cannot be read, or holds what has no place here. The message says what, and where. */
export class ModelFileError extends Error {
  override name = 'ModelFileError'
}
