import { createRequire } from 'node:module'

/** Version of this package. */
export const packageVersion: string = createRequire(import.meta.url)('soft-actor-critic/package.json').version
