import { createRequire } from 'node:module'
import { createGifWith, type Gif } from '../../render/gif.ts'
import type { Gifenc } from '../../render/gifenc.ts'
import type { PictureSize } from '../../render/picture-size.ts'

// A CommonJS module whose names `import` does not find in Node.
const gifenc: Gifenc = createRequire(import.meta.url)('gifenc')

/** A GIF of pictures of one size, in Node. */
export const createGif = (size: PictureSize): Gif => createGifWith(gifenc, size)
