/** Columns of Parquet with a number, or an equally long list of them, in each row: read page by page into one array. */
import type { AsyncBuffer, Compressors, DecodedArray, FileMetaData } from 'hyparquet'
import { loadPackage } from './load-package.ts'

/** Numbers of the rows of a group, row by row. */
export interface Numbers {
  /** How many in a row. */
  width: number
  /** Whether they are lists, and not plain numbers. */
  isList: boolean
  numbers: Float64Array
}

/** Where such columns are read from. */
export interface ParquetFile {
  /** Its name, for errors. */
  name: string
  buffer: AsyncBuffer
  metadata: FileMetaData
  compressors: Compressors
}

/** Physical types whose numbers a Float64Array has exactly. */
const EXACT = ['FLOAT', 'DOUBLE', 'INT32']

/**
 * What reads columns in this way. hyparquet itself makes an array of each list, and a million of them keep the garbage
 * collector busy for longer than all the rest takes; its parts, which it exports, know the format.
 *
 * @returns a function that gives the numbers of a column in a group of rows; undefined for anything but numbers that are all
 *   there, and lists that are equally long: others are to be read as they come, for the check of each row to find
 */
export async function numberReader({ name, buffer, metadata, compressors }: ParquetFile) {
  const load = () =>
    Promise.all([
      import('hyparquet/src/column.js'),
      import('hyparquet/src/convert.js'),
      import('hyparquet/src/datapage.js'),
      import('hyparquet/src/schema.js'),
    ])
  const [{ parquetHeader, readPage }, { convertWithDictionary, DEFAULT_PARSERS }, pages, schemas] =
    await loadPackage('hyparquet', name, load)

  return async (group: number, column: string): Promise<Numbers | undefined> => {
    const { columns, num_rows } = metadata.row_groups[group]
    const own = columns.flatMap(({ meta_data: data }) => (data?.path_in_schema[0] === column ? [data] : []))
    const [data] = own
    if (own.length !== 1) return undefined
    const schemaPath = schemas.getSchemaPath(metadata.schema, data.path_in_schema)
    const { element } = schemaPath[schemaPath.length - 1]
    const isPlain = element.converted_type === undefined && element.logical_type === undefined
    const isList = schemas.getMaxRepetitionLevel(schemaPath) === 1
    if (!(isPlain && EXACT.includes(data.type) && (isList || data.path_in_schema.length === 1)))
      return undefined

    const start = Number(data.dictionary_page_offset || data.data_page_offset)
    const bytes = await buffer.slice(start, start + Number(data.total_compressed_size))
    const reader = { view: new DataView(bytes), offset: 0 }
    const { path_in_schema: pathInSchema } = data
    const decoder = { ...data, pathInSchema, element, schemaPath, compressors, parsers: DEFAULT_PARSERS }
    const present = schemas.getMaxDefinitionLevel(schemaPath)
    const numbers = new Float64Array(Number(data.num_values))
    // If lists are equally long, and all there.
    const width = numbers.length / Number(num_rows)
    if (!(Number.isInteger(width) && width >= 1)) return undefined
    let dictionary: DecodedArray | undefined
    let count = 0
    while (reader.offset < bytes.byteLength && count < numbers.length) {
      const header = parquetHeader(reader)
      if (header.type === 'DICTIONARY_PAGE') {
        dictionary = readPage(reader, header, decoder, undefined, undefined, 0).data
        continue
      }
      const packed = new Uint8Array(bytes, reader.offset, header.compressed_page_size)
      reader.offset += header.compressed_page_size
      const { data_page_header: first, data_page_header_v2: second } = header
      const about = first ?? second
      if (!about) return undefined
      const unpacked = () =>
        pages.decompressPage(packed, Number(header.uncompressed_page_size), data.codec, compressors)
      const page = first
        ? pages.readDataPage(unpacked(), first, decoder)
        : pages.readDataPageV2(packed, header, decoder)
      // A list that is null or empty, or has a null in it.
      if (page.definitionLevels?.some(level => level !== present)) return undefined
      const levels = page.repetitionLevels
      if (isList && !areEvenly(levels, width, count)) return undefined
      numbers.set(
        convertWithDictionary(page.dataPage, dictionary, about.encoding, decoder) as number[],
        count,
      )
      count += levels.length
    }
    return count === numbers.length ? { width, isList, numbers } : undefined
  }
}

/** Whether a list begins, at level 0, with every `width`-th number and nowhere else. */
function areEvenly(levels: readonly number[], width: number, before: number): boolean {
  let place = before % width
  for (let i = 0; i < levels.length; i++) {
    if ((levels[i] === 0) !== (place === 0)) return false
    if (++place === width) place = 0
  }
  return true
}
