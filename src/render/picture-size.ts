/** Size of a picture in pixels. */
export interface PictureSize {
  /** A whole number of at least 1. */
  width: number
  /** A whole number of at least 1. */
  height: number
}
