/**
 * For a fetch that `installBearer` or `withBearer` has wrapped: the request that fetches tokens must not wait for the token that it
 * fetches. Every other fetch ignores it.
 */
export const withoutBearer: object = { bearer: false }
