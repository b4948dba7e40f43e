import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Credentials, createTokenManager, fileStore } from 'refresh-guard'
import { describe, expect, it, onTestFinished } from 'vitest'

describe('refresh-guard 0.1.0', () => {
  it('presents one refresh token twice in one process: a slow read of the store overwrites the fresh tokens', async () => {
    let stored: Credentials = { access_token: 'a0', refresh_token: 'r0', expires_at: 0 }
    let answerSlowRead: () => void = () => {}
    const slowRead = new Promise<void>((resolve) => {
      answerSlowRead = resolve
    })
    let reads = 0
    const presented: unknown[] = []
    const tokens = createTokenManager({
      store: {
        async get() {
          const seen = stored
          if (++reads === 2) await slowRead
          return seen
        },
        async set(next) {
          stored = next
        },
      },
      async refresh(previous) {
        presented.push(previous?.refresh_token)
        const n = presented.length
        return { access_token: `a${n}`, refresh_token: `r${n}`, expires_at: Date.now() + 3_600_000 }
      },
    })
    const [first, second] = [tokens.getValidToken(), tokens.getValidToken()]
    await first
    answerSlowRead()
    await second
    expect(presented).toEqual(['r0', 'r0'])
  })

  it('takes no rejected token: a late 401 can only force another refresh', async () => {
    const presented: unknown[] = []
    const tokens = createTokenManager({
      initial: { access_token: 'a0', refresh_token: 'r0', expires_at: Date.now() + 3_600_000 },
      async refresh(previous) {
        presented.push(previous?.refresh_token)
        const n = presented.length
        return { access_token: `a${n}`, refresh_token: `r${n}`, expires_at: Date.now() + 3_600_000 }
      },
    })
    await tokens.getValidToken()
    for (const _late of ['first 401 of a0', 'late 401 of a0']) {
      tokens.invalidate()
      await tokens.getValidToken()
    }
    expect(presented).toEqual(['r0', 'r1'])
  })

  it('loses saves that happen at the same time, since they share one temporary file name', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tokenflight-peer-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const store = fileStore(join(directory, 'credentials.json'))
    const saves = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => store.set({ access_token: `a${n}` })))
    expect(saves.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0)
  })
})
