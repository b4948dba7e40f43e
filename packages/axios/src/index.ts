// For applications.
export {
  type AnyAxiosInstance,
  type BearerOptions,
  type BearerRequestOptions,
  ejectBearer,
  withBearer,
} from './with-bearer.ts'
