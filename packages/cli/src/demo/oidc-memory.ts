/** A stored model of oidc-provider; the names are its own. */
interface Stored {
  grantId?: string
  consumed?: number
  [property: string]: unknown
}

/**
 * Where the demo's oidc-provider keeps its models. The provider enforces lifetimes itself; its built-in storage does the same as
 * this one, and warns on the terminal that it is not for production.
 */
export function oidcMemory(): (model: string) => object {
  const stored = new Map<string, Stored>()
  return (model) => ({
    async upsert(id: string, payload: Stored) {
      stored.set(`${model}:${id}`, payload)
    },
    async find(id: string) {
      return stored.get(`${model}:${id}`)
    },
    async findByUid() {
      return undefined
    },
    async findByUserCode() {
      return undefined
    },
    async consume(id: string) {
      const payload = stored.get(`${model}:${id}`)
      if (payload) payload.consumed = Math.floor(Date.now() / 1000)
    },
    async destroy(id: string) {
      stored.delete(`${model}:${id}`)
    },
    async revokeByGrantId(grantId: string) {
      for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key)
    },
  })
}
