/** How zip archives are laid out (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7 to 4.3.16). */

/** Marks at the beginning of an archive's parts. */
export const LOCAL_HEADER = 0x04034b50
export const DIRECTORY_ENTRY = 0x02014b50
export const DIRECTORY_END = 0x06054b50

/** Bytes of the directory's end without the comment that may follow it. */
export const DIRECTORY_END_SIZE = 22
export const LONGEST_COMMENT = 0xffff

/** What an archive's directory says of one file. */
export interface ZipEntry {
  name: string
  /** 0 is stored, 8 is deflated. */
  method: number
  checksum: number
  compressed: number
  size: number
  /** Where its local header begins. */
  start: number
}
