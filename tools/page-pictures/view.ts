import type { Page } from 'playwright-core'

/** Brings a new tab to what is to be pictured. */
export type View = (page: Page) => Promise<unknown>
