/** It comes without types. */
declare module 'gifenc' {
  type Gifenc = import('../../../src/render/gifenc.ts').Gifenc
  export const GIFEncoder: Gifenc['GIFEncoder']
  export const quantize: Gifenc['quantize']
}
