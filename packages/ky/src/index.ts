// For applications.
export type { BearerRequestOptions } from '@tokenflight/fetch'
export { type BearerOptions, withBearer } from './with-bearer.ts'
