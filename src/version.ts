/** Version of this package. A constant, because a browser cannot read package.json; a test compares the two. */
export const packageVersion = '0.1.0'
