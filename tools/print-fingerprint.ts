/** `node dist/tools/print-fingerprint.js [THREADS]`: prints the fingerprint of a whole training run. */
import { fingerprint } from './fingerprint.ts'

const [threads] = process.argv.slice(2)
console.log(await fingerprint(threads ? { threads: Number(threads) } : {}))
