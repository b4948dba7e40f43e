// For applications.
export { installBearer } from './install-bearer.ts'
export {
  type BearerFetch,
  type BearerInit,
  type BearerOptions,
  type BearerRequestInit,
  type BearerRequestOptions,
  type Fetch,
  withBearer,
} from './with-bearer.ts'
