// For applications.
export { type BearerOptions, type BearerRequestOptions, bearerContext, withBearer } from './with-bearer.ts'
