/** Where a page keeps files: as little as saving and resuming a run needs, so that it is easily written for other places. */
export interface RunStorage {
  /**
   * Replaces a file as a whole: whatever happens meanwhile, it is afterwards either as it was or as it is to be.
   * @throws Error if there is no room, with the browser's reason; the file is then as it was
   */
  write(name: string, bytes: Uint8Array): Promise<void>
  /** All of a file; undefined if there is none. */
  read(name: string): Promise<Uint8Array | undefined>
  /** Names of the files there are, in the order of their characters. */
  list(): Promise<string[]>
  /** Removes a file, if there is one. */
  remove(name: string): Promise<void>
}

/** @throws RangeError unless every file system takes the name */
export function requireFileName(name: string): void {
  if (/^[\w-][\w.-]{0,99}$/.test(name)) return
  throw new RangeError(
    `'${name}' is no name for a stored file: it must be 1 to 100 letters of ASCII, digits, '_', '-' or '.', and not begin with '.'.`,
  )
}
