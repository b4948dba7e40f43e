import type { Adapter, AdapterPayload } from 'oidc-provider'

/** Where oidc-provider keeps its models. Its own storage does the same, and warns on the terminal that it is not for production. */
export function memory(): (model: string) => Adapter {
  const stored = new Map<string, AdapterPayload>()
  return (model) => ({
    async upsert(id, payload) {
      stored.set(`${model}:${id}`, payload)
    },
    async find(id) {
      return stored.get(`${model}:${id}`)
    },
    async findByUid(uid) {
      for (const [key, payload] of stored) if (key.startsWith(`${model}:`) && payload.uid === uid) return payload
      return undefined
    },
    async findByUserCode() {
      return undefined
    },
    async consume(id) {
      const payload = stored.get(`${model}:${id}`)
      if (payload) payload['consumed'] = Math.floor(Date.now() / 1000)
    },
    async destroy(id) {
      stored.delete(`${model}:${id}`)
    },
    async revokeByGrantId(grantId) {
      for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key)
    },
  })
}
